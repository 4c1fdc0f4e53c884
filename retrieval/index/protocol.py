"""What a vector index is: the nearest rows of one array, ids being row numbers."""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from retrieval.vectors import Bitmap, FloatRows


class Neighbours(NamedTuple):
    """The nearest rows of one query, by score descending, then row ascending.

    Attributes:
        rows: int64 (m,), m <= k; m < k only when fewer rows are allowed.
        scores: float64 (m,), exact inner products (``vectors.exact_scores``).
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]


class RowSearch(Protocol):
    """What answers a search: the part of an index that a ranking needs."""

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def search(
        self, queries: FloatRows, k: int, *, allowed: Bitmap | None = None
    ) -> list[Neighbours]:
        """Find the k best allowed rows of each query.

        Args:
            queries: float32 (n_queries, dim).
            k: At least 1; more than there are rows gives all of them.
            allowed: bool (n,), None for every row.

        Returns:
            One ``Neighbours`` a query. The bits do not depend on the other queries of
            the batch nor on how rows are spread over several indexes.

        Raises:
            UsageError: k < 1, a wrong dimension, or a bitmap of a wrong length.
        """
        ...


@runtime_checkable
class VectorIndex(RowSearch, Protocol):
    """Nearest-neighbour search by inner product over one array of unit rows.

    ``retrieval.testing.vector_index_contract`` is the suite every index passes.
    """

    @classmethod
    def build(cls, rows: FloatRows) -> Self:
        """Build over float32 (n, dim); the array is kept, not copied, and may be a map."""
        ...
