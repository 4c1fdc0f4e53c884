"""The use case of measuring files of hits, from this program or any other."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from retrieval.engine.benchmark.benchmark import Benchmark
from retrieval.engine.benchmark.grading import Grading
from retrieval.engine.benchmark.provenance import machine_provenance
from retrieval.engine.benchmark.showing import figures_of, scored_labels
from retrieval.engine.benchmark.wanted import Wanted
from retrieval.engine.finding import shown_path
from retrieval.errors import InputError, UsageError
from retrieval.evaluate.formats import looks_like_run, read_qrels, read_run
from retrieval.evaluate.results import BenchReport, SystemResult, TaskKind, TaskSummary
from retrieval.evaluate.run import Run


def evaluate_runs(
    qrels: str | os.PathLike[str],
    runs: Sequence[str | os.PathLike[str]],
    *,
    measures: Sequence[str] = (),
    primary: str | None = None,
    only_answerable: bool = False,
    seed: int = 0,
) -> Benchmark:
    """Measure files of hits against a file of judgments.

    Args:
        qrels: Judgments: TREC, BEIR or JSON Lines, also ``.gz``.
        runs: Hits: TREC runs, or the JSON Lines of ``retrieve query``; the first is the one
            that the others are compared with.
        measures: Names such as ``nDCG@10``; none for a handful.
        primary: The measure to judge by; None for the first.
        only_answerable: Drop queries without a relevant document.
        seed: Of every resampling, at least 0.

    Returns:
        The report and the runs, named after their files.

    Raises:
        InputError: A file is missing or malformed, or the files were swapped.
        UsageError: An unknown measure, or no run.
    """
    started = datetime.datetime.now(datetime.UTC)
    if not runs:
        raise UsageError("No run was given.", fix="Write: retrieve evaluate QRELS RUN [RUN...]")
    wanted = Wanted.parse(measures, primary)
    if wanted.silhouette:
        raise UsageError(
            "The silhouette is of vectors, and files of hits have none.",
            fix="Use: retrieve bench --metric silhouette",
        )
    path = Path(qrels)
    _check_order(path, [Path(one) for one in runs])
    judged = read_qrels(path)
    read = _named([(Path(one), read_run(Path(one))) for one in runs])
    grading = Grading(
        measures=wanted.resolved(TaskKind.QUERIES),
        primary=wanted.primary_of(TaskKind.QUERIES),
        by_label=False,
        only_answerable=only_answerable,
        seed=seed,
    )
    depths = [_depth(one) for one in read]
    graded = grading.grade(judged, read, depths)
    drawn = [figures_of(one.name, scored_labels(judged, one)) for one in read]
    unasked = {
        one.name: found.evaluation.unjudged_queries for one, found in zip(read, graded, strict=True)
    }
    report = BenchReport(
        primary=str(grading.primary),
        task=TaskSummary(
            kind=TaskKind.QUERIES,
            judgments=shown_path(str(path.absolute())),
            split="",
            queries=graded[0].evaluation.n_judged,
            documents=None,
            judgments_count=len(judged),
            without_relevant=graded[0].evaluation.without_relevant,
            unknown_documents=0,
            duplicate_documents=0,
            notes=tuple(
                f"Queries of {name} that are not judged and do not count: {count:,}."
                for name, count in unasked.items()
                if count
            ),
        ),
        systems=tuple(
            SystemResult(
                name=run.name,
                description=f"run file {os.fspath(given)}",
                measures=dict(zip(map(str, grading.measures), one.results, strict=True)),
                per_query=one.per_query(),
                depth=depth,
                tied_share=one.evaluation.tied_share,
            )
            for run, one, depth, given in zip(read, graded, depths, runs, strict=True)
        ),
        comparisons=tuple(grading.compare(judged, read, graded)),
        figures=tuple(one for one in drawn if one is not None),
        silhouette=None,
        worst=(),
        provenance={
            "split": "",
            "depth": depths[0],
            "judgments_sha256": judged.digest,
            "only_answerable": only_answerable,
            **machine_provenance(seed=seed, started=started),
        },
    )
    return Benchmark(report=report, runs=tuple(read))


def _check_order(qrels: Path, runs: Sequence[Path]) -> None:
    """Refuse files in the wrong order, by their columns."""
    if looks_like_run(qrels):
        others = [one for one in runs if not looks_like_run(one)]
        hint = f"; {others[0]} could be the judgments" if others else ""
        raise InputError(
            f"{qrels} holds hits, not judgments{hint}.",
            fix="Judgments come first: retrieve evaluate QRELS RUN [RUN...]",
        )
    # an empty file is neither; reading it says so
    wrong = [one for one in runs if not looks_like_run(one) and one.stat().st_size]
    if wrong:
        raise InputError(
            f"{wrong[0]} holds no hits: a TREC run has six columns, and JSON Lines of hits have"
            " query_id, doc_id and score.",
            fix="Judgments come first and once: retrieve evaluate QRELS RUN [RUN...]",
        )


def _named(read: Sequence[tuple[Path, Run]]) -> list[Run]:
    """Name every run after its file; equal names get their folder's name too."""
    stems = [path.name.removesuffix(".gz").rpartition(".")[0] or path.name for path, _ in read]
    names = [
        stem if stems.count(stem) == 1 else f"{path.absolute().parent.name}/{stem}"
        for stem, (path, _) in zip(stems, read, strict=True)
    ]
    distinct = [
        name if names.count(name) == 1 else f"{name}#{at}" for at, name in enumerate(names, 1)
    ]
    return [replace(run, name=name) for name, (_, run) in zip(distinct, read, strict=True)]


def _depth(run: Run) -> int:
    """Return the most hits any query of a run has: the depth it was cut at, as far as it shows."""
    return max((end - start for start, end in map(run.span, run.query_ids)), default=0)
