"""What finds candidates among many rows, by codes instead of the rows: made by FAISS.

A graph (HNSW: Malkov and Yashunin 2020) keeps each component as a signed byte, all of one
scale. Inner products of such codes are whole numbers, and 384 components take 34 ns, where a
byte with a range of its own for each component takes 90 and float32 takes 120 out of cache.
Lists (an inverted file) keep codes of product quantisation (Jégou, Douze and Schmid 2011) of
four bits, 32 of which are compared at once (André, Kermarrec and Le Scouarnec 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError
from retrieval.index.library import faiss_library, faiss_threads
from retrieval.index.plan import TRAINED_ROWS, AnnPlan, Family
from retrieval.vectors import FloatRows

_BYTE = 127.0
_PART_BITS = 4
_CENTRE_LINKS = 16
_CENTRE_BREADTH = 64
_WRITTEN_BYTES = 4 << 20


class Structure:
    """Codes of rows and what leads to the near ones; safe for several searching threads."""

    def __init__(self, plan: AnnPlan, index: Any, scale: float, content: memoryview | None) -> None:
        self.plan = plan
        self.scale = scale
        self._index = index
        self._content = content  # FAISS reads in it and does not keep it alive
        self._order: list[NDArray[np.int64]] | None = None

    @classmethod
    def new(cls, plan: AnnPlan, dim: int, sample: FloatRows) -> Self:
        """Return an empty structure.

        Args:
            plan: What to build.
            dim: Of the rows.
            sample: float32 (m, dim), rows drawn at random, at least one, and for lists at
                least as many as there are lists: the scale or the centres come from them.
        """
        faiss = faiss_library()
        if plan.family is Family.HNSW:
            kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
            index = faiss.IndexHNSWSQ(dim, kind, plan.links, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = plan.build_breadth
            index.hnsw.rng = faiss.RandomGenerator(plan.seed)
            greatest = float(np.abs(sample).max(initial=0.0))
            made = cls(plan, index, _BYTE / greatest if greatest else 1.0, None)
        else:
            made = cls(plan, _empty_lists(plan, dim, sample), 1.0, None)
        made._order = []
        return made

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, rows: FloatRows, numbers: NDArray[np.int64]) -> None:
        """Add rows, on all cores.

        Args:
            rows: float32 (m, dim).
            numbers: int64 (m,), what they are called from now on: row numbers.
        """
        if not len(rows):
            return
        if self.plan.family is Family.IVF:
            self._index.add_with_ids(np.ascontiguousarray(rows), numbers)
            return
        self._index.add(self._bytes(rows, self.scale))
        if self._order is not None:
            self._order.append(numbers)

    def put_in_order(self) -> None:
        """Give every row the place of its number; all numbers from 0 have to be there."""
        if self.plan.family is Family.HNSW and self._order is not None:
            self._index.permute_entries(np.argsort(np.concatenate(self._order)))
        self._order = None

    def find(self, queries: FloatRows, count: int, breadth: int) -> NDArray[np.int64]:
        """Return the numbers of candidates, by their codes the best first.

        Args:
            queries: float32 (n_queries, dim), finite.
            count: Candidates wanted, at least 1.
            breadth: Rows kept in sight, or lists looked into.

        Returns:
            int64 (n_queries, count), -1 where fewer were found. A query finds the same
            alone and in a batch.
        """
        faiss = faiss_library()
        if self.plan.family is Family.HNSW:
            parameters = faiss.SearchParametersHNSW(efSearch=max(breadth, count))
            asked = self._bytes(queries, _scales(queries))
        else:
            parameters = faiss.SearchParametersIVF(
                nprobe=min(breadth, self.plan.lists),
                quantizer_params=faiss.SearchParametersHNSW(efSearch=breadth + breadth // 4),
            )
            asked = np.ascontiguousarray(queries, dtype=np.float32)
        with faiss_threads(faiss, 1 if len(asked) == 1 else None):
            found: NDArray[np.int64] = self._index.search(asked, count, params=parameters)[1]
        if self._order and self.plan.family is Family.HNSW:
            order = np.concatenate(self._order)
            found = np.where(found >= 0, order[found], -1)
        return found

    def write(self, sink: Callable[[bytes], None]) -> None:
        """Hand over everything, block by block; ``read`` takes it."""
        faiss = faiss_library()

        def take(block: bytes) -> int:
            sink(block)
            return len(block)

        faiss.write_index(self._index, faiss.PyCallbackIOWriter(take, _WRITTEN_BYTES))

    @classmethod
    def read(cls, plan: AnnPlan, content: memoryview, scale: float, shape: tuple[int, int]) -> Self:
        """Return a structure that works in the bytes themselves.

        A graph is not copied; FAISS copies the codes of lists.

        Args:
            plan: What was built.
            content: What ``write`` gave.
            scale: Of the structure that was written.
            shape: Rows and dimension it has to have.

        Raises:
            DamagedIndexError: FAISS cannot read it, or it is something else.
        """
        faiss = faiss_library()
        view = np.frombuffer(content, dtype=np.uint8)
        # no count in the content may claim more than the content itself could hold
        faiss.set_deserialization_vector_byte_limit(max(len(view), 1 << 20))
        try:
            index = faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(view), len(view)))
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise DamagedIndexError(f"An approximate index cannot be read: {reason}.") from error
        wanted = faiss.IndexHNSWSQ if plan.family is Family.HNSW else faiss.IndexIVFPQFastScan
        if not isinstance(index, wanted) or (index.ntotal, index.d) != shape:
            raise DamagedIndexError(
                f"An approximate index is a {type(index).__name__} of {index.ntotal} rows of"
                f" {index.d}, not a {wanted.__name__} of {shape[0]} rows of {shape[1]}."
            )
        return cls(plan, index, scale, content)

    @staticmethod
    def _bytes(rows: FloatRows, scale: float | NDArray[np.float32]) -> FloatRows:
        """Return rows as whole numbers from -127 to 127, as the floats FAISS wants."""
        scaled = rows * np.float32(scale) if isinstance(scale, float) else rows * scale
        np.rint(scaled, out=scaled)
        np.clip(scaled, -_BYTE, _BYTE, out=scaled)
        return scaled


def _scales(queries: FloatRows) -> NDArray[np.float32]:
    """Return what makes the greatest component of each query 127: float32 (n_queries, 1)."""
    greatest = np.abs(queries).max(axis=1, keepdims=True)
    greatest[greatest == 0] = 1
    scales: NDArray[np.float32] = np.float32(_BYTE) / greatest
    return scales


def _empty_lists(plan: AnnPlan, dim: int, sample: FloatRows) -> Any:
    faiss = faiss_library()
    centres = faiss.Kmeans(
        dim,
        plan.lists,
        niter=10,
        spherical=True,
        seed=plan.seed,
        max_points_per_centroid=TRAINED_ROWS,
        min_points_per_centroid=1,
    )
    centres.train(np.ascontiguousarray(sample))
    nearest = faiss.IndexHNSWFlat(dim, _CENTRE_LINKS, faiss.METRIC_INNER_PRODUCT)
    nearest.hnsw.efConstruction = _CENTRE_BREADTH
    nearest.hnsw.efSearch = _CENTRE_BREADTH
    with faiss_threads(faiss, 1):
        nearest.add(centres.centroids)
    metric = faiss.METRIC_INNER_PRODUCT
    most = max(1, dim * plan.bits // _PART_BITS)
    parts = next(count for count in range(most, 0, -1) if dim % count == 0)
    index = faiss.IndexIVFPQFastScan(nearest, dim, plan.lists, parts, _PART_BITS, metric)
    index.own_fields = True
    nearest.this.disown()
    index.train(np.ascontiguousarray(sample))
    return index
