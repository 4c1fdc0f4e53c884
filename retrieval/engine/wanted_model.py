"""Which encoder an index is used with: its own by name, another, or one that is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from retrieval.encode.precision import Precision
from retrieval.errors import ModelMismatchError, UsageError
from retrieval.observer import SILENT, Observer

if TYPE_CHECKING:
    from retrieval.encode.callable_encoder import EncodeTexts
    from retrieval.encode.devices import Devices
    from retrieval.encode.loading import Loading
    from retrieval.encode.protocol import Encoder
    from retrieval.records import ModelIdentity

    GivenEncoder: TypeAlias = "Encoder | EncodeTexts"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedModel:
    """What a caller said of the model.

    Attributes:
        model: Bi-encoder by name or folder; None for the index's own, else the bundled.
        encoder: An encoder, or a function from texts to vectors, in its stead.
        encoder_name: What such a function is called; its own name by default.
        offline: Never ask a model hub.
        observer: Told of slow work.
        precision: What passages are computed in; queries are single precision always.
        devices: Where passages are computed; None for one process on the processor.
        loading: Loads the parts of models; None for anew each time.

    Raises:
        UsageError: Both a model and an encoder, or a name without an encoder.
    """

    model: str | None = None
    encoder: GivenEncoder | None = None
    encoder_name: str | None = None
    offline: bool = False
    observer: Observer = SILENT
    precision: Precision = Precision.FP32
    devices: Devices | None = None
    loading: Loading | None = None

    def __post_init__(self) -> None:
        if self.encoder is not None and self.model is not None:
            raise UsageError("Both a model and an encoder were given.", fix="Give one of them.")
        if self.encoder_name is not None and self.encoder is None:
            raise UsageError("encoder_name names an encoder, and none was given.")

    @property
    def is_named(self) -> bool:
        """Whether the caller named any."""
        return self.model is not None or self.encoder is not None


def can_open(known: ModelIdentity, wanted: WantedModel) -> bool:
    """Tell whether there is a model to open: not for own vectors and functions by themselves."""
    from retrieval.encode.callable_encoder import CALLABLE_POOLING
    from retrieval.encode.own import is_own

    return wanted.is_named or not (is_own(known) or known.pooling == CALLABLE_POOLING)


def open_model(
    known: ModelIdentity | None, wanted: WantedModel, *, where: Path
) -> tuple[Encoder, Callable[[], None]]:
    """Open the encoder that an index is used with.

    Args:
        known: The model the index was built with; None where there is no index yet.
        wanted: What the caller said.
        where: The index, for messages.

    Returns:
        The encoder, and what frees its memory; one that was given stays the caller's.

    Raises:
        ModelError: It cannot be had.
        ModelMismatchError: It makes other vectors than the index has.
        UsageError: The index's vectors were made by no model that a name could open, or it
            cannot be run as wanted.
    """
    from retrieval.encode.callable_encoder import CALLABLE_POOLING, as_encoder
    from retrieval.encode.loading import ANEW
    from retrieval.encode.opening import open_encoder, require_usual
    from retrieval.encode.own import is_own

    if known is not None and not wanted.is_named:
        if is_own(known):
            raise UsageError(
                f"{where} holds vectors of its own, made by no model it knows: a text cannot be"
                " turned into one.",
                fix="Name the model that made them (--model), ask with a vector (--query-vector),"
                " or by words (--mode lexical).",
            )
        if known.pooling == CALLABLE_POOLING:
            raise UsageError(
                f"{where} was built with a Python function, {known.name!r}, which no name can"
                " open.",
                fix="Give it: retrieval.open(path, encoder=function, encoder_name="
                f"{known.name!r}); words are searched without it (--mode lexical).",
            )
    if wanted.encoder is not None:
        name = wanted.encoder_name
        if name is None and known is not None and known.pooling == CALLABLE_POOLING:
            name = known.name
        encoder, free = as_encoder(wanted.encoder, name), _keep
        own = encoder.numerics.precision
        require_usual(encoder.identity.name, wanted.precision, wanted.devices, own=own)
    else:
        named = wanted.model or (known.name if known is not None else None)
        encoder = open_encoder(
            named,
            offline=wanted.offline,
            precision=wanted.precision,
            devices=wanted.devices,
            note=wanted.observer.note,
            loading=wanted.loading or ANEW,
        )
        free = encoder.close
    if known is not None:
        try:
            refuse_other(known, encoder.identity, where)
        except ModelMismatchError:
            free()
            raise
    return encoder, free


def refuse_other(known: ModelIdentity, given: ModelIdentity, where: Path) -> None:
    """Refuse a model that makes other vectors than an index has.

    Own vectors are taken to be those of any model of their dimension that is named.

    Raises:
        ModelMismatchError: It does.
    """
    from retrieval.encode.own import is_own

    if is_own(known):
        if known.dim != given.dim:
            raise ModelMismatchError(
                f"{where} has vectors of {known.dim} numbers; {given.name} makes {given.dim}.",
                fix="Name the model that made them.",
            )
        return
    if given.fingerprint != known.fingerprint:
        raise ModelMismatchError(
            f"{where} was built with {known.name} ({known.fingerprint});"
            f" {given.name} ({given.fingerprint}) makes other vectors.",
            fix=f"Use --model {known.name}, or index the texts anew with --index NAME.",
        )


def _keep() -> None:
    """Leave what the caller gave to the caller."""
