"""A run: the ranking that one system gave for each query."""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise, repeat
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.errors import InputError, UsageError

_LOOKUPS_WORTH_A_PASS = 8
"""One pass over a table of n documents costs about as much as n / 8 binary searches."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """Scored hits of several queries, as columns; the given order is not trusted.

    Whatever order the columns come in, the hits of a query are kept by score
    descending, then document id ascending. A run without hits, or with queries that
    have none, is a run: those queries score the default.

    Attributes:
        name: Name of the system.
        query_ids: The queries answered, in the order given.
        starts: int64 (n_queries + 1,), the first hit of each query, and the end.
        doc_table: Document ids, ascending; hits refer to them by position.
        doc_codes: int32 or int64 (n_hits,), positions in ``doc_table``.
        scores: float64 (n_hits,), finite; higher is better.

    Raises:
        InputError: A score is not finite, or a document is found twice by a query.
        UsageError: The columns do not fit each other.
    """

    name: str
    query_ids: tuple[str, ...]
    starts: NDArray[np.int64]
    doc_table: tuple[str, ...]
    doc_codes: NDArray[np.integer]
    scores: NDArray[np.float64]
    _ordinals: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = np.array(self.starts, dtype=np.int64)
        codes = np.array(self.doc_codes, dtype=np.int64)
        scores = np.array(self.scores, dtype=np.float64)
        ordinals = {query_id: at for at, query_id in enumerate(self.query_ids)}
        self._check_shapes(starts, codes, scores, ordinals)
        table, codes = _ascending(tuple(self.doc_table), codes)
        owners = np.repeat(np.arange(len(self.query_ids)), np.diff(starts))
        bad = np.flatnonzero(~np.isfinite(scores))
        if len(bad):
            at = bad[0]
            raise InputError(
                f"Query {self.query_ids[owners[at]]!r} has the score {scores[at]} for document"
                f" {table[codes[at]]!r}; scores must be finite numbers."
            )
        keys = np.sort(owners * max(len(table), 1) + codes)
        again = np.flatnonzero(keys[1:] == keys[:-1])
        if len(again):
            owner, code = divmod(int(keys[again[0]]), len(table))
            raise InputError(
                f"Query {self.query_ids[owner]!r} finds document {table[code]!r} twice"
                f" ({len(again)} such hits in all); a document is one hit of a query."
            )
        _order(starts, owners, codes, scores)
        small = codes.astype(np.int32) if len(table) < 2**31 else codes
        columns = {"starts": starts, "doc_codes": small, "scores": scores}
        for name, column in columns.items():
            column.setflags(write=False)
            object.__setattr__(self, name, column)
        object.__setattr__(self, "doc_table", table)
        object.__setattr__(self, "_ordinals", ordinals)

    def _check_shapes(
        self,
        starts: NDArray[np.int64],
        codes: NDArray[np.int64],
        scores: NDArray[np.float64],
        ordinals: dict[str, int],
    ) -> None:
        if (
            starts.shape != (len(self.query_ids) + 1,)
            or codes.ndim != 1
            or codes.shape != scores.shape
            or starts[0] != 0
            or starts[-1] != len(codes)
            or (np.diff(starts) < 0).any()
        ):
            raise UsageError(
                f"The columns of run {self.name!r} do not fit each other:"
                f" {len(self.query_ids)} queries, {starts.size} starts, {codes.size} document"
                f" codes, {scores.size} scores."
            )
        if len(codes) and not 0 <= codes.min() <= codes.max() < len(self.doc_table):
            raise UsageError(
                f"The document codes of run {self.name!r} go from {codes.min()} to"
                f" {codes.max()}; its table has {len(self.doc_table)} documents."
            )
        if len(ordinals) < len(self.query_ids):
            twice = next(q for at, q in enumerate(self.query_ids) if ordinals[q] != at)
            raise InputError(f"Query {twice!r} comes twice in run {self.name!r}.")

    @classmethod
    def from_mapping(cls, name: str, scores: Mapping[str, Mapping[str, float]]) -> Self:
        """Take a run as query id to document id to score.

        Args:
            name: Name of the system.
            scores: Higher is better; a query may have no hits.

        Raises:
            InputError: A score is not a finite number.
        """
        table = tuple(sorted({doc_id for hits in scores.values() for doc_id in hits}))
        code_of = dict(zip(table, range(len(table)), strict=True))
        flat = [score for hits in scores.values() for score in hits.values()]
        try:
            column = np.array(flat, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"A score of run {name!r} is not a number: {error}.") from error
        return cls.from_columns(
            name,
            tuple(scores),
            np.concatenate(([0], np.cumsum([len(hits) for hits in scores.values()]))),
            table,
            np.array([code_of[one] for hits in scores.values() for one in hits], dtype=np.int64),
            column,
        )

    @classmethod
    def from_columns(  # noqa: PLR0917 - the columns of one table
        cls,
        name: str,
        query_ids: Sequence[str],
        starts: ArrayLike,
        doc_table: Sequence[str],
        doc_codes: ArrayLike,
        scores: ArrayLike,
    ) -> Self:
        """Take a run as columns: fast when the table is ascending and the hits in order.

        Args:
            name: Name of the system.
            query_ids: Each once.
            starts: Integers (n_queries + 1,), the first hit of each query, and the end.
            doc_table: Document ids, each once; more than are found, if that is easier.
            doc_codes: Integers (n_hits,), positions in ``doc_table``.
            scores: Floating (n_hits,).

        Raises:
            InputError: A score is not finite, or a document is found twice by a query.
            UsageError: The columns do not fit each other.
        """
        return cls(
            name=name,
            query_ids=tuple(query_ids),
            starts=np.asarray(starts, dtype=np.int64),
            doc_table=tuple(doc_table),
            doc_codes=np.asarray(doc_codes, dtype=np.int64),
            scores=np.asarray(scores, dtype=np.float64),
        )

    def __len__(self) -> int:
        return len(self.doc_codes)

    def span(self, query_id: str) -> tuple[int, int]:
        """Return where the hits of a query begin and end; (0, 0) if it has none."""
        at = self._ordinals.get(query_id)
        return (0, 0) if at is None else (int(self.starts[at]), int(self.starts[at + 1]))

    def ranking(self, query_id: str) -> list[tuple[str, float]]:
        """Return the hits of a query as (document id, score), best first; none is []."""
        start, end = self.span(query_id)
        documents = (self.doc_table[code] for code in self.doc_codes[start:end])
        return list(zip(documents, self.scores[start:end].tolist(), strict=True))

    def codes_of(self, doc_ids: Sequence[str]) -> NDArray[np.int64]:
        """Return the position of each document in ``doc_table``.

        Returns:
            int64 (n,), -1 for a document the table lacks.
        """
        table = self.doc_table
        if len(doc_ids) * _LOOKUPS_WORTH_A_PASS < len(table):
            places = (bisect_left(table, one) for one in doc_ids)
            found = [
                at if at < len(table) and table[at] == one else -1
                for at, one in zip(places, doc_ids, strict=True)
            ]
            return np.array(found, dtype=np.int64)
        number_of = dict(zip(reversed(doc_ids), range(len(doc_ids) - 1, -1, -1), strict=True))
        number = np.fromiter(map(number_of.get, table, repeat(-1)), np.int64, len(table))
        hit = np.flatnonzero(number >= 0)
        code_of = np.full(len(doc_ids), -1, dtype=np.int64)
        code_of[number[hit]] = hit
        return code_of[np.fromiter(map(number_of.__getitem__, doc_ids), np.int64, len(doc_ids))]


def _ascending(
    table: tuple[str, ...], codes: NDArray[np.int64]
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Sort a table of ids, so that the order of codes is the order of ids."""
    if all(map(operator.lt, table, islice(table, 1, None))):
        return table, codes
    order = sorted(range(len(table)), key=table.__getitem__)
    ordered = tuple(table[at] for at in order)
    if not all(map(operator.lt, ordered, islice(ordered, 1, None))):
        twice = next(a for a, b in pairwise(ordered) if a == b)
        raise UsageError(f"The table of documents names {twice!r} twice.")
    place = np.empty(len(table), dtype=np.int64)
    place[order] = np.arange(len(table))
    return ordered, place[codes]


def _order(
    starts: NDArray[np.int64],
    owners: NDArray[np.int64],
    codes: NDArray[np.int64],
    scores: NDArray[np.float64],
) -> None:
    """Sort the hits within each query, in place, by score descending, then code."""
    above, below = scores[:-1], scores[1:]
    wrong = (above < below) | ((above == below) & (codes[:-1] > codes[1:]))
    wrong &= owners[:-1] == owners[1:]
    for owner in np.unique(owners[:-1][wrong]):
        span = slice(starts[owner], starts[owner + 1])
        order = np.lexsort((codes[span], -scores[span]))
        codes[span] = codes[span][order]
        scores[span] = scores[span][order]
