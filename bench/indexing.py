"""Indexing real passages, whole process, beside `SentenceTransformer.encode` alone.

Ours is the whole `retrieve index`: start, reading, cutting, encoding, commit. Theirs is the
call of `encode` with its defaults, model loaded and warm. Target: five times its documents
per second, and the same vectors (cosine >= 0.9999). Beside them `--precision int8`, whose time
contains the measurement of what it costs, and fp32 and bf16 where the processor has both.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench import pairing, provenance, texts
from bench.cold_query import RETRIEVE, bundled
from bench.pairing import Command
from retrieval.engine.checks import status
from retrieval.processor import BF16_FEATURES, processor_features

PEERS = Path(__file__).parent / "peers"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        provenance.record("indexing", measure(Path(folder), chosen.passages, chosen.runs))


def measure(folder: Path, count: int, runs: int) -> dict[str, Any]:
    corpus = texts.write_corpus(folder / "c.jsonl", texts.passages(count))
    rows, seconds = folder / "st.npy", folder / "seconds"
    precisions = ["auto", "int8"]
    if set(processor_features()) & BF16_FEATURES:
        precisions += ["fp32", "bf16"]

    def ours(precision: str) -> float:
        home = folder / precision
        shutil.rmtree(home, ignore_errors=True)
        words: Command = ["index", corpus, "--home", home, "--quiet", "--precision", precision]
        return count / pairing.wall_s([RETRIEVE, *words])

    def theirs() -> float:
        command: Command = [
            sys.executable,
            PEERS / "st_encode.py",
            bundled(),
            corpus,
            rows,
            seconds,
        ]
        pairing.wall_s(command)
        return count / float(seconds.read_text())

    contestants = {f"retrieve_{one}": partial(ours, one) for one in precisions}
    figures = pairing.in_turn({**contestants, "sentence_transformers": theirs}, runs, warmups=0)
    expected = np.load(rows)
    least: dict[str, float] = {}
    costs: dict[str, Any] = {}
    for one in precisions:
        (vectors,) = (folder / one / "c").glob("*.vectors")  # in order of id, as the corpus is
        cosines = np.einsum("ij,ij->i", np.load(vectors), expected)
        least[one] = round(float(cosines.min()), 7)
        costs[one] = status(folder / one / "c").cost
    return {
        "documents": count,
        "documents_per_second": {name: pairing.summary(one) for name, one in figures.items()},
        "retrieve_over_sentence_transformers": pairing.ratio(
            figures["retrieve_auto"], figures["sentence_transformers"]
        ),
        "over_sentence_transformers": {
            name: pairing.ratio(figures[name], figures["sentence_transformers"])
            for name in contestants
        },
        "least_cosine": least,
        "cost": costs,
        "matrix_peak_gflops": matrix_peak(),
    }


def matrix_peak() -> dict[str, int]:
    """Return what this machine's cores reach on the model's own matrix products, fp32."""
    import time

    import torch

    found: dict[str, int] = {}
    for threads in (1, torch.get_num_threads()):
        torch.set_num_threads(threads)
        rows, weights = torch.randn(1024, 384), torch.randn(1536, 384)
        best = float("inf")
        for _ in range(30):
            started = time.perf_counter()
            for _ in range(10):
                torch.nn.functional.linear(rows, weights)
            best = min(best, time.perf_counter() - started)
        found[f"{threads} threads"] = round(2 * 1024 * 384 * 1536 * 10 / best / 1e9)
    return found


if __name__ == "__main__":
    main()
