"""The products beside ours that keep an index, as programs of ``bench/peers``."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import pairing
from bench.cold_query import bundled
from bench.pairing import Command
from retrieval.vectors import FloatRows

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "RETRIEVE_DAEMON": "off",
}
"""What every process of a comparison is given: no network, no telemetry, nothing resident."""
TIE = 1e-6
"""Scores nearer than this are equal: above the error of a float32 product of unit vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A peer and how it is asked.

    Attributes:
        name: In results.
        module: Its program in ``bench.peers``.
        told: What it is, with which settings.
        takes_vectors: Whether it stores vectors made elsewhere.
        own_model: Whether it reads the files of ``token_model`` instead of the bundled folder.
    """

    name: str
    module: str
    told: str
    takes_vectors: bool = True
    own_model: bool = False

    def command(self, verb: str, work: Path, *rest: str | Path) -> Command:
        """Return the process that does this in ``work``, where its index is kept."""
        model = work / "token_model" if self.own_model else bundled()
        program = [sys.executable, "-m", f"bench.peers.{self.module}"]
        return [*program, verb, model, self.store(work), *rest]

    def store(self, work: Path) -> Path:
        return work / f"store-{self.name}"


PRODUCTS = (
    Product(
        name="txtai",
        module="store_txtai",
        told="`Embeddings(path=..., content=True)`, else defaults",
        takes_vectors=False,
    ),
    Product(
        name="chromadb",
        module="store_chroma",
        told="persistent client, its default embedding function (ONNX) with our model's weights",
        own_model=True,
    ),
    Product(
        name="chromadb_st",
        module="store_chroma",
        told="persistent client, `SentenceTransformerEmbeddingFunction`",
    ),
    Product(
        name="lancedb",
        module="store_lancedb",
        told="table with its sentence-transformers function, no index, so exact",
    ),
    Product(
        name="st_faiss",
        module="store_st_faiss",
        told="`SentenceTransformer` and `IndexFlatIP`, put together by hand",
    ),
)


def chosen_products(names: list[str]) -> list[Product]:
    """Return the products of these names, all where there are none."""
    known = {one.name: one for one in PRODUCTS}
    if unknown := set(names) - set(known):
        raise SystemExit(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(known)}.")
    return [known[name] for name in names or known]


def write_token_model(work: Path) -> None:
    """Write the files that chromadb's default function reads, from the bundled weights."""
    program = [sys.executable, "-m", "bench.peers.token_model"]
    pairing.wall_s([*program, bundled(), work / "token_model"], OFFLINE)


def rankings(product: Product, work: Path, queries: Path) -> list[list[int]]:
    """Return the numbers of the documents that a product finds for each query."""
    found = work / f"rankings-{product.name}.json"
    pairing.wall_s(product.command("rank", work, queries, found), OFFLINE)
    return [[int(doc_id[1:]) for doc_id in one] for one in json.loads(found.read_text())]


def overlap(found: list[list[int]], rows: FloatRows, queries: FloatRows, k: int = 10) -> float:
    """Return the share of the k documents found that exact search could have found.

    Args:
        found: Numbers of rows, one list a query.
        rows: float32 (n, dim), unit rows, of full precision.
        queries: float32 (n_queries, dim), unit rows.
        k: How many there should be; fewer count as misses. Rows whose score ties with the
            k-th are as good as it.
    """
    shares = []
    for numbers, query in zip(found, queries, strict=True):
        scores = rows @ query
        least = np.partition(scores, -k)[-k] - TIE
        shares.append(float((scores[list(dict.fromkeys(numbers))[:k]] >= least).sum()) / k)
    return float(np.mean(shares))
