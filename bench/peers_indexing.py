"""Indexing real passages of about 56 tokens, beside every product a user might pick.

Ours is the whole `retrieve index`: start, reading, cutting, encoding, commit. The clock of
each peer starts when its libraries and its model are loaded and have encoded once, and stops
when its index is on disk; `SentenceTransformer.encode` only encodes. Same texts, same
weights. What each finds is compared with exact search over the vectors of
`SentenceTransformer.encode` in single precision. Targets: 5 x `SentenceTransformer.encode`,
1.5 x the best peer whose ten best agree in at least .99.

The ONNX backend of sentence-transformers needs optimum-onnx, which needs transformers below
4.58, and sentence-transformers 6 needs 5: so it runs, in its last release that can be had with
it, by an interpreter of its own (`make bench` makes one).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

import retrieval
from bench import pairing, provenance, texts
from bench.cold_query import RETRIEVE, bundled
from bench.pairing import Command
from bench.products import (
    OFFLINE,
    Product,
    chosen_products,
    overlap,
    rankings,
    write_token_model,
)
from retrieval.vectors import FloatRows

ONNX_PYTHON = provenance.ROOT / ".venv-st-onnx" / "bin" / "python"
PRODUCTS = ["txtai", "chromadb", "chromadb_st", "lancedb"]
QUERIES = 200
ENOUGH = 0.99
"""Of the ten best must agree for a peer to be one of the fast ones."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=4_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--products", nargs="*", default=PRODUCTS, metavar="NAME")
    parser.add_argument(
        "--onnx-python",
        type=Path,
        default=ONNX_PYTHON,
        help="An interpreter with sentence-transformers and optimum-onnx.",
    )
    parser.add_argument("--corpus", type=Path, help="Texts of your own: JSON Lines with `text`.")
    chosen = parser.parse_args()
    passages, queries = passages_and_queries(chosen.corpus, chosen.passages)
    with tempfile.TemporaryDirectory() as folder:
        bench = Indexing(Path(folder), passages, queries, chosen_products(chosen.products))
        provenance.record("peers_indexing", bench.measured(chosen.runs, chosen.onnx_python))


def passages_and_queries(corpus: Path | None, count: int) -> tuple[list[str], list[str]]:
    """Return different passages, and queries that none of them is made of.

    Args:
        corpus: A person's own texts; None for reviews of films.
        count: How many passages.
    """
    if corpus is not None:
        every = texts.of_corpus(corpus, count + QUERIES)
        return every[:count], every[count:]
    passages = list(dict.fromkeys(texts.passages(count + count // 50 + 10)))[:count]
    sentences = (one for one in texts.sentences_of_reviews("test") if len(one.split()) >= 6)
    return passages, list(islice(sentences, QUERIES))


class Indexing:
    """One corpus, indexed by each in turn, in a folder of its own."""

    def __init__(
        self, folder: Path, passages: list[str], queries: list[str], products: list[Product]
    ) -> None:
        self.count = len(passages)
        self.folder = folder
        self.products = products
        self.corpus = texts.write_corpus(folder / "c.jsonl", passages)
        self.asked = queries
        self.queries = texts.write_corpus(folder / "queries.jsonl", queries)
        self.home = folder / "indexes"
        self.seconds = folder / "seconds"

    def ours(self) -> float:
        shutil.rmtree(self.home, ignore_errors=True)
        command: Command = [RETRIEVE, "index", self.corpus, "--home", self.home, "--quiet"]
        return self.count / pairing.wall_s(command, OFFLINE)

    def encode(self, python: str | Path, backend: str) -> float:
        """Encode by sentence-transformers; keep the vectors."""
        program: Command = [python, "-m", "bench.peers.st_encode", bundled(), self.corpus]
        rows = self.folder / f"{backend}.npy"
        pairing.wall_s([*program, rows, self.seconds, backend], OFFLINE)
        return self.count / float(self.seconds.read_text())

    def by(self, product: Product) -> float:
        shutil.rmtree(product.store(self.folder), ignore_errors=True)
        pairing.wall_s(product.command("index", self.folder, self.corpus, self.seconds), OFFLINE)
        return self.count / float(self.seconds.read_text())

    def measured(self, runs: int, onnx_python: Path) -> dict[str, Any]:
        """Return the figures of all."""
        if any(one.own_model for one in self.products):
            write_token_model(self.folder)
        contestants: dict[str, Callable[[], float]] = {
            "retrieve": self.ours,
            "sentence_transformers": lambda: self.encode(sys.executable, "torch"),
        }
        if onnx_python.exists():
            contestants["sentence_transformers_onnx"] = lambda: self.encode(onnx_python, "onnx")
        for product in self.products:
            contestants[product.name] = lambda one=product: self.by(one)  # type: ignore[misc]
        rates = pairing.in_turn(contestants, runs, warmups=0)
        agreement = self.agreement(onnx_python.exists())
        able = [name for name in rates if name != "retrieve" and agreement[name] >= ENOUGH]
        best = max(able, key=lambda name: pairing.summary(rates[name])["median"])
        return {
            "documents": self.count,
            "documents_per_second": {name: pairing.summary(one) for name, one in rates.items()},
            "retrieve_over": {
                name: pairing.ratio(rates["retrieve"], one)
                for name, one in rates.items()
                if name != "retrieve"
            },
            "best_peer": best,
            "retrieve_over_best_peer": pairing.ratio(rates["retrieve"], rates[best]),
            "top_10_overlap": agreement,
            "queries": len(self.asked),
            "settings": {one.name: one.told for one in self.products},
            "onnx_backend": onnx_versions(onnx_python),
        }

    def agreement(self, with_onnx: bool) -> dict[str, float]:
        """Return the share of the ten best of each that exact search finds, too."""
        asked = self.folder / "asked.npy"
        program: Command = [sys.executable, "-m", "bench.peers.st_encode", bundled()]
        pairing.wall_s([*program, self.queries, asked, self.seconds], OFFLINE)
        wanted, rows = np.load(asked), np.load(self.folder / "torch.npy")
        found = {"retrieve": self.found_by_ours(), "sentence_transformers": nearest(rows, wanted)}
        if with_onnx:
            found["sentence_transformers_onnx"] = nearest(np.load(self.folder / "onnx.npy"), wanted)
        for product in self.products:
            found[product.name] = rankings(product, self.folder, self.queries)
        return {name: round(overlap(one, rows, wanted), 4) for name, one in found.items()}

    def found_by_ours(self) -> list[list[int]]:
        with retrieval.open(self.home / "c", offline=True) as index:
            return [[int(hit.doc_id[1:]) for hit in one] for one in index.search_many(self.asked)]


def nearest(rows: FloatRows, queries: FloatRows, k: int = 10) -> list[list[int]]:
    """Return the numbers of the k rows nearest to each query."""
    found: list[list[int]] = np.argsort(-(queries @ rows.T), axis=1, kind="stable")[:, :k].tolist()
    return found


def onnx_versions(python: Path) -> dict[str, str]:
    """Return the versions in an environment with the ONNX backend; empty without one."""
    import json
    import subprocess

    if not python.exists():
        return {}
    libraries = ("sentence-transformers", "transformers", "optimum-onnx", "onnxruntime", "torch")
    script = (
        "import importlib.metadata as m, json, sys;"
        "print(json.dumps({name: m.version(name) for name in sys.argv[1:]}))"
    )
    done = subprocess.run(
        [python, "-c", script, *libraries], capture_output=True, text=True, check=True
    )
    versions: dict[str, str] = json.loads(done.stdout)
    return versions


if __name__ == "__main__":
    main()
