"""The use case of opening an index that is there."""

from __future__ import annotations

import os

from retrieval.engine.finding import DEFAULT_HOME, index_path
from retrieval.engine.index import Index
from retrieval.engine.observer import SILENT, Observer


def open_index(
    path: str | os.PathLike[str],
    *,
    model: str | None = None,
    offline: bool = False,
    observer: Observer = SILENT,
) -> Index:
    """Open an index for searching and writing.

    Args:
        path: Its folder, or its name under ``./indexes``.
        model: Bi-encoder by name or folder; None for the one it was built with.
        offline: Never ask a model hub.
        observer: Follows slow work.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
        DamagedIndexError: A part of it is damaged or missing.
    """
    folder = index_path(path, DEFAULT_HOME)
    return Index(folder, model=model, offline=offline, observer=observer)
