"""Ask an open index by vectors, alone and in a batch: what a program of its own takes.

Usage: python -m bench.warm_queries INDEX QUERIES.npy ANSWER.json
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import retrieval

K = 10
WARM = 8
"""Queries before the clock starts: the first read the vectors into memory."""


def main(folder: str, queries: str, answer: str) -> None:
    rows = np.load(queries)
    with retrieval.open(folder, offline=True) as index:
        for row in rows[:WARM]:
            index.search(vector=row, k=K)
        times, found = [], []
        for row in rows:
            started = time.perf_counter()
            hits = index.search(vector=row, k=K)
            times.append(time.perf_counter() - started)
            found.append([int(hit.doc_id[1:]) for hit in hits])
        started = time.perf_counter()
        index.search_vectors(rows, k=K)
        batch_s = time.perf_counter() - started
    told = {
        "query_ms": 1000 * statistics.median(times),
        "batch_queries_per_s": len(rows) / batch_s,
        "found": found,
    }
    Path(answer).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
