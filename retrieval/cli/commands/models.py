"""``retrieve models``: the models that are here and what they cost."""

from __future__ import annotations

import click

from retrieval.cli.answer import write_lines, write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.nested import rows_of
from retrieval.cli.options import debug_option, json_option

_HELP = """\
List the models on this machine: the bundled one, and those exported before.

\b
  retrieve models
  retrieve models --json
"""


@click.command("models", help=_HELP)
@json_option
@debug_option
@click.pass_obj
def command(call: Call) -> None:
    """Show each model with the files made from it."""
    from retrieval import engine

    entries = [entry.to_json() for entry in engine.models()]
    if call.as_json:
        write_report({"models": entries})
        return
    for number, entry in enumerate(entries):
        if number:
            write_lines([""])
        write_table(rows_of(entry))
