"""``retrieve bench``: how good the answers of an index are, with intervals and provenance."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from retrieval.cli.call import Call
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import (
    Count,
    debug_option,
    home_option,
    index_option,
    json_option,
    model_option,
    offline_option,
    recall_option,
)
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
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.engine.index import Index
    from retrieval.evaluate.run import Run

_HELP = """\
Measure how good the answers of an index are.

Judgments are those that belong to the index: the BEIR folder it was built from (split
test), --qrels with --queries, or a label field, each of whose values is then a query. Every
judged query counts. Intervals are 95 % bootstrap intervals. The first --metric is the
primary one unless --primary names another.

\b
  retrieve bench --metric ap
  retrieve bench --label-template '{label} review' --html report.html
  retrieve bench --beir scifact/ --passages whole --metric ndcg@10
  retrieve bench --compare other=index=reviews-2 --compare chance=random
"""


@click.command("bench", help=_HELP)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="Measure such as ap, ndcg@10, P(rel=2)@5 or silhouette; may be repeated.",
)
@primary_option
@index_option
@home_option
@click.option("--beir", metavar="FOLDER", help="Index this BEIR folder if needed and bench it.")
@click.option(
    "--passages",
    type=click.Choice(["windows", "whole"]),
    help="With --beir: cut long documents (default), or encode what of each fits the model.",
)
@click.option("--split", metavar="NAME", help="Part of a BEIR folder's judgments; test by default.")
@click.option("--qrels", metavar="FILE", help="Judgments: TREC, BEIR or JSON Lines.")
@click.option("--queries", metavar="FILE", help="Texts of the judged queries.")
@click.option("--label-field", metavar="FIELD", help="Field whose values are the queries.")
@click.option("--label-queries", metavar="FILE", help="Text to ask for each label, as JSON Lines.")
@click.option(
    "--label-template", metavar="TEXT", help="Text to ask for a label, such as '{label} review'."
)
@click.option(
    "--candidates",
    type=click.Choice(["all", "qrels"]),
    default="all",
    show_default=True,
    help="Rank every document, or for each query only those judged for it.",
)
@click.option(
    "--depth",
    type=Count(1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Hits ranked for each query; label tasks rank every document.",
)
@click.option(
    "--compare",
    "compares",
    multiple=True,
    metavar="NAME=SPEC",
    help="Another way of searching: index=NAME, lexical, hybrid[,weight=W][,fusion=rrf],"
    " run=FILE[,seen=QRELS], random[=SEED], constant, contrast, dense,recall=R|exact.",
)
@click.option("--exclude-self", is_flag=True, help="A query that is a document is not its answer.")
@only_answerable_option
@click.option("--in-sample", is_flag=True, help="Grade on what was learned from, too; is marked.")
@seed_option
@per_query_option
@click.option("--run-out", metavar="FILE", help="Write the ranking as a TREC run file.")
@latex_option
@html_option
@plots_option
@recall_option
@model_option
@offline_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    metrics: tuple[str, ...],
    primary: str | None,
    index: str | None,
    home: str,
    beir: str | None,
    passages: str | None,
    split: str | None,
    qrels: str | None,
    queries: str | None,
    label_field: str | None,
    label_queries: str | None,
    label_template: str | None,
    candidates: str,
    depth: int,
    compares: tuple[str, ...],
    exclude_self: bool,
    only_answerable: bool,
    in_sample: bool,
    seed: int,
    per_query: bool,
    run_out: str | None,
    latex: bool,
    html: str | None,
    plots: str | None,
    recall: str | None,
    model: str | None,
    offline: bool,
) -> None:
    """Measure, and show what was found."""
    if beir is not None and index is not None:
        raise UsageError(
            "--beir names its index itself; --index names another.", fix="Leave one of them out."
        )
    if beir is None and passages is not None:
        raise UsageError(
            "--passages goes with --beir: an index that is there was cut when it was built.",
            fix="Leave it out, or give --beir FOLDER.",
        )
    if latex and call.typed("--json"):
        raise UsageError("--latex and --json both say what to print.", fix="Leave one of them out.")
    check_latex(call, latex)
    from contextlib import ExitStack

    from retrieval import engine
    from retrieval.engine.benchmark.judgments import JudgmentOptions

    judgments = JudgmentOptions(
        qrels=qrels,
        queries=queries,
        split=split,
        label_field=label_field,
        label_queries=label_queries,
        label_template=label_template,
    )
    with ExitStack() as stack:
        observer = stack.enter_context(CommandObserver())
        if beir is not None:
            opened = engine.open_beir(
                beir,
                home=home,
                model=model,
                passages=passages,
                offline=offline,
                recall=recall,
                observer=observer,
            )
        else:
            opened = _opened(index, home, observer, model=model, offline=offline, recall=recall)
        stack.enter_context(opened)
        done = engine.bench(
            opened,
            judgments=judgments,
            measures=metrics,
            primary=primary,
            compare=compares,
            home=home,
            depth=depth,
            candidates=candidates,
            exclude_self=exclude_self,
            only_answerable=only_answerable,
            in_sample=in_sample,
            seed=seed,
            offline=offline,
            observer=observer,
        )
    if run_out is not None:
        _write_runs(run_out, done.runs)
    show_report(call, done.report, latex=latex, per_query=per_query, html=html, plots=plots)


class _Opening(TypedDict):
    """What is said of how an index is opened."""

    model: str | None
    offline: bool
    recall: str | None


def _opened(
    name: str | None, home: str, observer: CommandObserver, **how: Unpack[_Opening]
) -> Index:
    from retrieval import engine

    path, note = engine.find_index(name, home, interactive=stdout_is_terminal())
    if note:
        observer.note(note)
    return engine.open(path, observer=observer, **how)


def _run_files(path: Path, runs: tuple[Run, ...]) -> list[tuple[Path, Run]]:
    """Return where each run goes: the file itself, or one a system with its name in it."""
    if len(runs) == 1:
        return [(path, runs[0])]
    safe = [re.sub(r"[^\w.-]+", "-", one.name) for one in runs]
    return [
        (path.with_name(f"{path.stem}-{name}{path.suffix}"), run)
        for name, run in zip(safe, runs, strict=True)
    ]


def _write_runs(path: str, runs: tuple[Run, ...]) -> None:
    from retrieval.evaluate.formats import write_run
    from retrieval.fsops import LocalFiles

    for target, run in _run_files(Path(path), runs):
        write_run(LocalFiles(), target, run)
