"""``retrieve update``: change the metadata of documents, and encode nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.figures import count
from retrieval.cli.id_list import read_ids
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, home_option, index_option, json_option
from retrieval.cli.query_options.filters import filter_given, where_option
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.records import JsonValue

_HELP = """\
Set metadata fields of documents, by id or by a filter, in one commit; nothing is encoded.

A value is read as JSON where it is some (2020, true, ["a", "b"], "2020"), else it is the text
as it stands. --index is needed when there are several indexes.

\b
  retrieve update --set seen=true --where 'year < 1990' --index reviews
  retrieve update review-17 --set lang=en --unset draft
"""


@click.command("update", help=_HELP)
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--ids-from", metavar="FILE", help="File with one id a line; - for standard input.")
@where_option
@click.option(
    "--set",
    "fields",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Give a field this value; may be repeated.",
)
@click.option("--unset", multiple=True, metavar="FIELD", help="Take a field away; may be repeated.")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    ids: tuple[str, ...],
    ids_from: str | None,
    where: tuple[str, ...],
    fields: tuple[str, ...],
    unset: tuple[str, ...],
    index: str | None,
    home: str,
) -> None:
    """Change the documents named by arguments and by a file, or those that fit a filter."""
    fitting = filter_given(where)
    if (fitting is None) == (not ids and not ids_from):
        raise UsageError(
            "It takes ids or --where to say which documents are meant, and not both.",
            fix="Try: retrieve update --set FIELD=VALUE --where FILTER --index NAME",
        )
    changes = _changes(fields, unset)
    wanted = None if fitting is not None else [*ids, *(read_ids(ids_from) if ids_from else ())]
    from retrieval import engine

    # what changes an index is never aimed at one by guessing
    path, _ = engine.find_index(index, home, interactive=False)
    with CommandObserver() as observer, engine.open(path, observer=observer) as opened:
        changed = opened.update_metadata(changes, ids=wanted, where=fitting)
        generation = opened.snapshot.generation
        name = opened.name
    if call.as_json:
        write_report({"index": name, "generation": generation, "changed": changed})
    else:
        write_table(
            [
                ("index", name),
                ("changed", count(changed, "document")),
                ("generation", str(generation)),
            ]
        )


def _changes(fields: tuple[str, ...], unset: tuple[str, ...]) -> dict[str, JsonValue]:
    """Return what is to be set, None for what is to go."""
    changes: dict[str, JsonValue] = {}
    for one in fields:
        name, sign, text = one.partition("=")
        if not sign:
            raise UsageError(
                f"--set {one!r} has no value.", fix="Write --set FIELD=VALUE, or --unset FIELD."
            )
        changes[name] = _value(text)
    for name in unset:
        if name in changes:
            raise UsageError(f"{name!r} is set and unset.", fix="Leave one of them out.")
        changes[name] = None
    if not changes:
        raise UsageError(
            "There is nothing to change: no --set and no --unset was given.",
            fix="Try: retrieve update --set FIELD=VALUE --where FILTER --index NAME",
        )
    return changes


def _value(text: str) -> JsonValue:
    import orjson

    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value
