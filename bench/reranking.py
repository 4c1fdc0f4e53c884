"""What reranking is worth: one trained on SciFact's and TrecQA's train, judged on their test.

    python -m bench.reranking --work DIR             trains, measures, writes docs/reranking.md
    python -m bench.reranking --work DIR --small     a training of minutes, and few candidates
    python -m bench.reranking --work DIR --model M   measures another cross-encoder

A killed run goes on where it was when the same command is given again: indexes, checkpoints
and the finished model lie in DIR.

SciFact's train leaks into its test, so figures are told for all 300 claims, for those without a
train twin (cosine >= .8 and a shared relevant document) and for those that share no relevant
document with train at all, beside a baseline of pure memory: the documents relevant to the nearest
train claim first, then as hybrid search ranks; no reranker. TrecQA ranks the sentences judged
for each question. Targets: on the claims that share nothing not below hybrid (paired interval
above -0.01); better than hybrid on TrecQA's test.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import retrieval
from bench.provenance import ROOT, data_folder, record
from bench.reranking_page import write_figures
from retrieval.engine.benchmark.judgments import find_task
from retrieval.engine.benchmark.task import Task
from retrieval.errors import TrainingError
from retrieval.evaluate.bootstrap import mean_interval
from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.paired import compare
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.options import TrainOptions
from retrieval.train.progress import Progress

TWIN = 0.8
SYSTEMS = ("hybrid", "rerank", "rerank_only")


class Told:
    """Says how the work goes: notes, and seconds a step every so often."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self._before = time.monotonic()
        self._said = 0.0

    def note(self, text: str) -> None:
        print(f"note: {text}", file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        print(f"warning: {text}", file=sys.stderr, flush=True)

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Let it pass."""

    def trained(self, progress: Progress) -> None:
        now = time.monotonic()
        if not progress.validated:
            self.steps.append(now - self._before)
        self._before = now
        if progress.validated or now - self._said > 30:
            self._said = now
            last = self.steps[-20:] or [0.0]
            value = "" if progress.value is None else f", {progress.measure} {progress.value:.4f}"
            print(
                f"step {progress.step:,} of {progress.steps:,}: loss {progress.loss:.4f}{value},"
                f" {np.median(last):.2f} s a step, about {progress.seconds_left / 60:.0f} min left",
                file=sys.stderr,
                flush=True,
            )


def trained(work: Path, home: Path, *, small: bool, epochs: int) -> dict[str, Any]:
    """Train, or take what is there; return the folder's facts, or why nothing was published."""
    folder = work / ("small" if small else f"model-{epochs}")
    train = TrainOptions(
        epochs=1 if small else epochs,
        batch_size=36,
        learning_rate=1e-4,
        max_length=128,
        validations=3,
        patience=None,
    )
    mining = retrieval.MiningOptions(
        negatives=1 if small else 4, candidates=10 if small else 30, validation=0.1
    )
    names = ["scifact"] if small else ["scifact", "trecqa"]
    observer = Told()
    known = {
        "training": "--small" if small else "the full one",
        "trained_on": names,
        "epochs": train.epochs,
        "max_length": train.max_length,
    }
    try:
        card = retrieval.train_reranker(
            [data_folder().resolve() / one for one in names],
            folder,
            CrossencoderOptions(train=train),
            mining=mining,
            indexes=[home / one for one in names],
            observer=observer,
        )
    except TrainingError as error:
        return {**known, "published": False, "refused": error.what}
    facts = {
        **known,
        "published": True,
        "folder": folder,
        "pairs": card.rows["rows"],
        "steps": card.steps,
        "seconds": card.seconds,
        "validation": card.checks["reranking"],
    }
    if observer.steps:
        facts["median_s_a_step"] = round(float(np.median(observer.steps)), 3)
    return facts


def values_of(run: Run, qrels: Qrels, measure: Measure) -> np.ndarray[Any, Any]:
    """Return a measure of each judged query."""
    return np.asarray(evaluate(qrels, run, [measure]).of(measure))


def claims_apart(index: retrieval.Index, test: Task, train: Task) -> dict[str, list[str]]:
    """Return the ids of all claims, of those without a twin, and of those that share nothing."""
    mine = index.encoder.encode_queries([one.text for one in test.queries])
    theirs = index.encoder.encode_queries([one.text for one in train.queries])
    near = mine @ theirs.T
    known = [set(relevant(train.qrels, one.query_id)) for one in train.queries]
    every = set().union(*known)
    no_twin, apart = [], []
    for at, query in enumerate(test.queries):
        own = set(relevant(test.qrels, query.query_id))
        twins = np.flatnonzero(near[at] >= TWIN).tolist()
        if not any(own & known[one] for one in twins):
            no_twin.append(query.query_id)
        if not own & every:
            apart.append(query.query_id)
    return {
        "all": [one.query_id for one in test.queries],
        "without a train twin": no_twin,
        "sharing no relevant document with train": apart,
    }


def memory_run(index: retrieval.Index, test: Task, train: Task, first: Run) -> Run:
    """Rank the relevant documents of the nearest train claim first, then as a first stage does."""
    mine = index.encoder.encode_queries([one.text for one in test.queries])
    theirs = index.encoder.encode_queries([one.text for one in train.queries])
    scores: dict[str, dict[str, float]] = {}
    for row, query in zip(mine @ theirs.T, test.queries, strict=True):
        own = dict(first.ranking(query.query_id))
        above = max(own.values(), default=0.0) + 1.0
        nearest = train.queries[int(row.argmax())].query_id
        scores[query.query_id] = {**own, **dict.fromkeys(relevant(train.qrels, nearest), above)}
    return Run.from_mapping("memory", scores)


def relevant(qrels: Qrels, query_id: str) -> list[str]:
    """Return the ids of a query's relevant documents."""
    return [one for one, grade in qrels.grades_of(query_id).items() if grade >= 1]


def compared(
    runs: Mapping[str, Run], qrels: Qrels, query_ids: Sequence[str], measure: Measure
) -> dict[str, Any]:
    """Return each run's mean and interval on some queries, and its difference to hybrid."""
    judged = qrels.select(query_ids)
    values = {name: values_of(run, judged, measure) for name, run in runs.items()}
    told: dict[str, Any] = {"queries": len(query_ids)}
    for name, own in values.items():
        interval = mean_interval(own, seed=0)
        told[name] = {
            "mean": round(interval.value, 4),
            "low": round(interval.low, 4),
            "high": round(interval.high, 4),
        }
        if name != "hybrid":
            beside = compare(values["hybrid"], own, seed=0)
            told[name]["over_hybrid"] = {
                "difference": round(beside.difference, 4),
                "low": round(beside.low, 4),
                "high": round(beside.high, 4),
                "p_value": beside.p_value,
            }
    return told


def ranked(
    index: retrieval.Index, model: str | None, candidates: int, queries: str, measure: str
) -> dict[str, Run]:
    """Return the runs of hybrid search with and without the reranker, if there is one."""
    again = f"hybrid,rerank={model},candidates={candidates}"
    reranked = [f"rerank={again}", f"rerank_only={again},only"] if model else []
    done = retrieval.bench(
        index,
        measures=[measure],
        compare=["hybrid=hybrid", *reranked],
        candidates=queries,
        depth=max(candidates, 10),
        observer=Told(),
    )
    return {run.name: run for run in done.runs if run.name in SYSTEMS}


def scifact_figures(home: Path, model: str | None, candidates: int) -> dict[str, Any]:
    """Measure on SciFact's test claims, whole and in the two parts that leak less."""
    measure = Measure.parse("nDCG@10")
    with retrieval.open(home / "scifact", observer=Told()) as index:
        test = find_task(index, retrieval.JudgmentOptions())
        train = find_task(index, retrieval.JudgmentOptions(split="train"))
        runs = ranked(index, model, candidates, "all", "nDCG@10")
        runs["memory"] = memory_run(index, test, train, runs["hybrid"])
        parts = claims_apart(index, test, train)
    return {
        "measure": "nDCG@10",
        **{name: compared(runs, test.qrels, ids, measure) for name, ids in parts.items()},
    }


def trecqa_figures(home: Path, model: str | None, candidates: int) -> dict[str, Any]:
    """Measure on TrecQA's test questions, the sentences judged for each alone."""
    with retrieval.open(home / "trecqa", observer=Told()) as index:
        test = find_task(index, retrieval.JudgmentOptions())
        runs = ranked(index, model, candidates, "qrels", "AP")
    ids = list(test.qrels.query_ids)
    return {"measure": "AP", "test": compared(runs, test.qrels, ids, Measure.parse("AP"))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--work", type=Path, required=True, help="Indexes, checkpoints, model.")
    parser.add_argument("--small", action="store_true", help="A training of minutes.")
    parser.add_argument("--epochs", type=int, default=1, help="Of the training (default 1).")
    parser.add_argument("--model", help="Measure this one instead of training.")
    parser.add_argument("--candidates", type=int, default=0, help="100; 20 with --small.")
    parser.add_argument("--only", choices=["train", "scifact", "trecqa"], action="append")
    chosen = parser.parse_args()
    home = chosen.work / "indexes"
    for name in ("scifact", "trecqa"):
        retrieval.open_beir(data_folder().resolve() / name, home=home, observer=Told()).close()
    candidates = chosen.candidates or (20 if chosen.small else 100)
    wanted = chosen.only or ["scifact", "trecqa"]
    if chosen.model:
        facts: dict[str, Any] = {"training": "none", "published": True, "folder": chosen.model}
    else:
        facts = trained(chosen.work, home, small=chosen.small, epochs=chosen.epochs)
    figures: dict[str, Any] = {"model": facts, "candidates": candidates}
    folder = facts.pop("folder", None)
    model = chosen.model or (None if folder is None else str(Path(folder).resolve()))
    if "scifact" in wanted:
        figures["scifact"] = scifact_figures(home, model, candidates)
    if "trecqa" in wanted:
        figures["trecqa"] = trecqa_figures(home, model, candidates)
    name = "reranking_small" if chosen.small else "reranking"
    record(name, figures)
    write_figures(ROOT / "docs" / "reranking.md")


if __name__ == "__main__":
    main()
