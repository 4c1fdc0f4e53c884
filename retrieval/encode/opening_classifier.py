"""Opening a classifier by its name: a folder, or a model from the hub."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.classifier_folder import read_classifier_folder
from retrieval.encode.opening import find_or_export, is_offline
from retrieval.encode.source import ModelSource, SourceKind, resolve_source
from retrieval.records import ModelIdentity


class Classifier(Protocol):
    """A model that gives each text a probability for each of its classes."""

    identity: ModelIdentity
    labels: tuple[str, ...]
    runtime: str

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return float64 (texts, classes) in the order of ``labels``; each row sums to 1."""
        ...


def _silent(text: str) -> None:
    """Ignore a note."""


def open_classifier(
    model: str | os.PathLike[str],
    *,
    offline: bool = False,
    cache: Path | None = None,
    note: Callable[[str], None] = _silent,
) -> Classifier:
    """Open a classifier; the first time it is met it is exported, which takes a while.

    Args:
        model: A folder, or the name of a sequence classifier on the hub.
        offline: Never ask the hub; also with ``HF_HUB_OFFLINE`` set.
        cache: Folder for exported models; None for the usual one.
        note: Told, in a sentence each, what a person should know.

    Raises:
        ModelNotFoundError: No such model.
        NotAClassifierError: The model is something else.
        ModelAlteredError: Its files are not as they should be.
        ModelExportError: It cannot be used; the message says why.
        FileSystemError: The cache cannot be written to.
    """
    asked = resolve_source(os.fspath(model))
    folder = asked.folder
    if folder is None:
        from retrieval.encode.hub import snapshot

        folder = snapshot(asked.name, offline=is_offline(asked_for=offline))
    found = read_classifier_folder(folder, asked.name)
    source = ModelSource(SourceKind.CLASSIFIER, asked.name, folder)
    place, exported = find_or_export(source, cache, offline=offline, note=note)
    if not exported.torch_reason:
        from retrieval.encode.onnx_classifier import OnnxClassifier

        return OnnxClassifier(exported, place, found.labels)
    from retrieval.encode.torch_classifier import TorchClassifier

    note(
        f"The classifier {source.name} cannot be exported and runs through torch, which starts"
        f" and runs slower ({exported.torch_reason}). Remove {place} to have it tried again."
    )
    return TorchClassifier(exported, found)
