"""Documents as rows of vectors: what a concept is fitted on and ranks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.vectors import FloatRows, exact_scores


class Unit(StrEnum):
    """What of a document is looked at."""

    DOCUMENT = "document"
    """The mean of its passages, at unit length."""
    PASSAGE = "passage"
    """Every passage; a document scores as its best one, which favours long documents."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DocumentRows:
    """Documents, each with one row or several.

    Attributes:
        rows: float32 (rows, dim).
        starts: int64 (documents + 1,), the first row of each document, then the number of
            rows; every document has one at least.
    """

    rows: FloatRows
    starts: NDArray[np.int64]

    @classmethod
    def of_means(cls, means: FloatRows) -> Self:
        """Return documents of one row each."""
        return cls(rows=means, starts=np.arange(len(means) + 1, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def owners(self) -> NDArray[np.int64]:
        """The document of each row: int64 (rows,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))

    def take(self, chosen: NDArray[np.int64]) -> DocumentRows:
        """Return some of the documents, in the order given."""
        sizes = np.diff(self.starts)[chosen]
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        within = np.arange(starts[-1], dtype=np.int64) - np.repeat(starts[:-1], sizes)
        return DocumentRows(
            rows=self.rows[np.repeat(self.starts[:-1][chosen], sizes) + within], starts=starts
        )

    def scores(self, direction: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return each document's best inner product with a direction: float64 (documents,)."""
        return self._best((self.rows @ direction).astype(np.float64))

    def scores_of_many(self, directions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return best inner products with several directions, reading the rows once.

        Args:
            directions: float32 (n, dim).

        Returns:
            float32 (documents, n).
        """
        found: NDArray[np.float32] = self.rows @ directions.T
        if len(found) == len(self):
            return found
        best: NDArray[np.float32] = np.maximum.reduceat(found, self.starts[:-1], axis=0)
        return best

    def exact_scores(self, direction: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the same to the last bit whatever other documents there are; slower."""
        return self._best(exact_scores(self.rows, direction))

    def _best(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        if len(found) == len(self):
            return found
        best: NDArray[np.float64] = np.maximum.reduceat(found, self.starts[:-1])
        return best
