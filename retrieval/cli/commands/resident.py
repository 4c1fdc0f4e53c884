"""``retrieve resident``: the helpers that answer questions, and an end to them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_lines, write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.figures import count, duration
from retrieval.cli.options import debug_option, json_option

if TYPE_CHECKING:
    from retrieval.serve.control import ResidentState

_HELP = """\
Show the resident helpers of RETRIEVE_DAEMON=auto, or end them.

A helper keeps the model of one index loaded and answers retrieve query with it. It ends by
itself after ten minutes without a question.

\b
  retrieve resident status
  retrieve resident stop
"""


@click.group("resident", help=_HELP)
@debug_option
def command() -> None:
    """Look after helpers."""


@command.command("status")
@json_option
@debug_option
@click.pass_obj
def status(call: Call) -> None:
    """Show every helper: its index and model, what it answered, how long it is idle."""
    from retrieval import __version__
    from retrieval.fsops import LocalFiles
    from retrieval.serve.control import residents_in

    found = residents_in(_folder(), LocalFiles(), version=__version__)
    if call.as_json:
        write_report({"residents": [one.to_json() for one in found]})
        return
    if not found:
        write_lines(["No resident helper is running."])
    for number, one in enumerate(found):
        if number:
            write_lines([""])
        write_table(_rows_of(one))


@command.command("stop")
@json_option
@debug_option
@click.pass_obj
def stop(call: Call) -> None:
    """End every helper; questions are answered without them."""
    from retrieval import __version__
    from retrieval.fsops import LocalFiles
    from retrieval.serve.control import stop_residents

    ended = stop_residents(_folder(), LocalFiles(), version=__version__)
    if call.as_json:
        write_report({"stopped": ended})
        return
    write_lines([f"Resident helpers stopped: {ended}."])


def _rows_of(one: ResidentState) -> list[tuple[str, str]]:
    """Say of a helper what a person wants to know."""
    if one.is_busy:
        return [("process", str(one.pid)), ("state", "busy, or stuck")]
    why = f" (last because {one.why_declined})" if one.why_declined else ""
    return [
        ("process", str(one.pid)),
        ("index", one.index),
        ("model", one.model),
        ("answered", count(one.answered or 0, "question")),
        ("declined", f"{count(one.declined or 0, 'question')}{why}"),
        ("idle", duration(one.idle_s or 0.0)),
    ]


def _folder() -> str | None:
    """Return the folder of helpers; None where there can be none."""
    if os.name != "posix":
        return None
    from retrieval.serve.places import runtime_folder

    return runtime_folder(os.environ)
