"""The use case of measuring an index: ways of searching, side by side, on one task."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from retrieval.engine.benchmark.candidates import Candidates, restricted
from retrieval.engine.benchmark.grading import Grading
from retrieval.engine.benchmark.grouping import silhouette_of
from retrieval.engine.benchmark.judgments import JudgmentOptions, find_task
from retrieval.engine.benchmark.provenance import machine_provenance
from retrieval.engine.benchmark.read_once import shared_rerankers
from retrieval.engine.benchmark.reporting import reported
from retrieval.engine.benchmark.specs import Spec, open_system
from retrieval.engine.benchmark.systems import ConceptSystem, DenseSystem, System
from retrieval.engine.benchmark.task import Task
from retrieval.engine.benchmark.wanted import Wanted
from retrieval.engine.finding import DEFAULT_HOME
from retrieval.engine.index import Index
from retrieval.errors import UsageError
from retrieval.evaluate.results import BenchReport, TaskKind
from retrieval.evaluate.run import Run
from retrieval.evaluate.seen import hold_out
from retrieval.observer import SILENT, Observer

DEFAULT_DEPTH = 1000
FIRST_SYSTEM = "dense"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A report, and the rankings it was made of.

    Attributes:
        report: Figures, intervals, comparisons, provenance.
        runs: The ranking of each system, the first one first.
    """

    report: BenchReport
    runs: tuple[Run, ...]


def bench(
    index: Index,
    *,
    judgments: JudgmentOptions | None = None,
    measures: Sequence[str] = (),
    primary: str | None = None,
    compare: Sequence[str] = (),
    home: str | os.PathLike[str] = DEFAULT_HOME,
    depth: int = DEFAULT_DEPTH,
    candidates: str = Candidates.ALL,
    exclude_self: bool = False,
    only_answerable: bool = False,
    in_sample: bool = False,
    seed: int = 0,
    offline: bool = False,
    observer: Observer = SILENT,
) -> Benchmark:
    """Measure how good the answers of an index are.

    Args:
        index: The open index; its vector search is the first system, named ``dense``.
        judgments: Where judgments come from; None for those that belong to the index.
        measures: Names such as ``nDCG@10`` or ``silhouette``; none for a handful.
        primary: The measure to judge by; None for the first.
        compare: Other systems as ``NAME=SPEC``; see ``specs.Spec``.
        home: Folder of the indexes that specs name.
        depth: Hits ranked a query, at least 1; label tasks rank every document.
        candidates: ``all``, or ``qrels`` to rank only what is judged for a query.
        exclude_self: Take a query that is a document out of its own answers.
        only_answerable: Drop queries without a relevant document.
        in_sample: Grade systems on what they learned from too, and mark it.
        seed: Of every resampling, at least 0.
        offline: Never ask a model hub.
        observer: Follows the work.

    Returns:
        The report and the rankings.

    Raises:
        UsageError: An unknown measure or spec, no judgments, or nothing left to grade on.
        InputError: A file of judgments, queries or hits is missing or malformed.
        ModelError, StoreError: An index or its model cannot be had.
    """
    started = datetime.datetime.now(datetime.UTC)
    if depth < 1:
        raise UsageError(f"The depth is {depth}; at least 1 hit has to be ranked.")
    if seed < 0:
        raise UsageError(f"The seed is {seed}; it cannot be negative.")
    wanted = Wanted.parse(measures, primary)
    options = judgments or JudgmentOptions()
    if options.names_files and options.label_field is not None and not wanted.silhouette:
        raise UsageError(
            "Judgments come from files here, so --label-field would say nothing.",
            fix="Leave it out, or add --metric silhouette, whose groups it names.",
        )
    chosen = _candidates(candidates)
    with ExitStack() as stack:
        task = find_task(index, options)
        observer.note(_said(index, task))
        specs = [Spec.parse(one) for one in compare]
        systems: list[System] = [DenseSystem(FIRST_SYSTEM, index, index.snapshot.reach.least)]
        reranker = shared_rerankers(index.reranker)
        systems += [
            open_system(
                one,
                index=index,
                home=home,
                offline=offline,
                observer=observer,
                stack=stack,
                reranker=reranker,
                in_sample=in_sample,
            )
            for one in specs
        ]
        _check_names(systems)
        task = _answered(task, systems)
        task = restricted(index, task, chosen, exclude_self=exclude_self)
        held = hold_out(
            task.qrels,
            [one.seen for one in systems if one.seen is not None],
            documents_are_labelled=task.kind is TaskKind.LABELS,
            in_sample=in_sample,
        )
        task = task.judged_by(held.qrels, without=held.left_out_documents)
        if held.left_out:
            observer.warn(
                f"{held.left_out:,} judgments were left out, because a system learned from them."
            )
        cut = None if task.kind is TaskKind.LABELS else depth
        runs = []
        for number, system in enumerate(systems):
            observer.progress("ranking", number, len(systems), "systems")
            runs.append(system.rank(task, cut))
    grading = Grading(
        measures=wanted.resolved(task.kind),
        primary=wanted.primary_of(task.kind),
        by_label=task.kind is TaskKind.LABELS,
        only_answerable=only_answerable,
        seed=seed,
    )
    observer.progress("measuring", len(systems), len(systems), "systems")
    report = reported(
        index,
        task,
        held=held,
        systems=systems,
        runs=runs,
        depth=cut,
        grading=grading,
        silhouette=silhouette_of(index, options.label_field, seed=seed)
        if wanted.silhouette
        else None,
        provenance={
            "candidates": str(chosen),
            "exclude_self": exclude_self,
            "only_answerable": only_answerable,
            **machine_provenance(seed=seed, started=started),
        },
    )
    return Benchmark(report=report, runs=tuple(runs))


def _candidates(name: str) -> Candidates:
    try:
        return Candidates(name)
    except ValueError:
        raise UsageError(
            f"There are no candidates {name!r}; they are {' or '.join(Candidates)}."
        ) from None


def _said(index: Index, task: Task) -> str:
    """Say which judgments were taken."""
    split = f", split {task.split}" if task.split else ""
    noun = "label" if task.kind is TaskKind.LABELS else "query"
    count = len(task.qrels.query_ids)
    plural = noun if count == 1 else {"label": "labels", "query": "queries"}[noun]
    return f"Judgments: {task.judgments}{split}, {count:,} {plural}, asked of {index.name}."


def _answered(task: Task, systems: Sequence[System]) -> Task:
    """Leave in the task the queries that every concept stands for: it answers no other.

    Raises:
        UsageError: There is none.
    """
    for one in systems:
        if isinstance(one, ConceptSystem):
            kept = [query.query_id for query in task.queries if query.query_id in one.answers(task)]
            if not kept:
                raise UsageError(
                    f"None of the queries is what {one.name!r} ({one.description}) stands for.",
                    fix="Ask for its label, or for its name: --label-field, --label-queries,"
                    " --label-template.",
                )
            if len(kept) < len(task.queries):
                told = ", ".join(map(repr, kept))
                note = f"Only {told} is asked, since {one.name} answers no other query."
                task = replace(
                    task.judged_by(task.qrels.select(kept), without=frozenset()),
                    notes=(*task.notes, note),
                )
    return task


def _check_names(systems: Sequence[System]) -> None:
    names = [one.name for one in systems]
    for name in names:
        if names.count(name) > 1:
            first = f"; {FIRST_SYSTEM!r} is the index itself" if name == FIRST_SYSTEM else ""
            raise UsageError(
                f"Two systems are named {name!r}{first}.", fix="Give each --compare its own NAME."
            )
