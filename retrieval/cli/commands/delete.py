"""``retrieve delete``: remove documents from an index by id."""

from __future__ import annotations

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.figures import count
from retrieval.cli.id_list import read_ids
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, home_option, index_option, json_option
from retrieval.errors import UsageError

_TOLD = 5

_HELP = """\
Remove documents from an index by id, in one commit.

An id that is not in the index is named and changes nothing. --index is needed when there
are several indexes.

\b
  retrieve delete review-17 review-18 --index reviews
  retrieve delete --ids-from gone.txt
"""


@click.command("delete", help=_HELP)
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--ids-from", metavar="FILE", help="File with one id a line; - for standard input.")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call, *, ids: tuple[str, ...], ids_from: str | None, index: str | None, home: str
) -> None:
    """Delete the documents named by arguments and by a file."""
    wanted = [*ids, *(read_ids(ids_from) if ids_from else ())]
    if not wanted:
        raise UsageError(
            "There is nothing to delete: no ID and no --ids-from was given.",
            fix="Try: retrieve delete ID --index NAME",
        )
    from retrieval import engine

    # what changes an index is never aimed at one by guessing
    path, _ = engine.find_index(index, home, interactive=False)
    with CommandObserver() as observer, engine.open(path, observer=observer) as opened:
        report = opened.delete(wanted)
    if report.missing:
        told = ", ".join(map(repr, report.missing[:_TOLD]))
        more = f" and {len(report.missing) - _TOLD} more" if len(report.missing) > _TOLD else ""
        observer.warn(f"{count(len(report.missing), 'id')} not in the index: {told}{more}")
    if call.as_json:
        write_report(report.to_json())
    else:
        write_table(
            [
                ("index", report.index),
                ("deleted", count(report.deleted, "document")),
                ("generation", str(report.generation)),
            ]
        )
