"""``retrieve verify``: check every byte of an index against its checksums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.figures import count, size
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import (
    Count,
    debug_option,
    home_option,
    index_option,
    json_option,
    model_option,
    offline_option,
)
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import DamagedIndexError

if TYPE_CHECKING:
    from retrieval.engine import VerifyReport

_HELP = """\
Check every checksum and every cross-reference of an index, and encode a sample of its
passages again to compare the vectors. Changes nothing; exit code 2 when something is wrong.

\b
  retrieve verify
  retrieve verify --index reviews --sample 0
"""


@click.command("verify", help=_HELP)
@index_option
@home_option
@click.option(
    "--sample",
    type=Count(0),
    default=64,
    show_default=True,
    metavar="N",
    help="Passages to encode again; 0 loads no model.",
)
@model_option
@offline_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    index: str | None,
    home: str,
    sample: int,
    model: str | None,
    offline: bool,
) -> None:
    """Report what was checked; raise when something is wrong."""
    from retrieval import engine

    with CommandObserver() as observer:
        path, note = engine.find_index(index, home, interactive=stdout_is_terminal())
        if note:
            observer.note(note)
        report = engine.verify(path, sample=sample, model=model, offline=offline, observer=observer)
        for note in report.notes:
            observer.note(note)
    if call.as_json:
        write_report(report.to_json())
    else:
        write_table(_rows(report))
    if report.problems:
        raise DamagedIndexError(
            f"{report.index} has {count(len(report.problems), 'problem')}."
            f" The first: {report.problems[0]}",
            fix="Go back with `retrieve recover --to-generation N`, or build it again under"
            " another name with `retrieve index INPUT --index NAME`.",
        )


def _rows(report: VerifyReport) -> list[tuple[str, str]]:
    encoded = count(report.reencoded_passages, "passage")
    return [
        ("index", f"{report.index}, generation {report.generation}"),
        ("checked", f"{count(report.checked_files, 'file')}, {size(report.checked_bytes)}"),
        ("documents", f"{report.checked_documents:,}"),
        ("encoded again", f"{encoded}, to compare vectors" if report.reencoded_passages else ""),
        *(("problem", problem) for problem in report.problems),
        ("result", count(len(report.problems), "problem") if report.problems else "all is well"),
    ]
