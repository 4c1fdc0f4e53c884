"""Options of the commands that measure, and how their reports leave the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_json, write_lines
from retrieval.cli.call import Call
from retrieval.cli.options import Count
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.evaluate.results import BenchReport

primary_option = click.option(
    "--primary", metavar="NAME", help="Measure to judge by; by default the first."
)
only_answerable_option = click.option(
    "--only-answerable", is_flag=True, help="Drop queries without a relevant document."
)
seed_option = click.option(
    "--seed", type=Count(0), default=0, show_default=True, metavar="N", help="Seed of resampling."
)
per_query_option = click.option("--per-query", is_flag=True, help="Show the values of every query.")
latex_option = click.option("--latex", is_flag=True, help="Write a LaTeX table instead.")
html_option = click.option("--html", metavar="FILE", help="Write a report as one HTML file, too.")
plots_option = click.option("--plots", metavar="DIR", help="Write the figures as PNG files, too.")


def check_latex(call: Call, latex: bool) -> None:
    """Refuse two ways of printing one answer.

    Raises:
        UsageError: ``--latex`` and ``--json`` were both given.
    """
    if latex and call.json:
        raise UsageError("--latex and --json both say what to print.", fix="Leave one of them out.")


def show_report(
    call: Call,
    report: BenchReport,
    *,
    latex: bool,
    per_query: bool,
    html: str | None,
    plots: str | None,
) -> None:
    """Write the files that were asked for, then the answer on standard output.

    Raises:
        FileSystemError: A file or standard output cannot be written.
        MissingExtraError: PNG files were asked for and matplotlib is not installed.
    """
    if plots is not None:
        from retrieval.cli.report.plots import write_plots

        write_plots(report, Path(plots))
    if html is not None:
        from retrieval.cli.report.files import put_text
        from retrieval.cli.report.page import report_page

        put_text(Path(html), report_page(report))
    if latex:
        from retrieval.cli.report.latex import latex_table

        write_lines(latex_table(report).splitlines())
    elif call.as_json:
        write_json([report.to_json(per_query=per_query)])
    else:
        from retrieval.cli.report.terminal import write_bench

        write_bench(report)
        if per_query:
            from retrieval.cli.report.per_query import write_per_query

            write_per_query(report)
