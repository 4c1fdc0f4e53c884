"""``retrieve tune``: learn the weight of meaning in hybrid searches from judgments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.judged_index import judged_options, open_judged
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, json_option
from retrieval.cli.report.options import seed_option

if TYPE_CHECKING:
    from retrieval.engine import TuneReport

_HELP = """\
Learn from judged queries how much meaning and how much words count in hybrid searches.

The best of 21 weights is kept in the index, with a hash of the judgments, and --mode hybrid
takes it from then on. The figure shown is cross-validated: each query is graded by the weight
that is best on queries of other folds, and queries with a relevant document in common are in
one fold. Judgments are --qrels with --queries, or those of a BEIR folder, split train.

\b
  retrieve tune --qrels qrels.tsv --queries queries.jsonl
  retrieve tune --beir scifact/ --split train --dry-run
"""


@click.command("tune", help=_HELP)
@judged_options
@click.option(
    "--metric",
    default="nDCG@10",
    show_default=True,
    metavar="NAME",
    help="What the weight is to be best by.",
)
@click.option("--dry-run", is_flag=True, help="Tell the weight, and keep nothing.")
@seed_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    /,
    *,
    metric: str,
    dry_run: bool,
    seed: int,
    **given: Any,
) -> None:
    """Learn a weight, keep it, and show what it is worth."""
    from retrieval import engine

    with CommandObserver() as observer:
        opened, judgments = open_judged(given, observer)
        with opened:
            report = engine.tune(
                opened,
                judgments=judgments,
                measure=metric,
                seed=seed,
                store=not dry_run,
                observer=observer,
            )
    if call.as_json:
        write_report(report.to_json())
    else:
        write_table(_rows(report))


def _rows(report: TuneReport) -> list[tuple[str, str]]:
    kept = f", kept in generation {report.generation}" if report.stored else ", not kept"
    folds = ", ".join(f"{one:g}" for one in report.fold_weights)
    return [
        ("index", report.index),
        ("weight", f"{report.weight:g} of meaning{kept}"),
        ("learned from", f"{report.queries:,} queries, {report.judgments}"),
        (
            report.measure,
            f"{report.value:.3f} [{report.low:.3f}, {report.high:.3f}] on queries of other folds",
        ),
        ("by fold", f"{folds}, in {report.folds} folds of {report.groups:,} groups"),
        (
            "untuned",
            f"{report.default_value:.3f} with {report.default_weight:g}; tuned minus untuned"
            f" {report.difference:+.3f}"
            f" [{report.difference_low:+.3f}, {report.difference_high:+.3f}]",
        ),
    ]
