"""The values of one field in one segment, and which documents have the ones that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.filters.bounds import float_bounds, whole_bounds
from retrieval.filters.field_types import FieldType, Kind
from retrieval.filters.instants import instant_of
from retrieval.filters.tree import Bounds
from retrieval.filters.values import FilterValue
from retrieval.vectors import Bitmap

_INTEGERS = (-(1 << 63), (1 << 63) - 1)
_LARGE = (1 << 63, (1 << 64) - 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """Strings in order of their UTF-8, which is that of their code points.

    Attributes:
        blob: uint8 (bytes,), end to end.
        offsets: int64 (terms + 1,), where each starts.
        instants: int64 (terms,), see ``instants.instant_of``; ``NO_INSTANT`` for no date.
    """

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    instants: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def term(self, code: int) -> bytes:
        """Return a string by its number."""
        start, end = int(self.offsets[code]), int(self.offsets[code + 1])
        return self.blob[start:end].tobytes()

    def first_from(self, term: bytes) -> int:
        """Return the number of the first string that is not before this one."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.term(middle) < term:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, term: bytes) -> int | None:
        """Return the number of a string; None if it is not among them."""
        code = self.first_from(term)
        return code if code < len(self) and self.term(code) == term else None


@dataclass(frozen=True)
class FieldColumn:
    """The values of a field in a segment, one entry each; a list has one for each string.

    What is asked of it fits its type: ``checking.check_filter`` has seen to that. Documents
    that are deleted may have values of other types; what is said of them means nothing.

    Attributes:
        type: Type of the field in the whole index.
        documents: Documents of the segment.
        rows: int32 (entries,), the document of each entry, ascending.
        kinds: uint8 (entries,), see ``Kind``.
        cells: int64 (entries,): a number, the bits of a float, 0 or 1, the number of a string;
            -1 for an empty list and what is nested.
        terms: The strings of the segment.
    """

    type: FieldType
    documents: int
    rows: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    cells: NDArray[np.int64]
    terms: Terms

    def present(self) -> Bitmap:
        """Return which documents have the field: bool (documents,)."""
        return self._documents_where(np.ones(len(self.rows), dtype=bool))

    def equal(self, values: Sequence[FilterValue]) -> Bitmap:
        """Return which documents have one of these values: bool (documents,)."""
        if self.type in {FieldType.STRING, FieldType.STRINGS}:
            codes = (self.terms.find(str(value).encode()) for value in values)
            found = _is_in(self.cells, [code for code in codes if code is not None])
        elif self.type is FieldType.BOOLEAN:
            found = _is_in(self.cells, [int(value) for value in values])
        elif self.type is FieldType.DATE:
            instants = [instant_of(str(value)) for value in values]
            found = _is_in(self._instants, [one for one in instants if one is not None])
        else:
            numbers = [value for value in values if not isinstance(value, str)]
            if len(numbers) == 1:
                return self.within(Bounds(low=numbers[0], high=numbers[0]))
            found = self._numbers_in(numbers)
        return self._documents_where(found)

    def within(self, bounds: Bounds) -> Bitmap:
        """Return which documents have a value between bounds: bool (documents,)."""
        if self.type is FieldType.STRING:
            found = self._between(self.cells, *self._codes(bounds))
        elif self.type is FieldType.DATE:
            instants = Bounds(
                low=_instant(bounds.low),
                high=_instant(bounds.high),
                low_open=bounds.low_open,
                high_open=bounds.high_open,
            )
            # above NO_INSTANT, which stands for no date
            found = self._between(
                self._instants, *whole_bounds(instants, 1 - (1 << 63), (1 << 63) - 1)
            )
        else:
            found = self._numbers_between(bounds)
        return self._documents_where(found)

    def _between(self, numbers: NDArray[Any], low: Any, high: Any) -> Bitmap:
        if low > high:
            return np.zeros(len(numbers), dtype=bool)
        if low == high:
            return np.asarray(numbers == low, dtype=bool)
        found: Bitmap = numbers >= low
        found &= numbers <= high
        return found

    def _codes(self, bounds: Bounds) -> tuple[int, int]:
        """Return the least and the greatest code of strings between bounds."""
        low, high = 0, len(self.terms) - 1
        if bounds.low is not None:
            term = str(bounds.low).encode()
            low = self.terms.first_from(term)
            low += bounds.low_open and low < len(self.terms) and self.terms.term(low) == term
        if bounds.high is not None:
            term = str(bounds.high).encode()
            after = self.terms.first_from(term)
            holds = after < len(self.terms) and self.terms.term(after) == term
            high = after if holds and not bounds.high_open else after - 1
        return low, high

    @cached_property
    def _instants(self) -> NDArray[np.int64]:
        """int64 (entries,), the instant of each date; something in the place of other values."""
        dated = self.kinds == Kind.DATE
        return self.terms.instants[np.where(dated, self.cells, 0)]

    @cached_property
    def _only_integers(self) -> bool:
        return bool((self.kinds == Kind.INTEGER).all())

    def _numbers_between(self, bounds: Bounds) -> Bitmap:
        whole = self._between(self.cells, *whole_bounds(bounds, *_INTEGERS))
        if self._only_integers:
            return whole
        large = self._between(self.cells.view(np.uint64), *map(np.uint64, _large(bounds)))
        floats = self._between(self.cells.view(np.float64), *float_bounds(bounds))
        return self._by_kind(whole, large, floats)

    def _numbers_in(self, numbers: Sequence[int | float]) -> Bitmap:
        exact = [int(number) for number in numbers if number == int(number)]
        whole = _is_in(self.cells, [n for n in exact if _INTEGERS[0] <= n <= _INTEGERS[1]])
        if self._only_integers:
            return whole
        large = np.array([n for n in exact if _LARGE[0] <= n <= _LARGE[1]], dtype=np.uint64)
        floats = [f for n in numbers for f in _as_float(n)]
        return self._by_kind(
            whole,
            np.isin(self.cells.view(np.uint64), large),
            np.isin(self.cells.view(np.float64), np.array(floats)),
        )

    def _by_kind(self, whole: Bitmap, large: Bitmap, floats: Bitmap) -> Bitmap:
        found: Bitmap = whole & (self.kinds == Kind.INTEGER)
        found |= floats & (self.kinds == Kind.FLOAT)
        found |= large & (self.kinds == Kind.LARGE)
        return found

    @cached_property
    def _one_each(self) -> bool:
        """Whether every document has one entry, so that entries are documents."""
        rows = self.rows
        return len(rows) == self.documents and bool((rows == np.arange(len(rows))).all())

    def _documents_where(self, found: Bitmap) -> Bitmap:
        """Return which documents have an entry that was found: bool (documents,)."""
        if self._one_each:
            return found
        documents = np.zeros(self.documents, dtype=bool)
        documents[self.rows[found]] = True
        return documents


def _is_in(numbers: NDArray[np.int64], wanted: Sequence[int]) -> Bitmap:
    if len(wanted) == 1:
        return np.asarray(numbers == wanted[0], dtype=bool)
    return np.isin(numbers, np.array(wanted, dtype=np.int64))


def _large(bounds: Bounds) -> tuple[int, int]:
    low, high = whole_bounds(bounds, *_LARGE)
    return (low, high) if low <= high else (1, 0)


def _as_float(number: int | float) -> list[float]:
    """Return a number as the float that is equal to it, if there is one."""
    try:
        nearest = float(number)
    except OverflowError:
        return []
    return [nearest] if nearest == number else []


def _instant(value: FilterValue | None) -> int | None:
    return None if value is None else instant_of(str(value))
