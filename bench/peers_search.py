"""Exact search over vectors in memory, warm: one query alone, and a batch, beside the usual.

Real embeddings resampled with noise. `retrieve` is `Index.search_vectors`, from an index on
disk to documents with their texts, at the default recall; `exact` is its exact search alone.
`util.semantic_search` is given tensors and `dot_score`, since the rows have unit length;
FAISS is `IndexFlatIP` with its own threads. Recall is against all products in numpy.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from sentence_transformers import util

import retrieval
from bench import embeddings, large, pairing, provenance
from bench.products import overlap
from retrieval.index.exact import ExactIndex
from retrieval.index.library import faiss_library
from retrieval.vectors import FloatRows

K = 10
BATCH = 256
ALONE = 32
"""Queries asked one by one in a round."""
Search: TypeAlias = Callable[[FloatRows], list[list[int]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", type=Path, default=large.WORK, help="Folder to keep things in.")
    chosen = parser.parse_args()
    figures = {str(size): of_size(chosen.work, size, chosen.runs) for size in chosen.sizes}
    provenance.record("peers_search", {"k": K, "batch": BATCH, "of_size": figures})


def of_size(work: Path, size: int, runs: int) -> dict[str, Any]:
    rows = np.array(embeddings.made_rows(work, size, large.SEED))
    queries = np.array(embeddings.made_rows(work, BATCH, large.QUERY_SEED))
    with retrieval.open(large.built(work, size), offline=True) as index:
        searches = {
            "retrieve": of_index(index),
            "exact": of_exact(rows),
            "semantic_search": of_tensors(rows),
            "faiss_flat": of_faiss(rows),
        }
        recall = {name: overlap(one(queries), rows, queries) for name, one in searches.items()}
        alone = pairing.in_turn(
            {name: alone_ms(one, queries[:ALONE]) for name, one in searches.items()}, runs
        )
        batch = pairing.in_turn(
            {name: batch_rate(one, queries) for name, one in searches.items()}, runs
        )
    peers = ("semantic_search", "faiss_flat")
    return {
        "query_ms": {name: pairing.summary(one) for name, one in alone.items()},
        "batch_queries_per_s": {name: pairing.summary(one) for name, one in batch.items()},
        "query_over_retrieve": {
            name: pairing.ratio(alone[name], alone["retrieve"]) for name in peers
        },
        "query_over_exact": {name: pairing.ratio(alone[name], alone["exact"]) for name in peers},
        "batch_retrieve_over": {
            name: pairing.ratio(batch["retrieve"], batch[name]) for name in peers
        },
        "batch_exact_over": {name: pairing.ratio(batch["exact"], batch[name]) for name in peers},
        "recall_at_10": {name: round(one, 4) for name, one in recall.items()},
    }


def of_index(index: retrieval.Index) -> Search:
    def search(queries: FloatRows) -> list[list[int]]:
        return [
            [int(hit.doc_id[1:]) for hit in hits] for hits in index.search_vectors(queries, k=K)
        ]

    return search


def of_exact(rows: FloatRows) -> Search:
    exact = ExactIndex.build(rows)
    return lambda queries: [one.rows.tolist() for one in exact.search(queries, K)]


def of_tensors(rows: FloatRows) -> Search:
    corpus = torch.from_numpy(rows)

    def search(queries: FloatRows) -> list[list[int]]:
        hits = util.semantic_search(
            torch.from_numpy(queries), corpus, top_k=K, score_function=util.dot_score
        )
        return [[hit["corpus_id"] for hit in one] for one in hits]

    return search


def of_faiss(rows: FloatRows) -> Search:
    # one library in one process: it has the kernels that were chosen for ours
    flat = faiss_library().IndexFlatIP(rows.shape[1])
    flat.add(rows)

    def search(queries: FloatRows) -> list[list[int]]:
        found: list[list[int]] = flat.search(queries, K)[1].tolist()
        return found

    return search


def alone_ms(search: Search, queries: FloatRows) -> Callable[[], float]:
    """Return what tells the median time of queries asked one by one, in milliseconds."""

    def measure() -> float:
        times: list[float] = []
        for query in queries:
            started = time.perf_counter()
            search(query[np.newaxis])
            times.append(time.perf_counter() - started)
        return 1000 * statistics.median(times)

    return measure


def batch_rate(search: Search, queries: FloatRows) -> Callable[[], float]:
    """Return what tells the queries a second of a batch."""

    def measure() -> float:
        started = time.perf_counter()
        search(queries)
        return len(queries) / (time.perf_counter() - started)

    return measure


if __name__ == "__main__":
    main()
