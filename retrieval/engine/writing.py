"""What a command writes with: the model or own vectors, as the store asks for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from retrieval.encode.own import is_own
from retrieval.engine.encoding import DocumentEncoder
from retrieval.engine.own_vectors import OWN_NUMERICS, OWN_PASSAGES, read_vectors, refuse_new
from retrieval.engine.precision import refuse_other_class
from retrieval.errors import ModelMismatchError, UsageError
from retrieval.observer import Observer
from retrieval.records import PassageMode, PassageOptions
from retrieval.store.session import WriterSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.encode.protocol import Encoder
    from retrieval.records import Document
    from retrieval.store.manifest import Manifest
    from retrieval.store.precision_cost import PrecisionCost
    from retrieval.store.protocol import EncodeDocuments
    from retrieval.store.reader import Snapshot
    from retrieval.vectors import FloatRows

    GivenRows: TypeAlias = "str | os.PathLike[str] | NDArray[np.floating]"


@dataclass(frozen=True, slots=True)
class Writing:
    """How the documents of one call get their vectors.

    Attributes:
        settings: What the writer is opened with.
        encode: Gives documents their passages.
        renewed: Which documents are stored anew though their text be known; None for none.
        finish: Called when every document has its vectors, before the commit; gives what
            their precision costs, if that was measured.
        repeated: Passages so far that took the vector of an equal one.
        encode_queries: Gives query texts their vectors; None where no model is known.
    """

    settings: WriterSettings
    encode: EncodeDocuments
    renewed: Callable[[Sequence[Document], Snapshot | None], Sequence[bool]] | None
    finish: Callable[[], PrecisionCost | None]
    repeated: Callable[[], int] = lambda: 0
    encode_queries: Callable[[Sequence[str]], FloatRows] | None = None


def plan_writing(
    known: Manifest | None,
    *,
    open_encoder: Callable[[], tuple[Encoder, Callable[[], None]]],
    is_named: bool,
    vectors: GivenRows | None,
    passages: PassageOptions | None,
    where: Path,
    observer: Observer,
) -> Writing:
    """Decide where vectors come from.

    Args:
        known: What the index is already; None where there is none.
        open_encoder: Gives the encoder and what frees it; called if one is needed.
        is_named: Whether the caller named a model or gave an encoder.
        vectors: Vectors that come along, one row a document; None without.
        passages: How documents are cut; None for the index's own.
        where: The index, for messages.
        observer: Follows the work.

    Raises:
        InputError: The vectors cannot be read.
        ModelError, ModelMismatchError: The model cannot be had, or is another.
        UsageError: Own vectors for documents that are cut.
    """
    own = known is not None and is_own(known.model)
    if vectors is not None:
        refuse_other_class(known, OWN_NUMERICS.comparison_class, where)
        return _with_vectors(
            known,
            vectors,
            open_encoder if is_named or (known is not None and not own) else None,
            passages,
            observer,
        )
    options = passages or (known.passages if known is not None else PassageOptions())
    if known is not None and own and not is_named:
        settings = WriterSettings(model=known.model, passages=options, numerics=OWN_NUMERICS)
        return Writing(settings, refuse_new(str(where)), None, lambda: None)
    encoder, free = open_encoder()
    try:
        refuse_other_class(known, encoder.numerics.comparison_class, where)
    except ModelMismatchError:
        free()
        raise
    settings = WriterSettings(
        model=known.model if known is not None and own else encoder.identity,
        passages=options,
        numerics=encoder.numerics,
    )
    encode = DocumentEncoder(encoder, options, observer)

    def finish() -> PrecisionCost | None:
        try:
            return encode.cost()
        finally:
            free()

    return Writing(
        settings,
        encode,
        None,
        finish,
        repeated=lambda: encode.repeated,
        encode_queries=encoder.encode_queries,
    )


def _with_vectors(
    known: Manifest | None,
    vectors: GivenRows,
    open_encoder: Callable[[], tuple[Encoder, Callable[[], None]]] | None,
    passages: PassageOptions | None,
    observer: Observer,
) -> Writing:
    given = read_vectors(vectors)
    options = passages or (known.passages if known is not None else OWN_PASSAGES)
    if options.mode is not PassageMode.WHOLE:
        raise UsageError(
            "Vectors that come along are one row a document, and documents are cut into windows"
            " here.",
            fix="Use --passages whole, or an index that was built so.",
        )
    identity, free, encode_queries = given.identity, _nothing, None
    if open_encoder is not None:
        encoder, free = open_encoder()
        given.check_by(encoder)
        identity, encode_queries = encoder.identity, encoder.encode_queries
    if known is not None and is_own(known.model):
        identity = known.model if known.model.dim == identity.dim else given.identity

    def finish() -> None:
        given.finish()
        free()
        if given.scaled:
            observer.note(f"Vectors scaled to unit length: {given.scaled:,}.")

    settings = WriterSettings(model=identity, passages=options, numerics=OWN_NUMERICS)
    return Writing(settings, given, given.renewed, finish, encode_queries=encode_queries)


def _nothing() -> None:
    """Free nothing."""
