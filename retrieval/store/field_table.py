"""The fields of a generation: what they hold, over the live documents of all segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from retrieval.errors import ColumnsMissingError, DamagedIndexError
from retrieval.filters.column import FieldColumn
from retrieval.filters.field_types import FieldType, Kind, names_of_kinds, type_of_kinds
from retrieval.fsops import Files
from retrieval.store.columns import RULES, Columns
from retrieval.store.field_entry import FieldEntry
from retrieval.store.manifest import Segment
from retrieval.store.segment import OpenSegment
from retrieval.vectors import Bitmap

MOST_LISTED = 1000
"""Fields that a manifest lists: of more, those that most documents have."""
_AT_ONCE = 1 << 20
_MAKE_THEM = "Run `retrieve index` on its input again: it makes them and encodes nothing."


class FieldTable(Mapping[str, FieldType]):
    """The type of each field; looked at when it is first asked for. Safe for threads.

    ``selected`` keeps what the last few filters let through (``selection.select``).

    Args:
        name: The index, for messages.
        segments: Every segment of the generation.

    Raises:
        ColumnsMissingError: A segment has no columns, or some of other rules than this version's.
        DamagedIndexError: A columns part cannot be read.
    """

    def __init__(self, name: str, segments: Sequence[OpenSegment]) -> None:
        self._segments = segments
        found = [one.columns for one in segments if one.columns is not None]
        missing = len(segments) - len(found)
        if missing:
            every = missing == len(segments)
            lacks = "no columns" if every else f"no columns for {missing} segments"
            raise ColumnsMissingError(
                f"{name} has {lacks}, so it cannot be filtered.", fix=_MAKE_THEM
            )
        if any(one.rules != RULES for one in found):
            raise ColumnsMissingError(
                f"The columns of {name} were made by other rules than this version's.",
                fix=_MAKE_THEM,
            )
        self._columns = found
        self._names = frozenset(field for one in found for field in one.fields)
        self._kinds: dict[str, Counter[Kind]] = {}
        self._opened: dict[tuple[int, str], FieldColumn | None] = {}
        self.selected: dict[str, tuple[Bitmap, ...]] = {}

    def __getitem__(self, field: str) -> FieldType:
        kinds = self.kinds(field)
        if not kinds:
            raise KeyError(field)
        return type_of_kinds(frozenset(kinds))

    def __iter__(self) -> Iterator[str]:
        return (field for field in sorted(self._names) if self.kinds(field))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def kinds(self, field: str) -> Mapping[Kind, int]:
        """Return how many live documents have values of each kind; a list counts once.

        Raises:
            DamagedIndexError: The columns name documents or kinds that are not there.
        """
        if field not in self._kinds:
            found: Counter[Kind] = Counter()
            if field in self._names:
                for one, columns in zip(self._segments, self._columns, strict=True):
                    found += _kinds_in(one, columns, field)
            self._kinds[field] = found
        return self._kinds[field]

    def column(self, number: int, field: str) -> FieldColumn | None:
        """Return the values of a field in a segment; None where no document there has it."""
        key = (number, field)
        if key not in self._opened:
            documents = self._segments[number].segment.documents
            self._opened[key] = self._columns[number].column(field, self[field], documents)
        return self._opened[key]

    def entries(self) -> tuple[FieldEntry, ...]:
        """Return the fields that a manifest lists, by name."""
        found = [
            FieldEntry(
                name=field,
                type=self[field].value,
                documents=sum(self.kinds(field).values()),
                sorts=self.sorts_of(field),
            )
            for field in self
        ]
        found.sort(key=lambda one: (-one.documents, one.name))
        return tuple(sorted(found[:MOST_LISTED], key=lambda one: one.name))

    def sorts_of(self, field: str) -> Mapping[str, int]:
        """Return documents by the type of their value for a mixed field; else nothing."""
        mixed = self[field] is FieldType.MIXED
        return names_of_kinds(self.kinds(field)) if mixed else {}


def _kinds_in(one: OpenSegment, columns: Columns, field: str) -> Counter[Kind]:
    """Count the live documents of a segment by the kind of their value."""
    own = columns.entries_of(field)
    counts = np.zeros(max(Kind) + 1, dtype=np.int64)
    any_deleted = bool(one.deleted.any())
    try:
        for first in range(own.start, own.stop, _AT_ONCE):
            last = min(first + _AT_ONCE, own.stop)
            kinds, rows = columns.kinds[first:last], columns.rows[first:last]
            counted = np.ones(len(rows), dtype=bool)
            if (kinds == Kind.MEMBER).any():
                counted[1:] = rows[1:] != rows[:-1]
                counted[0] = first == own.start or columns.rows[first - 1] != rows[0]
            if any_deleted:
                counted &= ~one.deleted[rows]
            counts += np.bincount(kinds[counted], minlength=len(counts))
        return Counter({Kind(at): int(n) for at, n in enumerate(counts) if n})
    except (IndexError, ValueError) as error:
        raise DamagedIndexError(
            f"The columns of a segment in {one.folder} are damaged: {error}.",
            fix="`retrieve verify` names the file; remove it, and the next `retrieve index` makes"
            " it anew from the documents.",
        ) from error


def field_entries(
    files: Files, folder: Path, segments: Sequence[Segment], dim: int
) -> tuple[FieldEntry, ...]:
    """Return the fields that the manifest of these segments lists, each with columns."""
    opened = [OpenSegment(files, folder, one, dim) for one in segments]
    entries = FieldTable(folder.name, opened).entries()
    for one in opened:
        one.drop_pages()
    return entries
