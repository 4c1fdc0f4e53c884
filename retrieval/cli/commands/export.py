"""``retrieve export``: the documents of an index and their vectors, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_json, write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.figures import count
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, home_option, index_option, json_option
from retrieval.cli.streams import stdout_is_terminal

if TYPE_CHECKING:
    from retrieval.engine import ExportReport

_HELP = """\
Write the documents of an index as JSON Lines, and with --vectors their vectors.

`retrieve index` reads the lines back to an equal index. Without --output they go to standard
output. Concepts are exported by `retrieve concept export`.

\b
  retrieve export --index reviews > reviews.jsonl
  retrieve export --output reviews.jsonl --vectors reviews.npy
  retrieve export --index reviews | retrieve index - --index copy
"""


@click.command("export", help=_HELP)
@click.option("--output", metavar="FILE", help="File for the documents; standard output without.")
@click.option(
    "--vectors",
    metavar="FILE.npy",
    help="File for the vectors; one beside it, .ids.jsonl, names their rows.",
)
@click.option(
    "--unit",
    type=click.Choice(["document", "passage"]),
    default="document",
    show_default=True,
    help="What a row of the vectors is.",
)
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    output: str | None,
    vectors: str | None,
    unit: str,
    index: str | None,
    home: str,
) -> None:
    """Write files and say which, or the documents themselves."""
    from retrieval import engine

    with CommandObserver() as observer:
        path, note = engine.find_index(index, home, interactive=stdout_is_terminal())
        if note:
            observer.note(note)
        with engine.open(path, observer=observer) as opened:
            if output is None:
                from retrieval.corpus.exported import export_row

                if vectors is not None:
                    report = opened.export(None, vectors=vectors, unit=unit)
                    observer.note(f"{_written(report)}; their rows are named in {report.ids}.")
                write_json(export_row(one) for one in opened.documents())
                return
            report = opened.export(output, vectors=vectors, unit=unit)
    if call.as_json:
        write_report(report.to_json())
    else:
        write_table(
            [
                ("index", f"{report.index}, generation {report.generation}"),
                ("documents", f"{report.documents:,} in {report.path}"),
                ("vectors", _written(report) if report.vectors else ""),
                ("rows", f"named in {report.ids}" if report.ids else ""),
            ]
        )


def _written(report: ExportReport) -> str:
    of = "a document" if report.unit == "document" else "a passage"
    return f"{count(report.rows, 'row')}, one {of}, in {report.vectors}"
