"""Indexing real passages, whole process, beside `SentenceTransformer.encode` alone.

Ours is the whole `retrieve index`: start, reading, cutting, encoding, commit. Theirs is the
call of `encode` with its defaults, model loaded and warm. Target: three times its documents
per second, and the same vectors (cosine >= 0.9999).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench import pairing, provenance, texts
from bench.cold_query import RETRIEVE, bundled
from bench.pairing import Command

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
    home, rows, seconds = folder / "indexes", folder / "st.npy", folder / "seconds"

    def ours() -> float:
        shutil.rmtree(home, ignore_errors=True)
        return count / pairing.wall_s([RETRIEVE, "index", corpus, "--home", home, "--quiet"])

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

    figures = pairing.in_turn({"retrieve": ours, "sentence_transformers": theirs}, runs, warmups=0)
    (vectors,) = (home / "c").glob("*.vectors")  # in order of id, as the corpus is
    cosines = np.einsum("ij,ij->i", np.load(vectors), np.load(rows))
    return {
        "documents": count,
        "documents_per_second": {name: pairing.summary(one) for name, one in figures.items()},
        "retrieve_over_sentence_transformers": pairing.ratio(
            figures["retrieve"], figures["sentence_transformers"]
        ),
        "least_cosine": round(float(cosines.min()), 7),
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
