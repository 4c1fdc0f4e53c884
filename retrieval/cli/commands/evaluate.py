"""``retrieve evaluate``: measure files of hits against a file of judgments."""

from __future__ import annotations

import click

from retrieval.cli.call import Call
from retrieval.cli.options import debug_option, json_option
from retrieval.cli.report.options import (
    check_latex,
    html_option,
    latex_option,
    only_answerable_option,
    per_query_option,
    plots_option,
    primary_option,
    seed_option,
    show_report,
)

_HELP = """\
Measure files of hits against a file of judgments.

QRELS are judgments: TREC qrels, a BEIR table or JSON Lines. RUN is a file of hits: a TREC
run, or the JSON Lines of retrieve query. Each also .gz. With several runs the others are
compared with the first.

\b
  retrieve evaluate qrels.tsv run.trec -m nDCG@10 -m AP
  retrieve evaluate qrels.tsv ours.trec theirs.trec --html report.html
"""


@click.command("evaluate", help=_HELP)
@click.argument("qrels", metavar="QRELS")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option(
    "-m",
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="Measure such as ap, ndcg@10 or P(rel=2)@5; may be repeated.",
)
@primary_option
@only_answerable_option
@seed_option
@per_query_option
@latex_option
@html_option
@plots_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    qrels: str,
    runs: tuple[str, ...],
    metrics: tuple[str, ...],
    primary: str | None,
    only_answerable: bool,
    seed: int,
    per_query: bool,
    latex: bool,
    html: str | None,
    plots: str | None,
) -> None:
    """Measure, and show what was found."""
    check_latex(call, latex)
    from retrieval import engine

    done = engine.evaluate_runs(
        qrels, runs, measures=metrics, primary=primary, only_answerable=only_answerable, seed=seed
    )
    show_report(call, done.report, latex=latex, per_query=per_query, html=html, plots=plots)
