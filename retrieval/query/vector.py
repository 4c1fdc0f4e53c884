"""Queries that are vectors already, as the first stage or beside a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.errors import InputError, UsageError
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.scored import ScoredRanking
from retrieval.store.reader import Snapshot
from retrieval.vectors import FloatRows, unit_rows

if TYPE_CHECKING:
    from retrieval.query.asked import Asked
    from retrieval.store.selection import Selection


class QueryEncoder(Protocol):
    """The part of an encoder that a query needs."""

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Return float32 (n, dim), unit rows; see ``Encoder``."""
        ...


class GivenQueries:
    """Stands in for an encoder where the vectors of the queries are known.

    Args:
        rows: float32 (n, dim), unit rows, one a query.
    """

    def __init__(self, rows: FloatRows) -> None:
        self._rows = rows

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Return the rows; there is one for each text."""
        return self._rows[: len(texts)]


class VectorStage:
    """Several vectors, searched in one batch.

    Args:
        rows: float32 (n, dim), unit rows.
        query_ids: Ids of the vectors; None numbers them from 1.

    Raises:
        UsageError: Another number of ids than of vectors.
    """

    def __init__(self, rows: FloatRows, *, query_ids: Sequence[str] | None = None) -> None:
        ids = [str(number) for number in range(1, len(rows) + 1)]
        if query_ids is not None:
            ids = list(query_ids)
        if len(ids) != len(rows):
            raise UsageError(f"{len(rows)} vectors came with {len(ids)} ids; one each is needed.")
        self.questions = [Question(query_id=one, query="", kind=QueryKind.VECTOR) for one in ids]
        self._rows = rows

    def rank(
        self, snapshot: Snapshot, k: int, *, allowed: Selection | None = None
    ) -> list[ScoredRanking]:
        """Rank documents by the cosine of their best passage; see ``FirstStage.rank``."""
        if not len(self._rows):
            return []
        found = snapshot.search_vectors(self._rows, k, allowed=allowed)
        return [ScoredRanking(one, {"dense": one.scores}) for one in found]

    def rank_passages(
        self,
        snapshot: Snapshot,
        k: int,
        *,
        max_per_doc: int | None = None,
        allowed: Selection | None = None,
    ) -> list[ScoredRanking]:
        """Rank passages by their cosine; see ``FirstStage.rank_passages``."""
        from retrieval.query.passages import PassageRanker

        rows = snapshot.rows_allowed(allowed)
        ranker = PassageRanker(snapshot, max_per_doc=max_per_doc, allowed=rows)
        return ranker.nearest(self._rows, k)

    def asked(self) -> list[Asked]:
        """Return the vectors; see ``FirstStage.asked``."""
        from retrieval.query.asked import Asked

        return [Asked(row=row) for row in self._rows]


def query_rows(vectors: ArrayLike, dim: int) -> FloatRows:
    """Return vectors to search with as unit rows.

    Args:
        vectors: Numbers (dim,) or (n, dim).
        dim: Length of the index's vectors.

    Returns:
        float32 (n, dim), unit rows.

    Raises:
        UsageError: They have another shape, or one is zero or not finite.
    """
    try:
        rows = np.asarray(vectors, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError("A query vector has to be numbers.") from None
    if rows.ndim == 1:
        rows = rows[np.newaxis]
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise UsageError(
            f"The query vector has shape {np.shape(vectors)}; this index has vectors of {dim}"
            " numbers.",
            fix=f"Give {dim} numbers, made by the model that made the index's.",
        )
    if not (np.isfinite(rows).all() and (rows != 0.0).any(axis=1).all()):
        raise UsageError("A query vector is zero or not finite, so nothing is near it.")
    return unit_rows(rows)


def read_query_vectors(path: Path) -> NDArray[np.floating]:
    """Read vectors to ask with from a file ``.npy``.

    Raises:
        InputError: It is missing, or no array of numbers.
    """
    try:
        rows = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(
            f"{path} cannot be read as vectors ({reason}).", fix="Write it with numpy.save."
        ) from error
    if not isinstance(rows, np.ndarray) or rows.dtype.kind not in "fiu":
        raise InputError(f"{path} holds no numbers.", fix="Write it with numpy.save.")
    return rows
