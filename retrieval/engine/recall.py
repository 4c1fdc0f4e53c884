"""What a person says of recall, for the index that is built and for how it is built."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import UsageError
from retrieval.observer import Observer
from retrieval.store.recall_entry import RecallOptions, recall_of

if TYPE_CHECKING:
    from retrieval.engine.writing import Writing
    from retrieval.store.building import Building
    from retrieval.store.manifest import Manifest
    from retrieval.vectors import FloatRows

_NO_QUERIES = "none"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)(i?)B?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def bytes_of(given: int | str) -> int:
    """Return a size in bytes: a number, or a text such as ``8GB`` or ``512 MiB``.

    Raises:
        UsageError: It is no size, or none at all.
    """
    found = _SIZE.fullmatch(str(given).strip())
    size = 0
    if found is not None:
        size = int(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2].lower()])
    if size < 1:
        raise UsageError(f"{given!r} is no size of memory.", fix="Write for instance 8GB.")
    return size


def recall_options(
    known: Manifest | None, recall: float | str | None, memory: int | str | None
) -> RecallOptions | None:
    """Return what approximate indexes are built for; None where nothing was said.

    Args:
        known: What the index is already; None where there is none.
        recall: The share of the nearest to be found, or ``exact``; None for what the index says.
        memory: What an approximate index may take; None for what the index says.

    Raises:
        UsageError: One of them has no meaning.
    """
    if recall is None and memory is None:
        return None
    options = RecallOptions()
    if known is not None and known.recall is not None:
        options = known.recall.options
    target = recall_of(recall)
    if target is not None:
        options = replace(options, target=target)
    return options if memory is None else replace(options, memory_bytes=bytes_of(memory))


def building_for(
    observer: Observer,
    *,
    queries: str | os.PathLike[str] | None = None,
    writing: Writing | None = None,
) -> Callable[[], Building]:
    """Return how a writer is to build approximate indexes.

    Args:
        observer: Follows it.
        queries: A file of real queries to tune and measure with from now on, or ``none`` to
            forget those given before; None for these.
        writing: Gives the model that they are encoded with.

    Raises:
        UsageError: There are queries and no model for them.
        InputError: The file cannot be read.
    """
    rows = None if queries is None or writing is None else _encoded(queries, writing)

    def building() -> Building:
        from retrieval.store.building import Building

        return Building(observer=observer, queries=rows)

    return building


def _encoded(queries: str | os.PathLike[str], writing: Writing) -> FloatRows:
    import numpy as np

    from retrieval.query.batch import read_queries

    if queries == _NO_QUERIES:
        return np.empty((0, 0), dtype=np.float32)
    texts = [one.text for one in read_queries(Path(queries))]
    if writing.encode_queries is None:
        raise UsageError(
            f"The queries in {os.fspath(queries)} need the model that the vectors were made with.",
            fix="Name it with --model, or leave --recall-queries out.",
        )
    return writing.encode_queries(texts)
