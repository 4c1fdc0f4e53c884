"""The documents of a generation that a filter lets through, and what values they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from retrieval.errors import DamagedIndexError
from retrieval.filters.checking import check_comparable, check_field, check_filter
from retrieval.filters.column import FieldColumn
from retrieval.filters.evaluation import matching
from retrieval.filters.field_types import FieldType, Kind
from retrieval.filters.tree import Filter
from retrieval.filters.values import FilterValue
from retrieval.store.field_table import FieldTable
from retrieval.store.segment import OpenSegment
from retrieval.vectors import Bitmap

_KEPT = 4
"""Filters whose documents are kept, a byte a document each."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Live documents of a generation.

    Attributes:
        documents: For each segment bool (documents,).
    """

    documents: tuple[Bitmap, ...]

    @property
    def count(self) -> int:
        """How many documents there are."""
        return sum(int(own.sum()) for own in self.documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """The values of a field among some documents.

    Attributes:
        field: Name of the field.
        type: What its values are.
        documents: Documents looked at.
        missing: Those of them that lack the field.
        values: Each value with the documents that have it, the most frequent first, equally
            frequent ones in order; a date as it was given.
    """

    field: str
    type: str
    documents: int
    missing: int
    values: tuple[tuple[FilterValue, int], ...]


def select(
    segments: Sequence[OpenSegment], table: FieldTable, where: Filter, *, index: str
) -> Selection:
    """Return the live documents that a filter lets through; those of the last few are kept.

    Args:
        segments: Every segment of the generation.
        table: Its fields.
        where: The filter.
        index: Name of the index, for messages.

    Raises:
        FilterError: It does not fit the fields.
        DamagedIndexError: Columns are not what was written.
    """
    text = str(where)  # trees that are equal, such as of 1 and true, need not be alike
    known = table.selected.get(text)
    if known is not None:
        return Selection(known)
    check_filter(where, table, table.sorts_of, index=index)
    found = []
    for number, one in enumerate(segments):
        try:
            own = matching(where, partial(table.column, number), one.segment.documents)
        except (IndexError, ValueError) as error:
            raise _damage(one, error) from error
        found.append(own & ~one.deleted)
    others = list(table.selected.items())[1 - _KEPT :]
    table.selected = {**dict(others), text: tuple(found)}  # replaced whole: others may be reading
    return Selection(tuple(found))


def count_values(
    segments: Sequence[OpenSegment],
    table: FieldTable,
    field: str,
    chosen: Selection | None,
    *,
    index: str,
) -> Facet:
    """Count the values of a field among live documents.

    Args:
        segments: Every segment of the generation.
        table: Its fields.
        field: Name of the field.
        chosen: The documents; None for every live one.
        index: Name of the index, for messages.

    Raises:
        FilterError: No document has the field, or its values cannot be compared.
        DamagedIndexError: Columns are not what was written.
    """
    check_field(field, table, index=index)
    found = table[field]
    check_comparable(field, found, table.sorts_of(field), index=index)
    counts: dict[FilterValue, int] = {}
    documents = having = 0
    for number, one in enumerate(segments):
        own = ~one.deleted if chosen is None else chosen.documents[number]
        documents += int(own.sum())
        column = table.column(number, field)
        if column is None:
            continue
        try:
            having += int((column.present() & own).sum())
            for value, times in _values_of(column, own):
                counts[value] = counts.get(value, 0) + times
        except (IndexError, ValueError) as error:
            raise _damage(one, error) from error
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Facet(
        field=field,
        type=found.value,
        documents=documents,
        missing=documents - having,
        values=tuple(ordered),
    )


def _values_of(column: FieldColumn, documents: Bitmap) -> list[tuple[FilterValue, int]]:
    """Return the distinct values of some documents, each with how many have it."""
    chosen = documents[column.rows] & (column.kinds != Kind.EMPTY)
    kinds, cells = column.kinds[chosen], column.cells[chosen]
    found: list[tuple[FilterValue, int]] = []
    for kind in np.unique(kinds).tolist():
        own, times = np.unique(cells[kinds == kind], return_counts=True)
        if kind in {Kind.STRING, Kind.DATE, Kind.MEMBER}:
            values: list[FilterValue] = [column.terms.term(code).decode() for code in own.tolist()]
        elif kind == Kind.BOOLEAN:
            values = [bool(cell) for cell in own.tolist()]
        elif kind == Kind.FLOAT:
            values = own.view(np.float64).tolist()
        else:
            values = (own.view(np.uint64) if kind == Kind.LARGE else own).tolist()
        if column.type is FieldType.FLOAT and kind == Kind.INTEGER:
            # a float where that is the same number, so that 1 and 1.0 are one value
            values = [float(one) if float(one) == one else one for one in values]
        found += zip(values, times.tolist(), strict=True)
    return found


def _damage(segment: OpenSegment, error: Exception) -> DamagedIndexError:
    return DamagedIndexError(
        f"The columns of a segment in {segment.folder} are damaged: {error}.",
        fix="`retrieve verify` names the file; remove it, and the next `retrieve index` makes it"
        " anew from the documents.",
    )
