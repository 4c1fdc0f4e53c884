"""Rows of a mapped file that are read here and there, in bounded memory.

A system that expects a file to be read on reads 128 KiB where one row is asked for, and maps 64
KiB around it: a few thousand queries then hold the whole file. So candidates are scored
from a map of their own, which says what it is for and lets go of its pages.
"""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray

from retrieval.fsops import drop_pages
from retrieval.vectors import FloatRows

KEPT_ROWS = 4096
"""Rows read before pages are let go of: 256 MiB at most, as Linux maps 16 pages around each."""


class ScatteredRows:
    """Rows by number, from a map that nothing else reads; safe for any number of threads."""

    def __init__(self, view: memoryview, offset: int, dim: int) -> None:
        """Take over a map.

        Args:
            view: Of a whole file, mapped for this alone.
            offset: Bytes before the first row.
            dim: Of the rows, float32, which take up the rest of the file.
        """
        self._view = view
        self._rows: FloatRows = np.frombuffer(view[offset:], dtype="<f4").reshape(-1, dim)
        self._read = 0
        mapped = view.obj
        if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_RANDOM"):
            mapped.madvise(mmap.MADV_RANDOM)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, numbers: NDArray[np.int64]) -> FloatRows:
        """Return rows: float32 (m, dim), a copy."""
        taken: FloatRows = self._rows[numbers]
        # threads may lose a count here, which only lets pages stay a little longer
        self._read += len(numbers)
        if self._read >= KEPT_ROWS:
            self._read = 0
            drop_pages(self._view)
        return taken
