"""Rows of a file that are read here and there, in no memory but that of the rows.

A mapped row holds what the system maps around it as well. On Linux 6.18 three page faults brought
fifteen rows in, and a few hundred queries held nearly all of a file of 1.5 GB. Reading the rows
takes 22 microseconds a query, and from a map 8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError
from retrieval.fsops import InputFile
from retrieval.vectors import FloatRows


class ScatteredRows:
    """Rows by number, from a file; safe for any number of threads."""

    def __init__(self, file: InputFile, offset: int, shape: tuple[int, int]) -> None:
        """Take over an open file.

        Args:
            file: Holds the rows, float32, one after another.
            offset: Bytes before the first row.
            shape: How many rows there are, and of how many components.
        """
        self._file = file
        self._offset = offset
        self._shape = shape

    def __len__(self) -> int:
        return self._shape[0]

    def __getitem__(self, numbers: NDArray[np.int64]) -> FloatRows:
        """Return rows, from the last one backwards for negative numbers: float32 (m, dim).

        Raises:
            DamagedIndexError: The file ends before a row does.
            FileSystemError: It could not be read.
        """
        count, dim = self._shape
        size, read, start = 4 * dim, self._file.read, self._offset
        content = b"".join([read(start + size * (one % count), size) for one in numbers.tolist()])
        if len(content) != size * len(numbers):
            raise DamagedIndexError(
                "A file of vectors ends before its rows do.", fix="`retrieve verify` names it."
            )
        return np.frombuffer(content, dtype="<f4").reshape(-1, dim)
