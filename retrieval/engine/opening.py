"""The use case of opening an index that is there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from retrieval.engine.finding import DEFAULT_HOME, index_path
from retrieval.engine.index import Index
from retrieval.engine.wanted_model import WantedModel
from retrieval.observer import SILENT, Observer
from retrieval.store.reach import Reach
from retrieval.store.recall_entry import recall_of

if TYPE_CHECKING:
    from retrieval.engine.wanted_model import GivenEncoder


def open_index(
    path: str | os.PathLike[str],
    *,
    model: str | None = None,
    encoder: GivenEncoder | None = None,
    encoder_name: str | None = None,
    offline: bool = False,
    recall: float | str | None = None,
    once: bool = False,
    observer: Observer = SILENT,
) -> Index:
    """Open an index for searching and writing.

    Args:
        path: Its folder, or its name under ``./indexes``.
        model: Bi-encoder by name or folder; None for the one it was built with.
        encoder: An encoder, or a function from a list of texts to vectors, in its stead.
        encoder_name: What such a function is called; by default as the index says.
        offline: Never ask a model hub.
        recall: The share of the nearest vectors that searches find at least, unless they say so
            themselves: above 0 and at most 1, or ``exact``; None for what the index promises.
        once: Whether it is closed after one search or batch: where that asks little, to search
            exactly costs less than to open an approximate index.
        observer: Follows slow work.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
        DamagedIndexError: A part of it is damaged or missing.
        UsageError: The recall has no meaning.
    """
    folder = index_path(path, DEFAULT_HOME)
    wanted = WantedModel(
        model=model,
        encoder=encoder,
        encoder_name=encoder_name,
        offline=offline,
        observer=observer,
    )
    return Index(folder, wanted, reach=Reach(least=recall_of(recall)), once=once)
