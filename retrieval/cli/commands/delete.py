"""``retrieve delete``: remove documents from an index, by id or by a filter."""

from __future__ import annotations

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.figures import count
from retrieval.cli.id_list import read_ids
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, home_option, index_option, json_option
from retrieval.cli.query_options.filters import filter_given, where_option
from retrieval.errors import UsageError

_TOLD = 5

_HELP = """\
Remove documents from an index, by id or by a filter, in one commit.

An id that is not in the index is named and changes nothing. --index is needed when there
are several indexes. --dry-run tells how many documents would go; nothing is asked.

\b
  retrieve delete review-17 review-18 --index reviews
  retrieve delete --ids-from gone.txt
  retrieve delete --where 'year < 1990' --dry-run
"""


@click.command("delete", help=_HELP)
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--ids-from", metavar="FILE", help="File with one id a line; - for standard input.")
@where_option
@click.option("--dry-run", is_flag=True, help="Tell what would be deleted, and delete nothing.")
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
    dry_run: bool,
    index: str | None,
    home: str,
) -> None:
    """Delete the documents named by arguments and by a file, or those that fit a filter."""
    fitting = filter_given(where)
    if fitting is not None and (ids or ids_from):
        raise UsageError("Ids and --where both say what to delete.", fix="Leave one of them out.")
    wanted = [*ids, *(read_ids(ids_from) if ids_from else ())]
    if not wanted and fitting is None:
        raise UsageError(
            "There is nothing to delete: no ID, no --ids-from and no --where was given.",
            fix="Try: retrieve delete ID --index NAME",
        )
    from retrieval import engine

    # what changes an index is never aimed at one by guessing
    path, _ = engine.find_index(index, home, interactive=False)
    with CommandObserver() as observer, engine.open(path, observer=observer) as opened:
        report = opened.delete(wanted, where=fitting, dry_run=dry_run)
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
                ("would delete" if dry_run else "deleted", count(report.deleted, "document")),
                ("generation", str(report.generation)),
            ]
        )
