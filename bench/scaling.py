"""What grows how with the number of documents: building, memory, disk, first query, queries.

Short real texts with real embeddings resampled with noise, given as vectors: so building is
everything but encoding. The first query is a whole process, `retrieve query TEXT`, with the
index's files in the page cache, as a second process of the day finds them; asked of all
sizes in turn. Warm queries are by vector, at the default recall, which is measured. Target:
the first query on a million takes at most 1.6 x as long as on ten thousand.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench import embeddings, large, pairing, provenance
from bench.cold_query import QUERY, RETRIEVE
from bench.pairing import Command
from bench.products import OFFLINE, overlap
from retrieval.encode.bundled import BUNDLED_NAME

QUERIES = 256
RECALL_OF = 64
"""Queries whose recall is measured."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=9, help="of the first query")
    parser.add_argument("--builds", type=int, default=1, help="of each index")
    parser.add_argument("--work", type=Path, default=large.WORK, help="Folder to keep things in.")
    chosen = parser.parse_args()
    sizes = sorted(chosen.sizes)
    provenance.record("scaling", measured(chosen.work, sizes, chosen.runs, chosen.builds))


def measured(work: Path, sizes: list[int], runs: int, builds: int) -> dict[str, Any]:
    queries = work / f"rows-{QUERIES}-{large.QUERY_SEED}.npy"
    asked = np.array(embeddings.made_rows(work, QUERIES, large.QUERY_SEED))
    found: dict[str, dict[str, Any]] = {}
    for size in sizes:
        spent = [large.build(work, size) for _ in range(builds)]
        found[str(size)] = {
            "build_s": pairing.summary([one.seconds for one in spent]),
            "build_peak_mib": pairing.summary([one.peak_mib for one in spent]),
            "disk_mib": parts_mib(large.index_folder(work, size)),
        }
    first = pairing.in_turn({str(size): first_query(work, size) for size in sizes}, runs)
    for size in sizes:
        found[str(size)]["first_query_s"] = pairing.summary(first[str(size)])
        found[str(size)] |= warm(work, size, queries, asked)
    least = first[str(sizes[0])]
    return {
        "sizes": sizes,
        "of_size": found,
        "first_query_over_least": {
            str(size): pairing.ratio(first[str(size)], least) for size in sizes
        },
        "noise": embeddings.NOISE,
    }


def first_query(work: Path, size: int) -> Callable[[], float]:
    """Return what asks a question in a process of its own and tells its seconds."""
    folder = large.index_folder(work, size)
    command: Command = [RETRIEVE, "query", QUERY, "--home", folder.parent, "--index", folder.name]
    return lambda: pairing.wall_s([*command, "--model", BUNDLED_NAME, "--offline"], OFFLINE)


def parts_mib(folder: Path) -> dict[str, float]:
    """Return the size of an index's parts by kind, and of all."""
    sizes: Counter[str] = Counter()
    for path in folder.iterdir():
        sizes[path.suffix.lstrip(".") or path.name] += path.stat().st_size
    sizes["all"] = sum(sizes.values())
    return {kind: round(size / 2**20, 2) for kind, size in sorted(sizes.items())}


def warm(work: Path, size: int, queries: Path, asked: Any, runs: int = 3) -> dict[str, Any]:
    """Return the speed of an open index, its memory, and the recall of what it finds."""
    answer = work / "answer.json"
    program: Command = [sys.executable, "-m", "bench.warm_queries"]
    told, peaks = [], []
    for _ in range(runs):
        peaks.append(
            pairing.spent(
                [*program, large.index_folder(work, size), queries, answer], OFFLINE
            ).peak_mib
        )
        told.append(json.loads(answer.read_text()))
    rows = embeddings.made_rows(work, size, large.SEED)
    recall = overlap(told[-1]["found"][:RECALL_OF], rows, asked[:RECALL_OF])
    return {
        "query_ms": pairing.summary([one["query_ms"] for one in told]),
        "batch_queries_per_s": pairing.summary([one["batch_queries_per_s"] for one in told]),
        "query_peak_mib": pairing.summary(peaks),
        "recall_at_10": round(recall, 4),
    }


if __name__ == "__main__":
    main()
