"""Every figure that has a target, where it is found, and whether it reaches it.

The table of ``run_all`` and the page ``docs/performance.md`` both come from here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Results = Mapping[str, Mapping[str, Any]]
"""The results of benchmarks by name, as their files have them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its target.

    Attributes:
        result: Name of the result it is in.
        figure: Keys that lead to it, joined by ``/``.
        what: What it is.
        target: What it should reach, in words; empty for a figure told for comparison.
        over: Keys of another figure that this one is divided by; empty for none.
    """

    result: str
    figure: str
    what: str
    target: str = ""
    over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured.

    Attributes:
        value: Median of the rounds, or the one figure there is.
        low: The least; None without rounds.
        high: The greatest.
        runs: How many rounds; 0 without.
    """

    value: float
    low: float | None = None
    high: float | None = None
    runs: int = 0


NDCG = "runs/dense/measures/nDCG@10/mean"
BM25 = "figures/scifact_whole/lexical/nDCG@10/mean"
HYBRID = "figures/scifact_whole/hybrid/nDCG@10/mean"
PAIRED = "figures/ranking/labels_four_pairs"
MIXES = "figures/calibration"
RATES = "figures/documents_per_second"
MILLION = "figures/of_size/1000000"
AT_99 = "figures/1000000/at_recall/0.99/per_second"
HELD = "figures/1000000/contestants"
SECTIONS: dict[str, tuple[Row, ...]] = {
    "Indexing": (
        Row(
            "peers_indexing",
            "figures/retrieve_over/sentence_transformers",
            "documents a second / `SentenceTransformer.encode`",
            ">= 5",
        ),
        Row(
            "peers_indexing",
            "figures/retrieve_over_best_peer",
            "documents a second / the best peer's",
            ">= 1.5",
        ),
        Row("peers_indexing", f"{RATES}/retrieve", "documents a second, `retrieve index`"),
        Row("peers_indexing", f"{RATES}/sentence_transformers", "`SentenceTransformer.encode`"),
        Row("peers_indexing", f"{RATES}/sentence_transformers_onnx", "its ONNX backend"),
        Row("peers_indexing", f"{RATES}/txtai", "txtai"),
        Row("peers_indexing", f"{RATES}/chromadb", "chromadb, its default function"),
        Row("peers_indexing", f"{RATES}/chromadb_st", "chromadb, sentence-transformers"),
        Row("peers_indexing", f"{RATES}/lancedb", "LanceDB"),
        Row(
            "peers_indexing", "figures/top_10_overlap/retrieve", "of the ten best, exact", ">= 0.99"
        ),
        Row("peers_indexing", "figures/top_10_overlap/txtai", "txtai's ten best"),
        Row("peers_indexing", "figures/top_10_overlap/chromadb", "chromadb's ten best"),
        Row("peers_indexing", "figures/top_10_overlap/lancedb", "LanceDB's ten best"),
        Row(
            "indexing",
            "figures/retrieve_over_sentence_transformers",
            "10,000 passages / `SentenceTransformer.encode`",
            ">= 3",
        ),
        Row("indexing", "figures/least_cosine", "least cosine of the vectors", ">= 0.9999"),
        Row("memory", "figures/peak_mib/once", "peak for 200,000 documents, MiB", "< 1144"),
        Row("memory", "figures/more_mib", "more for 400,000, MiB", "<= 19"),
    ),
    "A question asked once, cold": (
        Row("peers_cold", "figures/over_retrieve/txtai", "txtai / `retrieve query`", ">= 15"),
        Row(
            "peers_cold",
            "figures/over_retrieve/chromadb",
            "chromadb, its default function / `retrieve query`",
            ">= 15",
        ),
        Row(
            "peers_cold",
            "figures/over_retrieve/chromadb_st",
            "chromadb, sentence-transformers / `retrieve query`",
            ">= 15",
        ),
        Row("peers_cold", "figures/over_retrieve/lancedb", "LanceDB / `retrieve query`"),
        Row(
            "peers_cold",
            "figures/over_retrieve/st_faiss",
            "sentence-transformers and FAISS / `retrieve query`",
        ),
        Row("peers_cold", "figures/seconds/retrieve", "seconds, `retrieve query`"),
        Row("cold_query", "figures/query_over_bare", "`retrieve query` / bare script", "<= 1.4"),
        Row("cold_query", "figures/query_over_bare_quick", "bare script tuned as ours"),
        Row(
            "cold_query",
            "figures/sentence_transformers_over_query",
            "sentence-transformers / `retrieve query`",
            ">= 15",
        ),
        Row("cold_query", "figures/help_over_query", "`--help` / query", "< 0.5"),
        Row("cold_query", "figures/status_over_query", "`status` / query", "< 0.5"),
        Row("resident", "figures/cold_over_warm", "cold query / warm, by a resident helper"),
        Row("resident", "figures/warm_over_python", "warm query / Python alone"),
        Row("resident", "figures/helper/resident_mib", "memory of a helper, MiB"),
    ),
    "A million vectors": (
        Row(
            "scaling",
            "figures/first_query_over_least/1000000",
            "first query, cold, on 1,000,000 / on 10,000",
            "<= 1.6",
        ),
        Row("scaling", f"{MILLION}/first_query_s", "seconds of it on 1,000,000"),
        Row("scaling", f"{MILLION}/query_ms", "warm query, ms"),
        Row("scaling", f"{MILLION}/recall_at_10", "recall@10 of it", ">= 0.99"),
        Row("scaling", f"{MILLION}/build_s", "seconds to build from vectors"),
        Row("scaling", f"{MILLION}/build_peak_mib", "peak of building, MiB"),
        Row("scaling", f"{MILLION}/disk_mib/all", "on disk, MiB"),
        Row(
            "peers_search",
            f"{MILLION}/query_over_exact/faiss_flat",
            "exact: FAISS flat / ours, one query",
        ),
        Row(
            "peers_search",
            f"{MILLION}/query_over_exact/semantic_search",
            "exact: `util.semantic_search` / ours, one query",
        ),
        Row(
            "peers_search",
            f"{MILLION}/batch_exact_over/faiss_flat",
            "exact: ours / FAISS flat, queries a second of a batch",
        ),
        Row(
            "peers_search",
            f"{MILLION}/batch_exact_over/semantic_search",
            "exact: ours / `util.semantic_search`, of a batch",
        ),
    ),
    "Approximate search": (
        *(
            Row(
                "approximate",
                f"{AT_99}/{mode}/ours_over_{peer}",
                f"1,000,000, recall@10 .99: queries a second / {peer}, {told}",
                ">= 1",
            )
            for mode, told in (("alone", "one by one"), ("cores", "a batch on every core"))
            for peer in ("hnswlib", "usearch")
        ),
        *(
            Row(
                "approximate",
                f"{HELD}/ours/memory_mib",
                f"1,000,000: memory, mapped files included / {peer}",
                "<= 0.6",
                over=f"{HELD}/{peer}/memory_mib",
            )
            for peer in ("hnswlib", "usearch")
        ),
        Row(
            "approximate_10m",
            "figures/10000000/at_recall/0.95/per_second/alone/ours",
            "10,000,000, recall@10 .95: queries a second on one core",
            "> 50",
        ),
        Row(
            "approximate_10m",
            "figures/10000000/contestants/ours/memory_mib",
            "10,000,000: memory, mapped files included, MiB",
            "<= 11444",
        ),
    ),
    "Quality": (
        Row(
            "default_quality",
            "figures/scifact/difference",
            "SciFact nDCG@10, default less fp32 exact",
            "0 +- 0.002",
        ),
        Row(
            "default_quality",
            "figures/cranfield/difference",
            "Cranfield nDCG@10, default less fp32 exact",
            "0 +- 0.002",
        ),
        Row("beir_scifact_whole", NDCG, "SciFact whole, nDCG@10", "0.645 +- 0.002"),
        Row("beir_scifact_windows", NDCG, "SciFact windows, nDCG@10", "about 0.660"),
        Row("beir_cranfield_windows", NDCG, "Cranfield windows, nDCG@10"),
        Row("beir_cisi_windows", NDCG, "CISI windows, nDCG@10"),
        Row("word_quality", BM25, "SciFact whole, BM25", ">= 0.675"),
        Row("word_quality", HYBRID, "SciFact whole, hybrid", ">= 0.72"),
    ),
    "Words": (
        Row("words", "figures/ours_over/bm25s_numpy", "BM25 top 10 / bm25s, numpy", "<= 0.5"),
        Row("words", "figures/ours_over/bm25s_numba", "BM25 top 10 / bm25s, numba", "<= 0.5"),
        Row("words", "figures/ours_over/fts5", "BM25 top 10 / SQLite FTS5", "<= 0.1"),
        Row("words", "figures/building_over_bm25s", "building words / bm25s", "<= 1.5"),
        Row("words", "figures/top_10_ms/ours", "BM25 top 10 of 200,000, ms"),
    ),
    "Filters": (
        Row("filters", "figures/passages", "passages"),
        Row("filters", "figures/dense, exact/1 % over unfiltered", "exact: 1 % kept / all", "<= 2"),
        Row("filters", "figures/dense, exact/10 % over unfiltered", "exact: 10 % kept", "<= 2"),
        Row("filters", "figures/dense, exact/50 % over unfiltered", "exact: 50 % kept", "<= 2"),
        Row("filters", "figures/hybrid, exact/50 % over unfiltered", "both, exact: 50 %", "<= 2"),
        Row("filters", "figures/lexical/50 % over unfiltered", "by words, 50 % kept", "<= 2"),
        Row("filters", "figures/dense/1 % over unfiltered", "recall .99: 1 % kept / all", "<= 2"),
        Row("filters", "figures/dense/10 % over unfiltered", "recall .99: 10 % kept", "<= 2"),
        Row("filters", "figures/dense/50 % over unfiltered", "recall .99: 50 % kept", "<= 2"),
        Row("filters", "figures/hybrid/1 % over unfiltered", "both: 1 % kept", "<= 2"),
        Row("filters", "figures/hybrid/10 % over unfiltered", "both: 10 % kept", "<= 2"),
        Row("filters", "figures/hybrid/50 % over unfiltered", "both: 50 % kept", "<= 2"),
        Row("filters", "figures/dense, exact/unfiltered, ms", "exact, all, ms"),
        Row("filters", "figures/dense/unfiltered, ms", "recall .99, all, ms"),
        Row("filters", "figures/dense/10 %, ms", "recall .99, 10 % kept, ms"),
        Row("filters", "figures/hybrid/unfiltered, ms", "both, all, ms"),
        Row("filters", "figures/hybrid/10 %, ms", "both, 10 % kept, ms"),
    ),
    "Reranking": (
        Row(
            "rerank_speed",
            "figures/speed/ours_over_predict",
            "pairs a second / `CrossEncoder.predict`",
            ">= 3",
        ),
        Row(
            "rerank_speed",
            "figures/speed/greatest_difference",
            "greatest difference of a score",
            "<= 0.0001",
        ),
        Row(
            "rerank_speed",
            "figures/besides/all_but_both_models_ms",
            "hybrid with rerank of 50, but for the models, ms",
            "< 10",
        ),
    ),
    "Pairs and clusters": (
        Row("pairs", "figures/paraphrase_mining_over_ours", "`paraphrase_mining` / ours", ">= 3"),
        Row(
            "pairs",
            "figures/mining_paraphrase_mining_over_ours",
            "`paraphrase_mining` / ours, vectors at hand",
        ),
        Row("pairs", "figures/shared_of_100", "of the first 100 pairs, shared", ">= 100"),
        Row("clustering", "figures/sklearn_over_ours", "k-means: scikit-learn / ours", ">= 3"),
        Row("clustering", "figures/spherical_inertia/ours", "inertia, ours"),
        Row("clustering", "figures/spherical_inertia/sklearn", "inertia, scikit-learn"),
    ),
    "Measures": (
        Row("measures", "figures/judged/1/ours_over_ranx", "ten measures / ranx", "<= 1.5"),
        Row("measures", "figures/judged/20/ours_over_ranx", "20 judged a query", "<= 1.5"),
        Row("silhouette", "figures/seconds/cosine", "silhouette of 20,000 x 384, seconds", "< 1"),
    ),
    "Concepts (rt_polarity, AP)": (
        Row("concepts", "figures/ranking/text", "text", ">= 0.61"),
        Row("concepts", "figures/ranking/one_pair", "contrast of two texts", ">= 0.73"),
        Row("concepts", "figures/ranking/labels/50", "50 labels", ">= 0.71"),
        Row("concepts", "figures/ranking/labels/200", "200 labels", ">= 0.78"),
        Row("concepts", "figures/ranking/labels/1000", "1,000 labels", ">= 0.825"),
        Row("concepts", "figures/ranking/labels/all", "all 7,677 labels", ">= 0.85"),
        Row("concepts", f"{PAIRED}/20", "four pairs of texts, 20 labels", ">= 0.77"),
        Row("concepts", f"{PAIRED}/50", "four pairs of texts, 50 labels", ">= 0.785"),
        Row("concepts", f"{PAIRED}/200", "four pairs of texts, 200 labels", ">= 0.80"),
        Row(
            "concepts",
            f"{MIXES}/as_they_are/above_floor",
            "calibration error above floor",
            "<= 0.015",
        ),
        Row("concepts", f"{MIXES}/5_percent/above_floor", "5 % positive", "<= 0.015"),
        Row("concepts", f"{MIXES}/1_percent/above_floor", "1 % positive", "<= 0.015"),
        Row(
            "concepts",
            "figures/promise/as_they_are_200/missed",
            "promises missed, 200 labels",
            "<= 10",
        ),
        Row("concepts", "figures/promise/as_they_are_200/refused", "promises refused, 200 labels"),
        Row(
            "concepts",
            "figures/promise/as_they_are_1000/missed",
            "promises missed, 1,000 labels",
            "<= 10",
        ),
        Row(
            "concepts", "figures/promise/as_they_are_1000/refused", "promises refused, 1,000 labels"
        ),
        Row("concepts", "figures/speed/ours_over_sklearn", "learned and ranked / sklearn", "<= 3"),
        Row("concepts", "figures/speed/with_report_over_sklearn", "the same, with its report"),
    ),
}
"""Rows by what they are about, in the order of the table."""


