"""Evaluate a run with ranx whenever a line comes in, and answer with the seconds it took.

Usage: ranx_measures.py COLUMNS.npz METRIC,METRIC...

A line `objects` evaluates from ranx's own Qrels and Run; `arrays` from what it makes of
them inside, which leaves out the hashing of document ids.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import json
import sys
import time
from typing import Any

import numpy as np


def mapping(starts: Any, codes: Any, values: Any) -> dict[str, dict[str, Any]]:
    """Return query to document to value."""
    names = [f"d{code:07d}" for code in codes.tolist()]
    numbers = values.tolist()
    return {
        str(at): dict(zip(names[a:b], numbers[a:b], strict=True))
        for at, (a, b) in enumerate(itertools.pairwise(starts))
    }


def main(columns: str, metrics: str) -> None:
    ranx = importlib.import_module("ranx")
    read = np.load(columns)
    run = ranx.Run(mapping(read["starts"], read["codes"], read["scores"]))
    qrels = ranx.Qrels(mapping(read["judged_starts"], read["judged_codes"], read["grades"]))
    names = metrics.split(",")
    arrays = qrels.to_typed_list(), run.to_typed_list()
    for line in sys.stdin:
        given = arrays if line.strip() == "arrays" else (qrels, run)
        started = time.perf_counter()
        means = ranx.evaluate(*given, names)
        seconds = time.perf_counter() - started
        answer = {
            "seconds": seconds,
            "means": {name: float(means[name]) for name in names},
            "version": importlib.metadata.version("ranx"),
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
