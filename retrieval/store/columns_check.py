"""Checking the columns of a segment against its documents, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import RetrievalError
from retrieval.filters.column import Terms
from retrieval.filters.field_types import Kind
from retrieval.filters.instants import NO_INSTANT, instant_of
from retrieval.store.columns import RULES, Columns, columns_of
from retrieval.store.layout import PartKind
from retrieval.store.segment import OpenSegment

_BLOCK_DOCUMENTS = 4096


def check_columns(one: OpenSegment) -> Iterator[str]:
    """Yield what is wrong with a segment's columns; nothing if it has none.

    Columns made by other rules than this version's are checked for their order only.
    """
    part = one.segment.parts.get(PartKind.COLUMNS)
    if part is None:
        return
    try:
        columns = one.columns
    except RetrievalError as error:
        yield str(error)
        return
    if columns is None:
        return
    documents = one.segment.documents
    problem = _disorder(columns, documents)
    if problem:
        yield f"{part.file}: {problem}."
        return
    if columns.rules != RULES:
        return
    for first in range(0, documents, _BLOCK_DOCUMENTS):
        last = min(first + _BLOCK_DOCUMENTS, documents)
        wanted = columns_of(one.document(at).metadata for at in range(first, last))
        field = _difference(columns, wanted, first, last)
        if field is not None:
            where = f"{field!r} in rows {first} to {last}"
            yield f"{part.file}: values of {where} are not their documents'."
            return


def _disorder(columns: Columns, documents: int) -> str:
    """Say what is out of order or out of range; empty if nothing is."""
    if list(columns.fields) != sorted(set(columns.fields)):
        return "the names of its fields are out of order"
    if columns.starts[0] != 0 or (np.diff(columns.starts) < 1).any():
        return "the entries of its fields do not ascend from 0"
    terms = columns.terms
    if terms.offsets[0] != 0 or (np.diff(terms.offsets) < 0).any():
        return "the offsets of strings do not ascend from 0"
    if columns.rules == RULES:
        problem = _string_disorder(terms)
        if problem:
            return problem
    for field in columns.fields:
        own = columns.entries_of(field)
        rows, kinds, cells = columns.rows[own], columns.kinds[own], columns.cells[own]
        if (np.diff(rows) < 0).any() or rows[0] < 0 or rows[-1] >= documents:
            return f"the rows of {field!r} are out of order"
        coded = cells[(kinds >= Kind.STRING) & (kinds <= Kind.MEMBER)]
        if len(coded) and not 0 <= int(coded.min()) <= int(coded.max()) < len(terms):
            return f"{field!r} names strings that are not there"
    return ""


def _string_disorder(terms: Terms) -> str:
    before = b""
    for code, instant in enumerate(terms.instants.tolist()):
        term = terms.term(code)
        if term <= before and code:
            return f"string {term!r} is out of order"
        before = term
        found = instant_of(term.decode("utf-8", "replace"))
        if instant != (NO_INSTANT if found is None else found):
            return f"string {term!r} is of another instant"
    return ""


def _difference(columns: Columns, wanted: Columns, first: int, last: int) -> str | None:
    """Return a field whose values in rows [first, last) are not the wanted ones; None for none."""
    codes = np.array(
        [
            -1 if (code := columns.terms.find(wanted.terms.term(at))) is None else code
            for at in range(len(wanted.terms))
        ],
        dtype=np.int64,
    )
    for field in sorted({*columns.fields, *wanted.fields}):
        own, other = columns.entries_of(field), wanted.entries_of(field)
        rows = columns.rows[own]
        begin, end = np.searchsorted(rows, np.array([first, last], dtype=np.int32)).tolist()
        kinds = columns.kinds[own][begin:end]
        if (
            end - begin != other.stop - other.start
            or (rows[begin:end] - first != wanted.rows[other]).any()
            or (kinds != wanted.kinds[other]).any()
            or (columns.cells[own][begin:end] != _recoded(wanted, other, codes)).any()
        ):
            return field
    return None


def _recoded(wanted: Columns, own: slice, codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return cells with the numbers that strings have in the part."""
    cells, kinds = wanted.cells[own].copy(), wanted.kinds[own]
    coded = (kinds >= Kind.STRING) & (kinds <= Kind.MEMBER)
    cells[coded] = codes[cells[coded]]
    return cells
