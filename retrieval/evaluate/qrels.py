"""Judgments: which documents are how relevant to which query."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.errors import InputError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Qrels:
    """Graded judgments of several queries, as columns.

    A query stays one of the judged queries whether or not a document is relevant to
    it. A grade below 0 marks a document outside the pool: it counts as unjudged, as it
    does for trec_eval.

    Attributes:
        query_ids: The judged queries, in the order given.
        starts: int64 (n_queries + 1,), the first judgment of each query, and the end.
        doc_ids: The document of each judgment, those of a query next to each other.
        grades: int64 (n_judgments,); higher is more relevant.

    Raises:
        InputError: A query comes twice, or a document twice within a query.
        UsageError: The columns do not fit each other.
    """

    query_ids: tuple[str, ...]
    starts: NDArray[np.int64]
    doc_ids: tuple[str, ...]
    grades: NDArray[np.int64]
    _ordinals: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = np.array(self.starts, dtype=np.int64)
        grades = np.array(self.grades, dtype=np.int64)
        count = len(self.doc_ids)
        if (
            starts.shape != (len(self.query_ids) + 1,)
            or grades.shape != (count,)
            or starts[0] != 0
            or starts[-1] != count
            or (np.diff(starts) < 0).any()
        ):
            raise UsageError(
                f"The columns of the judgments do not fit each other: {len(self.query_ids)}"
                f" queries, {starts.size} starts, {count} documents, {grades.size} grades."
            )
        ordinals = {query_id: at for at, query_id in enumerate(self.query_ids)}
        if len(ordinals) < len(self.query_ids):
            twice = next(q for at, q in enumerate(self.query_ids) if ordinals[q] != at)
            raise InputError(f"Query {twice!r} comes twice in the judgments; its rows must be one.")
        for query_id, start, end in zip(self.query_ids, starts, starts[1:], strict=False):
            documents = self.doc_ids[start:end]
            if len(set(documents)) < len(documents):
                twice = next(one for one in documents if documents.count(one) > 1)
                raise InputError(f"Query {query_id!r} has two judgments of document {twice!r}.")
        starts.setflags(write=False)
        grades.setflags(write=False)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "grades", grades)
        object.__setattr__(self, "_ordinals", ordinals)

    @classmethod
    def from_mapping(cls, judgments: Mapping[str, Mapping[str, int]]) -> Self:
        """Take judgments as query id to document id to grade.

        Args:
            judgments: A query without documents is a judged query all the same.

        Raises:
            InputError: A grade is not a whole number.
        """
        grades = [
            _whole(query_id, doc_id, grade)
            for query_id, documents in judgments.items()
            for doc_id, grade in documents.items()
        ]
        sizes = [len(documents) for documents in judgments.values()]
        return cls(
            query_ids=tuple(judgments),
            starts=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
            doc_ids=tuple(doc_id for documents in judgments.values() for doc_id in documents),
            grades=np.array(grades, dtype=np.int64),
        )

    def to_mapping(self) -> dict[str, dict[str, int]]:
        """Return the judgments as query id to document id to grade."""
        return {query_id: dict(self.grades_of(query_id)) for query_id in self.query_ids}

    def __len__(self) -> int:
        return len(self.doc_ids)

    def grades_of(self, query_id: str) -> Mapping[str, int]:
        """Return the judgments of one query, as document id to grade.

        Raises:
            UsageError: The query is not judged.
        """
        at = self._ordinals.get(query_id)
        if at is None:
            raise UsageError(f"Query {query_id!r} is not among the {len(self.query_ids)} judged.")
        start, end = self.starts[at], self.starts[at + 1]
        return dict(zip(self.doc_ids[start:end], self.grades[start:end].tolist(), strict=True))

    def without(self, query_ids: Collection[str]) -> Self:
        """Return the judgments of all other queries; ids that are not judged are passed over."""
        out = set(query_ids)
        return self._of([one not in out for one in self.query_ids])

    def select(self, query_ids: Collection[str]) -> Self:
        """Return the judgments of these queries alone, in the order of this object.

        Raises:
            UsageError: One of them is not judged.
        """
        wanted = set(query_ids)
        unknown = sorted(wanted - set(self.query_ids))
        if unknown:
            raise UsageError(
                f"{len(unknown)} of {len(wanted)} queries are not judged: {', '.join(unknown[:5])}."
            )
        return self._of([one in wanted for one in self.query_ids])

    def _of(self, kept: list[bool]) -> Self:
        queries = np.flatnonzero(np.array(kept, dtype=bool))
        rows = np.flatnonzero(np.array(kept, dtype=bool)[self.owners()])
        sizes = np.diff(self.starts)[queries]
        return type(self)(
            query_ids=tuple(self.query_ids[at] for at in queries),
            starts=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
            doc_ids=tuple(self.doc_ids[at] for at in rows),
            grades=self.grades[rows],
        )

    def owners(self) -> NDArray[np.int64]:
        """Return the query of each judgment: int64 (n_judgments,), ordinals."""
        return np.repeat(np.arange(len(self.query_ids)), np.diff(self.starts))

    def relevant_counts(self, rel: int = 1) -> NDArray[np.int64]:
        """Count each query's documents of at least this grade.

        Args:
            rel: The grade from which a document is relevant; 0 counts all judged ones.

        Returns:
            int64 (n_queries,).
        """
        owners = self.owners()[self.grades >= rel]
        return np.bincount(owners, minlength=len(self.query_ids)).astype(np.int64)

    @property
    def digest(self) -> str:
        """The sha256, in hex, of the sorted judgments: equal whatever their order."""
        rows = sorted(
            zip(
                (self.query_ids[at] for at in self.owners()),
                self.doc_ids,
                self.grades.tolist(),
                strict=True,
            )
        )
        return hashlib.sha256(orjson.dumps([sorted(self.query_ids), rows])).hexdigest()


def _whole(query_id: str, doc_id: str, grade: object) -> int:
    try:
        if isinstance(grade, bool):
            raise TypeError
        return operator.index(grade)  # type: ignore[arg-type]
    except TypeError as error:
        raise InputError(
            f"The grade of document {doc_id!r} for query {query_id!r} is {grade!r};"
            " a whole number was expected."
        ) from error
