"""A question asked once, from an index on disk: whole processes, beside the same elsewhere.

Each process starts, opens an index of 10,000 real texts, encodes the question with the same
weights, finds ten documents and prints them with their texts. Peers are given the vectors when
they index, where they take any: only asking is measured. Target: txtai and chromadb take at
least 15 x as long as `retrieve query`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import retrieval
from bench import pairing, provenance, texts
from bench.cold_query import QUERY, RETRIEVE
from bench.pairing import Command
from bench.products import (
    OFFLINE,
    Product,
    chosen_products,
    overlap,
    rankings,
    write_token_model,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--products", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--corpus", type=Path, help="Texts of your own: JSON Lines with `text`.")
    chosen = parser.parse_args()
    products, count = chosen_products(chosen.products), chosen.texts
    if chosen.corpus is None:
        every = texts.short_pieces(count)
    else:
        every = texts.of_corpus(chosen.corpus, count)
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder), every, chosen.runs, products)
        provenance.record("peers_cold", figures)


def measured(folder: Path, every: list[str], runs: int, products: list[Product]) -> dict[str, Any]:
    """Return the seconds of each product, and how often they are ours."""
    corpus = texts.write_corpus(folder / "c.jsonl", every)
    home, seconds = folder / "indexes", folder / "seconds"
    pairing.wall_s([RETRIEVE, "index", corpus, "--home", home, "--quiet"], OFFLINE)
    (vectors,) = (home / "c").glob("*.vectors")  # in order of id, as the corpus is
    if any(one.own_model for one in products):
        write_token_model(folder)
    ours: Command = [RETRIEVE, "query", QUERY, "--home", home, "--json"]
    contestants: dict[str, Callable[[], float]] = {
        "retrieve": lambda: pairing.wall_s(ours, OFFLINE)
    }
    for product in products:
        given = [vectors] if product.takes_vectors else []
        pairing.wall_s(product.command("index", folder, corpus, seconds, *given), OFFLINE)
        command = product.command("query", folder, QUERY)
        contestants[product.name] = lambda one=command: pairing.wall_s(one, OFFLINE)  # type: ignore[misc]
    taken = pairing.in_turn(contestants, runs)
    with retrieval.open(home / "c", offline=True) as index:
        query = index.encoder.encode_queries([QUERY])
    asked = texts.write_corpus(folder / "query.jsonl", [QUERY])
    rows = np.load(vectors)
    return {
        "texts": len(every),
        "seconds": {name: pairing.summary(one) for name, one in taken.items()},
        "over_retrieve": {
            product.name: pairing.ratio(taken[product.name], taken["retrieve"])
            for product in products
        },
        "top_10_overlap": {
            product.name: round(overlap(rankings(product, folder, asked), rows, query), 4)
            for product in products
        },
        "settings": {one.name: one.told for one in products},
    }


if __name__ == "__main__":
    main()
