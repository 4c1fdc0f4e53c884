"""Opening an encoder by its name: registered, bundled, a folder, or from the hub."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.encode.bundled import verify_bundled_model
from retrieval.encode.cache import cache_folder, preferred_cache
from retrieval.encode.exported import ExportedModel
from retrieval.encode.loading import ANEW, Loading
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.places import find_exported
from retrieval.encode.precision import Precision
from retrieval.encode.protocol import Encoder
from retrieval.encode.registry import ENCODERS
from retrieval.encode.source import ModelSource, resolve_source
from retrieval.errors import UsageError
from retrieval.fsops import LocalFiles

if TYPE_CHECKING:
    from retrieval.encode.devices import Devices

__all__ = ["open_encoder", "verify_bundled_model"]

_YES = frozenset({"1", "true", "yes", "on"})


def _silent(text: str) -> None:
    """Ignore a note."""


def open_encoder(
    model: str | None = None,
    *,
    offline: bool = False,
    cache: Path | None = None,
    precision: Precision = Precision.FP32,
    devices: Devices | None = None,
    note: Callable[[str], None] = _silent,
    loading: Loading = ANEW,
) -> Encoder:
    """Open an encoder; the first time a model is met it is exported, which takes a while.

    Args:
        model: None for the bundled model, else a registered name, the bundled model's
            name, a folder, or the name of a sentence-transformers model on the hub.
        offline: Never ask the hub; also with ``HF_HUB_OFFLINE`` set.
        cache: Folder for exported models; None for the usual one.
        precision: What passages are computed in; queries are single precision always.
        devices: Where passages are computed; None for one process on the processor.
        note: Told, in a sentence each, what a person should know: an export that takes
            time, an unusual cache folder, a model that runs through torch.
        loading: Loads the parts of the model.

    Returns:
        The encoder; close it when done.

    Raises:
        ModelNotFoundError: No such model; the message says which ways there are.
        ModelAlteredError: The model's bytes are not the expected ones.
        ModelExportError: The model cannot be used; the message says why.
        FileSystemError: The cache cannot be written to.
        UsageError: The model cannot be run in this precision, or there.
    """
    factory = ENCODERS.find(model) if model is not None else None
    if factory is not None:
        opened = factory()
        require_usual(opened.identity.name, precision, devices, own=opened.numerics.precision)
        return opened
    source = resolve_source(model)
    folder, exported = find_or_export(source, cache, offline=offline, note=note, loading=loading)
    if not exported.torch_reason:
        encoder = OnnxEncoder(exported, folder, loading=loading)
        if precision is Precision.FP32 and devices is None:
            return encoder
        from retrieval.encode.passage_opening import for_passages

        return for_passages(
            encoder,
            exported,
            folder,
            precision=precision,
            devices=devices,
            cache=cache,
            note=note,
        )
    require_usual(source.name, precision, devices, own=Precision.FP32)
    loading.before_slow("its model runs through torch")
    from retrieval.encode.torch_encoder import TorchEncoder

    note(
        f"The model {source.name} cannot be exported and runs through torch, which starts and"
        f" runs slower ({exported.torch_reason}). Remove {folder} to have it tried again."
    )
    return TorchEncoder(exported, folder)


def require_usual(name: str, precision: Precision, devices: Devices | None, *, own: str) -> None:
    """Refuse a precision or devices for what only runs in its own way.

    Args:
        name: What it is called.
        precision: What was asked for; single precision is what is asked for by default.
        devices: Where it was asked to run.
        own: The precision it has.

    Raises:
        UsageError: It has another precision, or other devices were asked for.
    """
    if precision not in {Precision.AUTO, Precision.FP32, own} or devices is not None:
        raise UsageError(
            f"{name} runs in its own way; a precision or devices can be chosen for exported"
            " models only.",
            fix="Leave out --precision and --devices.",
        )


def is_offline(*, asked_for: bool) -> bool:
    """Tell whether the hub may not be asked: by option, or by ``HF_HUB_OFFLINE``."""
    return asked_for or os.environ.get("HF_HUB_OFFLINE", "").lower() in _YES


def find_or_export(
    source: ModelSource,
    cache: Path | None,
    *,
    offline: bool,
    note: Callable[[str], None],
    loading: Loading = ANEW,
) -> tuple[Path, ExportedModel]:
    """Return a source's exported model, made now if need be, and its record.

    Raises:
        As ``open_encoder``.
    """
    files = LocalFiles()
    # a cache baked into a read-only image is as good as any, if the model is in it
    found = find_exported(files, cache or preferred_cache(os.environ), source)
    if found is not None:
        return found
    loading.before_slow("its model has to be exported first")
    if cache is None:
        cache, unusual = cache_folder(os.environ)
        if unusual is not None:
            note(unusual)
    from retrieval.encode.export import ensure_exported

    return ensure_exported(
        source, cache, files=files, note=note, offline=is_offline(asked_for=offline)
    )
