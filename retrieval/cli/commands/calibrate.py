"""``retrieve calibrate``: learn from judgments what the scores of hits are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.judged_index import judged_options, open_judged
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, json_option
from retrieval.cli.query_options.modes import mode_given, mode_options
from retrieval.cli.report.options import seed_option

if TYPE_CHECKING:
    from retrieval.engine import CalibrateReport

_HELP = """\
Learn from judged queries the probability that a hit is relevant, by its score.

The curve is kept in the index, one a mode, and the hits of text queries then have a
probability. Of documents without a judgment nothing is known, so at least 80 % of the first
10 hits of these queries have to be judged; with --complete, every document without a judgment
is not relevant. Figures are cross-validated by queries that share no relevant document.

\b
  retrieve calibrate --qrels qrels.tsv --queries queries.jsonl
  retrieve calibrate --beir scifact/ --split train --complete --mode hybrid --dry-run
"""


@click.command("calibrate", help=_HELP)
@judged_options
@click.option(
    "--complete", is_flag=True, help="Documents without a judgment are not relevant, all of them."
)
@mode_options
@click.option("--dry-run", is_flag=True, help="Tell what the curve is worth, and keep nothing.")
@seed_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    /,
    *,
    complete: bool,
    dry_run: bool,
    seed: int,
    **given: Any,
) -> None:
    """Fit a curve, keep it, and show what it is worth."""
    ranked_by = mode_given(given)
    from retrieval import engine

    with CommandObserver() as observer:
        opened, judgments = open_judged(given, observer)
        with opened:
            report = engine.calibrate_mode(
                opened,
                mode=ranked_by,
                judgments=judgments,
                complete=complete,
                seed=seed,
                store=not dry_run,
                observer=observer,
            )
    if call.as_json:
        write_report(report.to_json())
    else:
        write_table(_rows(report))


def _rows(report: CalibrateReport) -> list[tuple[str, str]]:
    kept = f"kept in generation {report.generation}" if report.stored else "not kept"
    errors = report.errors
    unknown = "not relevant" if report.complete else "left out"
    return [
        ("index", report.index),
        ("ranked by", f"{report.mode}: {report.ranking}"),
        ("curve", f"{report.curve}, {kept}"),
        (
            "learned from",
            f"{report.hits:,} hits, {report.relevant:,} of them relevant, the first"
            f" {report.depth} of {report.queries:,} queries, {report.judgments}",
        ),
        ("judged", f"{report.judged_share:.0%} of the first 10 hits; the others are {unknown}"),
        (
            "log loss",
            f"{errors.log_loss:.3f} on queries of other folds; {report.base_log_loss:.3f} by the"
            f" share of relevant hits alone; {errors.log_loss_floor:.3f} if all were right",
        ),
        (
            "Brier score",
            f"{errors.brier:.3f}; {report.base_brier:.3f}; {errors.brier_floor:.3f}",
        ),
        ("ECE", f"{errors.ece:.3f}; {errors.ece_floor:.3f} if all were right"),
        (
            "",
            "Its probabilities are no better than the share of relevant hits."
            if errors.log_loss >= report.base_log_loss
            else "",
        ),
    ]
