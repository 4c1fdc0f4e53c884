"""The options that restrict a query by metadata, and count what is there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.answer import SCHEMA_VERSION, write_json, write_lines
from retrieval.cli.call import Call
from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.query_options.bundle import bundle

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.filters.tree import Filter
    from retrieval.filters.values import FilterValue
    from retrieval.query.search_options import Refinements
    from retrieval.store.selection import Facet

_SHOWN_VALUES = 20
_LONGEST_VALUE = 60

where_option = click.option(
    "--where",
    multiple=True,
    metavar="FILTER",
    help='Only documents whose metadata fits, such as \'year >= 2020 and lang in ("en", "de")\';'
    " given several times, all have to fit.",
)
filter_options = bundle(
    where_option,
    click.option(
        "--facet",
        "facets",
        multiple=True,
        metavar="FIELD",
        help="Also count the values of a field among the documents that fit --where.",
    ),
)


def where_given(given: dict[str, Any]) -> Filter | None:
    """Take a filter out of the keywords of a command; None for none.

    Raises:
        FilterError: It cannot be read.
    """
    return filter_given(given.pop("where"))


def filter_given(texts: Sequence[str]) -> Filter | None:
    """Return the filter that a command was given; None for none.

    Raises:
        FilterError: It cannot be read.
    """
    if not texts:
        return None
    from retrieval.query.filter_parsing import parse_filters

    return parse_filters(tuple(texts))


@contextlib.contextmanager
def facets_below(
    call: Call, index: Index, fields: Sequence[str], refine: Refinements
) -> Iterator[None]:
    """Write the facets of a query below its hits.

    They are counted before anything is searched, so that an unknown field costs no answer.

    Raises:
        FilterError: A field is unknown, or its values cannot be compared.
    """
    found = index.facets(list(dict.fromkeys(fields)), refine.get("where")) if fields else []
    yield
    if call.as_json:
        write_json(_facet_line(one) for one in found)
        return
    for one in found:
        write_lines(["", *_facet_rows(one)])


def _facet_line(facet: Facet) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "facet": facet.field,
        "type": facet.type,
        "documents": facet.documents,
        "missing": facet.missing,
        "values": [{"value": value, "count": times} for value, times in facet.values],
    }


def _facet_rows(facet: Facet) -> list[str]:
    lacking = f", {facet.missing:,} of them without it" if facet.missing else ""
    told = f"{one_line(facet.field)}: {count(len(facet.values), 'value')}"
    heading = f"{told} in {count(facet.documents, 'document')}{lacking}"
    shown = [(_value(value), f"{times:,}") for value, times in facet.values[:_SHOWN_VALUES]]
    wide = max((len(times) for _, times in shown), default=0)
    rows = [f"  {times.rjust(wide)}  {value}" for value, times in shown]
    more = len(facet.values) - len(shown)
    return [heading, *rows, *([f"  and {count(more, 'other value')}"] if more else [])]


def _value(value: FilterValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = one_line(str(value))
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
