"""Opening a reranker by its name: registered, a folder, or from the hub."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from retrieval.encode.crossencoder_folder import RERANKER_WAYS
from retrieval.encode.loading import ANEW, Loading
from retrieval.encode.opening import find_or_export
from retrieval.encode.source import ModelSource, SourceKind, resolve_source
from retrieval.errors import ModelExportError, ModelNotFoundError
from retrieval.rerank.learned import read_blend
from retrieval.rerank.protocol import Reranker
from retrieval.rerank.registry import RERANKERS

_HUB_OWNER = "cross-encoder"
"""Whose a name on the hub is that names no owner."""


@dataclass(frozen=True, slots=True)
class OpenReranker:
    """A reranker, ready, with what was learned with it.

    Attributes:
        model: Scores pairs.
        weight: Its learned share in a blend; None if it has none.
        trained_on: Hashes of the judgments it was trained or validated on, as far as its folder
            says.
    """

    model: Reranker
    weight: float | None
    trained_on: frozenset[str] = frozenset()


def _silent(text: str) -> None:
    """Ignore a note."""


def open_reranker(
    model: str | os.PathLike[str],
    *,
    offline: bool = False,
    cache: Path | None = None,
    note: Callable[[str], None] = _silent,
    loading: Loading = ANEW,
) -> OpenReranker:
    """Open a reranker; the first time a model is met it is exported, which takes a while.

    Args:
        model: A registered name, the folder of a cross-encoder, or its name on the hub.
        offline: Never ask the hub; also with ``HF_HUB_OFFLINE`` set.
        cache: Folder for exported models; None for the usual one.
        note: Told, in a sentence each, what a person should know.
        loading: Loads the parts of the model.

    Returns:
        The reranker; close its model when done.

    Raises:
        ModelNotFoundError: No such model; the message says which three ways there are.
        NotARerankerError: The model is an encoder, or has two or more labels.
        ModelAlteredError: Its files are not as they should be.
        ModelExportError: It cannot be used; the message says why.
        FileSystemError: The cache cannot be written to.
    """
    name = os.fspath(model)
    factory = RERANKERS.find(name)
    if factory is not None:
        return OpenReranker(factory(), None)
    source = _source(name)
    try:
        place, exported = find_or_export(source, cache, offline=offline, note=note, loading=loading)
    except ModelNotFoundError as error:
        raise ModelNotFoundError(error.what, fix=RERANKER_WAYS) from error
    if exported.torch_reason:
        raise ModelExportError(
            f"The reranker {source.name} cannot be exported ({exported.torch_reason}).",
            fix=f"Use another one; or remove {place} to have it tried again.",
        )
    from retrieval.encode.onnx_crossencoder import OnnxCrossencoder

    learned = read_blend(source.folder or Path(exported.source.folder))
    model_ready = OnnxCrossencoder(exported, place, loading=loading)
    if learned is None:
        return OpenReranker(model_ready, None)
    return OpenReranker(model_ready, learned.weight, frozenset(learned.judgments))


def _source(name: str) -> ModelSource:
    try:
        asked = resolve_source(name)
    except ModelNotFoundError as error:
        raise ModelNotFoundError(
            f"There is no folder of a reranker {name!r}.", fix=RERANKER_WAYS
        ) from error
    if asked.kind is SourceKind.HUB:
        whole = name if "/" in name else f"{_HUB_OWNER}/{name}"
        return ModelSource(SourceKind.CROSSENCODER, whole, None)
    return ModelSource(SourceKind.CROSSENCODER, asked.name, asked.folder)
