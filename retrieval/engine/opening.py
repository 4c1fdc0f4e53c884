"""The use case of opening an index that is there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from retrieval.engine.finding import DEFAULT_HOME, index_path
from retrieval.engine.index import Index
from retrieval.engine.observer import SILENT, Observer
from retrieval.engine.wanted_model import WantedModel

if TYPE_CHECKING:
    from retrieval.engine.wanted_model import GivenEncoder


def open_index(
    path: str | os.PathLike[str],
    *,
    model: str | None = None,
    encoder: GivenEncoder | None = None,
    encoder_name: str | None = None,
    offline: bool = False,
    observer: Observer = SILENT,
) -> Index:
    """Open an index for searching and writing.

    Args:
        path: Its folder, or its name under ``./indexes``.
        model: Bi-encoder by name or folder; None for the one it was built with.
        encoder: An encoder, or a function from a list of texts to vectors, in its stead.
        encoder_name: What such a function is called; by default as the index says.
        offline: Never ask a model hub.
        observer: Follows slow work.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
        DamagedIndexError: A part of it is damaged or missing.
    """
    folder = index_path(path, DEFAULT_HOME)
    wanted = WantedModel(
        model=model,
        encoder=encoder,
        encoder_name=encoder_name,
        offline=offline,
        observer=observer,
    )
    return Index(folder, wanted)
