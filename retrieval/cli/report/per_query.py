"""The value of every measure on every query, for a person to look through."""

from __future__ import annotations

from rich.text import Text

from retrieval.cli.console import open_console
from retrieval.cli.escapes import one_line
from retrieval.cli.report import wording
from retrieval.cli.report.columns import Column, draw_rows
from retrieval.cli.streams import answering, terminal_width
from retrieval.evaluate.results import BenchReport


def write_per_query(report: BenchReport) -> None:
    """Write a row a query and system on standard output, lowest primary values first.

    Args:
        report: What was found.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    names = wording.names(report)
    first = report.systems[0]
    measures = list(first.per_query)
    columns = (
        Column(heading="query", key=True, folds=True),
        Column(heading="system", key=True, folds=True),
        *(Column(heading=one, justify="right", named=True) for one in measures),
    )
    primary = first.per_query[report.primary]
    rows = [
        [
            Text(one_line(query_id)),
            Text(one_line(names[system.name])),
            *(Text(wording.figure(system.per_query[one][query_id])) for one in measures),
        ]
        for query_id in sorted(primary, key=lambda one: (primary[one], one))
        for system in report.systems
    ]
    console = open_console(terminal_width())
    with answering():
        console.print()
        draw_rows(console, columns, rows)
