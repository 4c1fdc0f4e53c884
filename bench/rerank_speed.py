"""Cross-encoder pairs a second beside `CrossEncoder.predict`, and what reranking costs besides.

Pairs are SciFact's claims with passages of its abstracts. The model is the bundled encoder's
weights with a new layer of one score: how fast it is does not depend on what it learned.
`predict` runs with its defaults; ours scores the same pairs through the exported model, the
tokens included. Targets: pairs a second >= 3 x; scores within 1e-4; a hybrid query with rerank
of 50 on 100,000 passages, warm, all but the model under 10 ms (a reranker that answers at once
stands in for the model; encoding the query is told apart).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

import retrieval
from bench.pairing import in_turn, ratio, summary
from bench.provenance import data_folder, record
from bench.texts import sentences_of_reviews
from retrieval.encode.bundled import bundled_folder
from retrieval.encode.opening import open_encoder
from retrieval.encode.pair_scores import PairScores
from retrieval.records import Document, PassageOptions, Span
from retrieval.rerank.opening import open_reranker
from retrieval.rerank.registry import RERANKERS
from retrieval.store.local import LocalStore
from retrieval.store.protocol import Passages
from retrieval.store.session import WriterSettings
from retrieval.testing.rerankers import WordReranker
from retrieval.vectors import unit_rows

PASSAGES = 100_000
ENCODED = 1_000
QUERIES = 40
CANDIDATES = 50
SEED = 5


class InstantReranker(WordReranker):
    """Answers at once."""

    def score_pairs(self, queries: Sequence[str], passages: Sequence[str]) -> PairScores:
        scores = np.arange(len(queries), 0, -1, dtype=np.float64)
        return PairScores(scores, np.zeros(len(queries), dtype=np.bool_))


def pairs_of_scifact(count: int) -> list[tuple[str, str]]:
    """Return claims, each with several abstracts in the order of the corpus."""
    folder = data_folder() / "scifact"
    with (folder / "corpus.jsonl").open("rb") as lines:
        rows = [orjson.loads(line) for line in itertools.islice(lines, count)]
    with (folder / "queries.jsonl").open("rb") as lines:
        claims = [orjson.loads(line)["text"] for line in itertools.islice(lines, count)]
    passages = [f"{row['title']} {row['text']}"[:1200] for row in rows]
    return [(claims[at // 8], passage) for at, passage in enumerate(passages)]


def fresh_crossencoder(folder: Path) -> Any:
    """Save and return the bundled weights with a new layer of one score."""
    import torch
    from sentence_transformers import CrossEncoder

    torch.manual_seed(SEED)
    with contextlib.redirect_stderr(io.StringIO()):
        model = CrossEncoder(
            str(bundled_folder()), num_labels=1, device="cpu", local_files_only=True
        )
        model.save(str(folder), safe_serialization=True, create_model_card=False)
    return model


def speed(count: int, rounds: int, place: Path) -> dict[str, Any]:
    """Measure both on the same pairs, in turn."""
    import torch

    pairs = pairs_of_scifact(count)
    original = fresh_crossencoder(place / "fresh")
    opened = open_reranker(place / "fresh", cache=place / "cache").model
    queries, passages = [one for one, _ in pairs], [one for _, one in pairs]
    lengths = [len(original.tokenizer(*pair)["input_ids"]) for pair in pairs]

    def theirs() -> float:
        started = time.perf_counter()
        original.predict(pairs, show_progress_bar=False)
        return len(pairs) / (time.perf_counter() - started)

    def ours() -> float:
        started = time.perf_counter()
        opened.score_pairs(queries, passages)
        return len(pairs) / (time.perf_counter() - started)

    plain = original.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
    difference = np.abs(opened.score_pairs(queries, passages).scores - plain).max()
    found = in_turn({"predict": theirs, "ours": ours}, rounds)
    return {
        "pairs": len(pairs),
        "tokens_a_pair": round(statistics.mean(lengths), 1),
        "torch_threads": torch.get_num_threads(),
        "pairs_a_second": {name: summary(one) for name, one in found.items()},
        "ours_over_predict": ratio(found["ours"], found["predict"]),
        "greatest_difference": float(difference),
    }


def filled_index(folder: Path) -> retrieval.Index:
    """Make an index of sentences; vectors are real ones, drawn again with noise."""
    texts = list(
        itertools.islice(
            itertools.chain(sentences_of_reviews("train"), sentences_of_reviews("test")), PASSAGES
        )
    )
    encoder = open_encoder()
    known = encoder.encode_passages(texts[:ENCODED])
    generator = np.random.default_rng(SEED)
    settings = WriterSettings(
        model=encoder.identity, passages=PassageOptions(), numerics=encoder.numerics
    )
    encoder.close()

    def encode(documents: Sequence[Document]) -> list[Passages]:
        drawn = known[generator.integers(len(known), size=len(documents))]
        noise = generator.normal(scale=0.03, size=drawn.shape)
        rows = unit_rows((drawn + noise).astype(np.float32))
        return [
            Passages((Span(0, len(one.text)),), row[np.newaxis], 0)
            for one, row in zip(documents, rows, strict=True)
        ]

    store = LocalStore(folder, settings)
    store.upsert((Document(f"t{number:06d}", text) for number, text in enumerate(texts)), encode)
    return retrieval.open(folder)


def besides_the_model(place: Path, rounds: int) -> dict[str, Any]:
    """Measure warm hybrid queries with and without reranking, and the encoder alone."""
    RERANKERS.register("bench-instant", InstantReranker)
    with filled_index(place / "sentences") as index:
        asked = list(itertools.islice(sentences_of_reviews("test"), 0, 40 * QUERIES, 40))
        queries = [" ".join(text.split()[:8]) for text in asked]
        options = retrieval.RerankOptions(model="bench-instant", candidates=CANDIDATES)

        def median_ms(ask: Any) -> float:
            times = []
            for query in queries:
                started = time.perf_counter()
                ask(query)
                times.append(time.perf_counter() - started)
            return 1000 * statistics.median(times)

        found = in_turn(
            {
                "hybrid": lambda: median_ms(lambda one: index.search(one, mode="hybrid")),
                "hybrid_rerank": lambda: median_ms(
                    lambda one: index.search(one, mode="hybrid", rerank=options)
                ),
                "encoding": lambda: median_ms(lambda one: index.encoder.encode_queries([one])),
            },
            rounds,
        )
    without = [a - b for a, b in zip(found["hybrid_rerank"], found["encoding"], strict=True)]
    return {
        "passages": PASSAGES,
        "candidates": CANDIDATES,
        "queries": len(queries),
        "median_ms": {name: summary(one) for name, one in found.items()},
        "all_but_both_models_ms": summary(without),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        figures = {
            "speed": speed(chosen.pairs, chosen.rounds, place),
            "besides": besides_the_model(place, chosen.rounds),
        }
    record("rerank_speed", figures)


if __name__ == "__main__":
    main()
