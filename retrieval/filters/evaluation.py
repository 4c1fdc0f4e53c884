"""Which documents of a segment a filter lets through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from retrieval.filters.column import FieldColumn
from retrieval.filters.tree import And, Eq, Exists, Filter, In, Not, Or
from retrieval.vectors import Bitmap

ColumnOf: TypeAlias = Callable[[str], FieldColumn | None]
"""Returns the column of a field in a segment; None where no document has the field."""


def matching(tree: Filter, column_of: ColumnOf, documents: int) -> Bitmap:
    """Return which documents a filter lets through.

    Args:
        tree: A filter that fits the types of the fields (``checking.check_filter``).
        column_of: Gives the columns.
        documents: Documents of the segment.

    Returns:
        bool (documents,); what it says of deleted documents means nothing.
    """
    if isinstance(tree, And | Or):
        join = np.logical_and if isinstance(tree, And) else np.logical_or
        found = matching(tree.filters[0], column_of, documents)
        for one in tree.filters[1:]:
            found = join(found, matching(one, column_of, documents))
        return found
    if isinstance(tree, Not):
        return ~matching(tree.filter, column_of, documents)
    column = column_of(tree.field)
    if column is None:
        return np.zeros(documents, dtype=bool)
    if isinstance(tree, Exists):
        return column.present()
    if isinstance(tree, Eq):
        return column.equal((tree.value,))
    return column.equal(tree.values) if isinstance(tree, In) else column.within(tree.bounds)