def rows() -> Iterator[Row]:
    """Yield every row, in order."""
    for section in SECTIONS.values():
        yield from section


def read_results(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the last result of each benchmark that has one, by name."""
    found = sorted(folder.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def figure(row: Row, results: Results) -> Figure | None:
    """Return what was measured; None where it was not, or not in this size."""
    result = results.get(row.result)
    found = _read(result, row.figure)
    if found is None or not row.over:
        return found
    below = _read(result, row.over)
    return None if below is None else Figure(value=found.value / below.value)


def _read(result: Any, keys: str) -> Figure | None:
    value = result
    for key in keys.split("/"):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    if not isinstance(value, Mapping):
        return Figure(value=float(value))
    if "min" not in value:  # the parts of a sum
        return Figure(value=float(sum(value.values())))
    middle = value["median"] if "median" in value else value["mean"]
    runs = int(value.get("runs", 0))
    return Figure(value=middle, low=value["min"], high=value["max"], runs=runs)


def reaches(target: str, value: float) -> bool | None:
    """Tell whether a value is where a target wants it; None where none is said.

    Raises:
        ValueError: It is none of ``>= a``, ``> a``, ``<= a``, ``< a``, ``a +- b``, ``about a``.
    """
    if not target or target.startswith("about "):
        return None
    if around := re.fullmatch(r"([\d.]+) \+- ([\d.]+)", target):
        return abs(value - float(around[1])) <= float(around[2])
    bound = re.fullmatch(r"([<>]=?) ([\d.]+)", target)
    if bound is None:
        raise ValueError(f"No target can be read in {target!r}.")
    limit = float(bound[2])
    return {
        ">=": value >= limit,
        ">": value > limit,
        "<=": value <= limit,
        "<": value < limit,
    }[bound[1]]
