"""``retrieve get``: documents by id, as they were indexed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_json, write_lines, write_table
from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
from retrieval.cli.figures import count
from retrieval.cli.id_list import read_ids
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, home_option, index_option, json_option
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.records import Document

_TOLD = 5

_HELP = """\
Show documents by id, in the order asked for, as they were indexed.

An id that is not in the index is named. The lines are those of `retrieve export`.

\b
  retrieve get review-17 review-18
  retrieve get --ids-from wanted.txt > wanted.jsonl
"""


@click.command("get", help=_HELP)
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--ids-from", metavar="FILE", help="File with one id a line; - for standard input.")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call, *, ids: tuple[str, ...], ids_from: str | None, index: str | None, home: str
) -> int:
    """Show the documents named by arguments and by a file; return 1 when none is there."""
    wanted = [*ids, *(read_ids(ids_from) if ids_from else ())]
    if not wanted:
        raise UsageError(
            "There is nothing to show: no ID and no --ids-from was given.",
            fix="Try: retrieve get ID --index NAME",
        )
    from retrieval import engine
    from retrieval.corpus.exported import export_row

    with CommandObserver() as observer:
        path, note = engine.find_index(index, home, interactive=stdout_is_terminal())
        if note:
            observer.note(note)
        with engine.open(path, observer=observer) as opened:
            found = opened.get(wanted)
        if found.missing:
            told = ", ".join(map(repr, found.missing[:_TOLD]))
            more = f" and {len(found.missing) - _TOLD} more" if len(found.missing) > _TOLD else ""
            observer.warn(f"{count(len(found.missing), 'id')} not in the index: {told}{more}")
    if call.as_json:
        write_json(export_row(one) for one in found.documents)
    else:
        for number, one in enumerate(found.documents):
            if number:
                write_lines([""])
            write_table(_rows(one))
    return ExitCode.DONE if found.documents else ExitCode.NO_HITS


def _rows(document: Document) -> list[tuple[str, str]]:
    fields = [(name, _shown(value)) for name, value in document.metadata.items()]
    return [("id", document.doc_id), ("title", document.title), *fields, ("text", document.text)]


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    import orjson

    return orjson.dumps(value).decode()
