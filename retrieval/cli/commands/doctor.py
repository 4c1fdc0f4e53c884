"""``retrieve doctor``: what this machine has, and what it lacks."""

from __future__ import annotations

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.nested import rows_of
from retrieval.cli.options import debug_option, json_option

_HELP = """\
Show versions, the model cache, the bundled model's checksum, processor, threads, disk and
what to install for which extra. Paste its output into a report of a bug.

\b
  retrieve doctor
  retrieve doctor --json
"""


@click.command("doctor", help=_HELP)
@json_option
@debug_option
@click.pass_obj
def command(call: Call) -> None:
    """Show what was found on this machine."""
    from retrieval import engine

    found = engine.doctor()
    if call.as_json:
        write_report(found)
    else:
        write_table(rows_of(found))
