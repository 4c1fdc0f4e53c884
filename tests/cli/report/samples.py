"""Benchmarks as the engine would report them: usual ones, odd ones, hostile ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from retrieval.evaluate.results import (
    BenchReport,
    ClusterSilhouette,
    Comparison,
    LabelFigures,
    MeasureResult,
    RankingFigures,
    Resampled,
    ShownHit,
    SilhouetteFigure,
    SystemResult,
    TaskKind,
    TaskSummary,
    WorstQuery,
)

MEASURES = ("nDCG@10", "AP", "P@10", "R@100", "RR", "Success@1", "bpref", "Judged@10")
CAUTION = "Depth 10 is below the number of relevant documents of 12 queries."
HOSTILE = '<script>alert("x")</script><img src=x onerror=y>&amp;\x1b[31m\u202e\x00$\\%_{#}~^'


def result(mean: float, *, judged: int = 300, **changes: Any) -> MeasureResult:
    usual = MeasureResult(
        mean=mean,
        low=max(0.0, mean - 0.0443),
        high=min(1.0, mean + 0.0441),
        n_judged=judged,
        n_answered=judged - 2,
        resampled=Resampled.QUERIES,
    )
    return replace(usual, **changes)


def system(
    name: str, mean: float, *, measures: Sequence[str] = MEASURES[:3], **changes: Any
) -> SystemResult:
    usual = SystemResult(
        name=name,
        description=f"{name}, index scifact",
        measures={one: result(mean - 0.05 * place) for place, one in enumerate(measures)},
        per_query={one: {"1": mean} for one in measures},
        depth=1000,
        tied_share=0.0,
    )
    return replace(usual, **changes)


def comparison(name: str, measure: str, difference: float, **changes: Any) -> Comparison:
    usual = Comparison(
        baseline="dense",
        system=name,
        measure=measure,
        primary=measure == MEASURES[0],
        difference=difference,
        low=difference - 0.031,
        high=difference + 0.03,
        p_value=0.0004 if abs(difference) > 0.05 else 0.0131,
        p_holm=0.0012 if abs(difference) > 0.05 else 0.0524,
        wins=98,
        ties=161,
        losses=41,
    )
    return replace(usual, **changes)


def label(name: str, average_precision: float, **changes: Any) -> LabelFigures:
    usual = LabelFigures(
        system=name,
        label="positive",
        documents=2132,
        base_rate=0.4981,
        average_precision=average_precision,
        best_f1=0.6891,
        f1_threshold=0.2131,
        best_accuracy=0.5801,
        accuracy_threshold=0.2457,
    )
    return replace(usual, **changes)


def figures(name: str, strength: float) -> RankingFigures:
    """Return curves of two overlapping score distributions; a strength of 0 is chance."""
    chance = np.random.default_rng(7)
    recall = np.linspace(0.0, 1.0, 21)
    precision = (0.15 + 0.8 * strength) * (1 - recall ** (1 + 2 * strength)) + 0.02
    rank = np.unique(np.geomspace(1, 1000, 120).astype(int))
    at_rank = np.minimum(1.0, strength * 0.9 / rank**0.45)
    edges = np.linspace(-0.1, 1.0, 45)
    relevant, _ = np.histogram(chance.normal(0.3 + 0.4 * strength, 0.13, 400), edges)
    others, _ = np.histogram(chance.normal(0.2, 0.11, 20_000), edges)
    return RankingFigures(
        system=name,
        recall=tuple(recall.tolist()),
        precision=tuple(np.clip(precision, 0, 1).tolist()),
        rank=tuple(rank.tolist()),
        precision_at_rank=tuple(at_rank.tolist()),
        edges=tuple(edges.tolist()),
        relevant=tuple(relevant.tolist()),
        non_relevant=tuple(others.tolist()),
        threshold=0.25 + 0.3 * strength,
        best_f1=0.3 + 0.4 * strength,
    )


def silhouette(groups: int, names: Sequence[str] = ()) -> SilhouetteFigure:
    chance = np.random.default_rng(groups)
    found = []
    for place in range(groups):
        values = np.sort(chance.normal(0.12 - 0.4 * place / groups + 0.2, 0.12, 200))[::-1]
        name = names[place] if place < len(names) else f"GROUP {place + 1}"
        found.append(
            ClusterSilhouette(
                name=name,
                size=int(chance.integers(3, 9000)),
                mean=float(values.mean()),
                values=tuple(np.clip(values, -1, 1).tolist()),
            )
        )
    mean = float(np.mean([one.mean for one in found])) if found else 0.0
    return SilhouetteFigure(grouped_by="field category", mean=mean, groups=tuple(found))


def worst(count: int = 3) -> tuple[WorstQuery, ...]:
    claims = (
        "0-dimensional biomaterials show inductive properties.",
        "1 in 5 million in UK have abnormal PrP positivity.",
        "ALDH1 expression is associated with better breast cancer outcomes.",
    )
    hits = (
        ShownHit(
            rank=1,
            score=0.5312,
            doc_id="21456232",
            text="Hematopoietic stem cells and their niche. Stem cells reside in a physical niche"
            " where an intricate system of signals regulates them.",
            grade=None,
        ),
        ShownHit(rank=2, score=0.5174, doc_id="4346436", text="Biomaterials.", grade=0),
        ShownHit(rank=3, score=0.4991, doc_id="31715818", text="Osteogenesis on silk.", grade=1),
    )
    return tuple(
        WorstQuery(query_id=str(place), query=claims[place % 3], value=0.0, relevant=1, hits=hits)
        for place in range(count)
    )


TASK = TaskSummary(
    kind=TaskKind.QUERIES,
    judgments="scifact/qrels/test.tsv",
    split="test",
    queries=300,
    documents=5183,
    judgments_count=339,
    without_relevant=0,
    unknown_documents=0,
    duplicate_documents=0,
)
PROVENANCE = {
    "index": "scifact",
    "generation": 3,
    "model": {"name": "all-MiniLM-L6-v2", "fingerprint": "53aa51172d142c89d9012cce15ae4d6c"},
    "seed": 20240501,
    "versions": {"retrieval": "0.1.0", "numpy": "2.4.6", "onnxruntime": "1.32.0"},
    "time": "2026-11-25T02:30:00+00:00",
    "machine": {"cpu": "Example CPU", "cores": 2, "simd": ["avx2", "avx512f"]},
    "dirty": False,
    "parent": None,
}


def one_system(**changes: Any) -> BenchReport:
    usual = BenchReport(
        primary="nDCG@10",
        task=TASK,
        systems=(system("dense", 0.6451),),
        comparisons=(),
        figures=(figures("dense", 0.6),),
        silhouette=None,
        worst=worst(),
        provenance=PROVENANCE,
    )
    return replace(usual, **changes)


def four_systems(**changes: Any) -> BenchReport:
    others = {"lexical": 0.0211, "hybrid": 0.0689, "memory": 0.3391}
    strengths = {"dense": 0.6, "lexical": 0.5, "hybrid": 0.75, "memory": 0.95}
    cautious = {"nDCG@10": result(0.6451), "AP": result(0.6012, caution=CAUTION)}
    systems = (
        replace(system("dense", 0.6451), measures=cautious),
        system("lexical", 0.6662, measures=MEASURES[:2], tied_share=0.0123),
        system("hybrid", 0.714, measures=MEASURES[:2], out_of_fold=300, left_out=39),
        system("memory", 0.9842, measures=MEASURES[:2], in_sample=True),
    )
    usual = one_system(
        task=replace(
            TASK,
            without_relevant=6,
            unknown_documents=1,
            duplicate_documents=2,
            notes=("Grades of 1 and above count as relevant.",),
        ),
        systems=systems,
        comparisons=tuple(
            comparison(name, measure, by) for measure in MEASURES[:2] for name, by in others.items()
        ),
        figures=tuple(figures(name, strength) for name, strength in strengths.items()),
        silhouette=silhouette(3, ("positive", "negative", "neither of the two, with a long name")),
    )
    return replace(usual, **changes)


def one_label_query() -> BenchReport:
    """Return a label task: one query, resampled documents, the test refused."""
    refused = "The test needs 20 queries; there is 1."
    by_documents = {
        one: result(mean, judged=1, n_answered=1, resampled=Resampled.DOCUMENTS)
        for one, mean in (("AP", 0.6102), ("AUC", 0.6233))
    }
    return one_system(
        primary="AP",
        task=replace(
            TASK, kind=TaskKind.LABELS, judgments="field label", split="", queries=1, documents=2132
        ),
        systems=(
            replace(system("dense", 0.61), measures=by_documents, depth=None),
            replace(system("concept", 0.854), measures=by_documents, depth=None, in_sample=True),
        ),
        comparisons=(
            comparison(
                "concept",
                "AP",
                0.2439,
                p_value=None,
                p_holm=None,
                refused=refused,
                wins=1,
                ties=0,
                losses=0,
            ),
        ),
        figures=(figures("dense", 0.4), figures("concept", 0.8)),
        labels=(label("dense", 0.6102), label("concept", 0.8541)),
    )


def nothing_to_show() -> BenchReport:
    """Return a report without figures, comparisons, silhouette, worst queries, provenance."""
    return one_system(
        systems=(replace(system("dense", 0.5), measures={"AP": result(0.5)}),),
        primary="AP",
        figures=(),
        worst=(),
        provenance={},
    )


def hostile() -> BenchReport:
    """Return a report in which every text tries to be more than text."""
    base = four_systems()
    names = {"dense": "dense"} | {
        one.name: f"{HOSTILE} {one.name}" for one in base.systems if one.name != "dense"
    }
    hits = tuple(replace(hit, doc_id=HOSTILE, text=HOSTILE * 5) for hit in worst(1)[0].hits)
    return replace(
        base,
        primary=HOSTILE,
        task=replace(base.task, judgments=HOSTILE, split=HOSTILE, notes=(HOSTILE,)),
        systems=tuple(
            replace(
                one,
                name=names[one.name],
                description=HOSTILE,
                measures={HOSTILE: result(0.5, caution=HOSTILE + "!"), "AP": result(0.4)},
            )
            for one in base.systems
        ),
        comparisons=tuple(
            replace(
                one,
                system=names[one.system],
                measure=HOSTILE,
                refused=HOSTILE,
                p_value=None,
                p_holm=None,
            )
            for one in base.comparisons[:3]
        ),
        figures=tuple(replace(one, system=names[one.system]) for one in base.figures),
        silhouette=silhouette(2, (HOSTILE, "映画" * 30)),
        worst=tuple(replace(one, query=HOSTILE, query_id=HOSTILE, hits=hits) for one in worst(2)),
        provenance={HOSTILE: HOSTILE, "index": HOSTILE, "seed": 1},
    )


def long_names() -> BenchReport:
    """Return six systems with names and eight measures that need room."""
    names = [
        f"{place}-hybrid-of-all-MiniLM-L6-v2-and-stemmed-bm25-reranked-by-ms-marco-{'x' * 30}"
        for place in range(6)
    ]
    systems = tuple(
        system(name, 0.6 + place / 50, measures=MEASURES, in_sample=place == 2, depth=10**place)
        for place, name in enumerate(names)
    )
    return four_systems(
        systems=systems,
        comparisons=tuple(
            comparison(name, measure, 0.01, baseline=names[0])
            for measure in MEASURES
            for name in names[1:]
        ),
        figures=tuple(figures(name, 0.4 + place / 12) for place, name in enumerate(names)),
        silhouette=silhouette(
            41, ["PARENTING AND A VERY LONG CATEGORY NAME", "WELLNESS", "映画" * 9]
        ),
    )


EVERY = (one_system, four_systems, one_label_query, nothing_to_show, hostile, long_names)
