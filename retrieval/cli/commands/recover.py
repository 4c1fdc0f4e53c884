"""``retrieve recover``: go back to an older generation of an index."""

from __future__ import annotations

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.options import Count, debug_option, home_option, index_option, json_option

_HELP = """\
Go back to an older generation when the newest one is damaged or unwanted.

Generation N+1 is written with the content of the one given; a damaged manifest is set
aside, not removed. Which generations are still there is in the error that sent you here.

\b
  retrieve recover --index reviews --to-generation 3
"""


@click.command("recover", help=_HELP)
@index_option
@home_option
@click.option(
    "--to-generation",
    type=Count(1),
    required=True,
    metavar="N",
    help="Generation whose content is wanted.",
)
@json_option
@debug_option
@click.pass_obj
def command(call: Call, *, index: str | None, home: str, to_generation: int) -> None:
    """Commit an older generation's content as the newest."""
    from retrieval import engine

    # what changes an index is never aimed at one by guessing
    path, _ = engine.find_index(index, home, interactive=False)
    report = engine.recover(path, to_generation)
    if call.as_json:
        write_report(report.to_json())
    else:
        write_table(
            [
                ("index", report.index),
                ("content of", f"generation {report.from_generation}"),
                ("now", f"generation {report.generation}"),
                ("set aside", ", ".join(report.set_aside)),
            ]
        )
