"""Every benchmark, one after another, and a table of targets and figures: ``make bench``.

Each runs in a process of its own and leaves its result in ``bench/results``. One that fails
is named at the end, and the others run all the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench import provenance

SCRIPTS = (
    "cold_query",
    "resident",
    "indexing",
    "measures",
    "silhouette",
    "pairs",
    "clustering",
    "words",
    "filters",
    "concepts",
    "beir",
    "word_quality",
    "memory",
)
"""Modules of this package, the longest last."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its target.

    Attributes:
        result: Name of the result it is in.
        figure: Keys that lead to it, joined by ``/``.
        what: What it is.
        target: What it should reach, in words; empty for a figure told for comparison.
    """

    result: str
    figure: str
    what: str
    target: str = ""


NDCG = "runs/dense/measures/nDCG@10/mean"
BM25 = "figures/scifact_whole/lexical/nDCG@10/mean"
HYBRID = "figures/scifact_whole/hybrid/nDCG@10/mean"
PAIRED = "figures/ranking/labels_four_pairs"
MIXES = "figures/calibration"
ROWS = (
    Row("cold_query", "figures/query_over_bare", "cold query / bare script", "<= 1.4"),
    Row("cold_query", "figures/query_over_bare_quick", "  the same, bare script tuned as ours"),
    Row(
        "cold_query",
        "figures/sentence_transformers_over_query",
        "sentence_transformers / cold",
        ">= 15",
    ),
    Row("cold_query", "figures/help_over_query", "--help / cold query", "< 0.5"),
    Row("cold_query", "figures/status_over_query", "status / cold query", "< 0.5"),
    Row("cold_query", "figures/seconds/query", "cold query, seconds"),
    Row("resident", "figures/cold_over_warm", "cold query / warm, by a helper"),
    Row("resident", "figures/warm_over_python", "warm query / Python alone"),
    Row("resident", "figures/seconds/warm", "warm query, seconds"),
    Row("resident", "figures/helper/resident_mib", "memory of a helper, MiB"),
    Row("indexing", "figures/retrieve_over_sentence_transformers", "indexing / encode()", ">= 3"),
    Row("indexing", "figures/documents_per_second/retrieve", "documents a second"),
    Row("indexing", "figures/least_cosine", "least cosine of the vectors", ">= 0.9999"),
    Row("memory", "figures/peak_mib/once", "peak of 200k documents, MiB", "< 1144"),
    Row("memory", "figures/more_mib", "more for 400k, MiB", "<= 19"),
    Row(
        "measures",
        "figures/judged/1/ours_over_ranx",
        "ten measures / ranx, 1 judged a query",
        "<= 1.5",
    ),
    Row("measures", "figures/judged/20/ours_over_ranx", "  the same, 20 judged", "<= 1.5"),
    Row("silhouette", "figures/seconds/cosine", "silhouette of 20k x 384, seconds", "< 1"),
    Row("pairs", "figures/paraphrase_mining_over_ours", "pairs: paraphrase_mining / ours", ">= 3"),
    Row("pairs", "figures/shared_of_100", "  of the first 100 pairs, shared", "100"),
    Row("clustering", "figures/sklearn_over_ours", "k-means: scikit-learn / ours", ">= 3"),
    Row("clustering", "figures/spherical_inertia/ours", "  inertia, ours"),
    Row("clustering", "figures/spherical_inertia/sklearn", "  inertia, scikit-learn"),
    Row("concepts", "figures/ranking/text", "rt_polarity AP: text", "0.61"),
    Row("concepts", "figures/ranking/one_pair", "  contrast of two texts", ">= 0.73"),
    Row("concepts", "figures/ranking/labels/50", "  50 labels", ">= 0.71"),
    Row("concepts", "figures/ranking/labels/200", "  200 labels", ">= 0.78"),
    Row("concepts", "figures/ranking/labels/1000", "  1,000 labels", ">= 0.825"),
    Row("concepts", "figures/ranking/labels/all", "  all 7,677", ">= 0.85"),
    Row("concepts", f"{PAIRED}/20", "  four pairs of texts, 20 labels", ">= 0.77"),
    Row("concepts", f"{PAIRED}/50", "    50 labels", ">= 0.785"),
    Row("concepts", f"{PAIRED}/200", "    200 labels", ">= 0.80"),
    Row(
        "concepts", f"{MIXES}/as_they_are/above_floor", "calibration error above floor", "<= 0.015"
    ),
    Row("concepts", f"{MIXES}/5_percent/above_floor", "  5 % positive", "<= 0.015"),
    Row("concepts", f"{MIXES}/1_percent/above_floor", "  1 % positive", "<= 0.015"),
    Row(
        "concepts", "figures/promise/as_they_are_200/missed", "promises missed, 200 labels", "<= 10"
    ),
    Row("concepts", "figures/promise/as_they_are_200/refused", "  refused"),
    Row("concepts", "figures/promise/as_they_are_1000/missed", "  1,000 labels", "<= 10"),
    Row("concepts", "figures/promise/as_they_are_1000/refused", "  refused"),
    Row("concepts", "figures/speed/ours_over_sklearn", "learned and ranked / sklearn", "<= 3"),
    Row("concepts", "figures/speed/with_report_over_sklearn", "  the same, with its report"),
    Row("beir_scifact_whole", NDCG, "SciFact whole, nDCG@10", "0.645 +- 0.002"),
    Row("beir_scifact_windows", NDCG, "SciFact windows, nDCG@10", "about 0.660"),
    Row("beir_cranfield_windows", NDCG, "Cranfield windows, nDCG@10"),
    Row("beir_cisi_windows", NDCG, "CISI windows, nDCG@10"),
    Row("word_quality", BM25, "SciFact whole, BM25", ">= 0.675"),
    Row("word_quality", HYBRID, "SciFact whole, hybrid", ">= 0.72"),
    Row("words", "figures/ours_over/bm25s_numpy", "BM25 top 10 / bm25s, numpy", "<= 0.5"),
    Row("words", "figures/ours_over/bm25s_numba", "  the same, bm25s by numba", "<= 0.5"),
    Row("words", "figures/ours_over/fts5", "  the same / SQLite FTS5", "<= 0.1"),
    Row("words", "figures/building_over_bm25s", "building words / bm25s", "<= 1.5"),
    Row("words", "figures/top_10_ms/ours", "BM25 top 10 of 200k, ms"),
    Row("filters", "figures/dense/1 % over unfiltered", "filtered query, 1 % kept / all", "<= 2"),
    Row("filters", "figures/dense/10 % over unfiltered", "  10 % kept", "<= 2"),
    Row("filters", "figures/dense/50 % over unfiltered", "  50 % kept", "<= 2"),
    Row("filters", "figures/lexical/50 % over unfiltered", "  by words, 50 % kept", "<= 2"),
    Row("filters", "figures/hybrid/50 % over unfiltered", "  by both, 50 % kept", "<= 2"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", help=", ".join(SCRIPTS))
    parser.add_argument("--table", action="store_true", help="only show what was found before")
    chosen = parser.parse_args()
    failed = [] if chosen.table else [one for one in chosen.scripts or SCRIPTS if not run(one)]
    print(table(read_results()))
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}. The table has their figures of before.")


def run(script: str) -> bool:
    """Run a benchmark; tell whether it ended well."""
    print(f"\n{script}", flush=True)
    command = [sys.executable, "-m", f"bench.{script}"]
    return subprocess.run(command, cwd=provenance.ROOT, check=False).returncode == 0


def read_results() -> dict[str, dict[str, Any]]:
    """Return the last result of each benchmark that has one, by name."""
    found = sorted(provenance.RESULTS.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a line a figure: target, median, range of the rounds, and whence it is."""
    lines = [f"{'':38}{'target':>16}{'reached':>12}{'range':>20}  commit"]
    for row in ROWS:
        if row.result not in results:
            lines.append(f"{row.what:38}{row.target:>16}{'not run':>12}")
            continue
        result = results[row.result]
        value: Any = result
        for key in row.figure.split("/"):
            value = value[key]
        reached, spread = shown(value)
        commit = result["provenance"]["commit"]
        lines.append(f"{row.what:38}{row.target:>16}{reached:>12}{spread:>20}  {commit}")
    return "\n".join(lines)


def shown(value: float | Mapping[str, float]) -> tuple[str, str]:
    """Return a figure, and the range of its rounds where it has some."""
    if isinstance(value, Mapping):
        middle = value["median"] if "median" in value else value["mean"]
        return f"{middle:,.3f}", f"{value['min']:,.3f} - {value['max']:,.3f}"
    return f"{value:,.4f}", ""


if __name__ == "__main__":
    main()
