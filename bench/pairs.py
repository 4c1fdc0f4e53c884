"""The most similar pairs of short sentences, beside `paraphrase_mining`.

The job of Reimers and Gurevych (2019): of 10,000 sentences, find the pair that is most
similar. End to end, both start with texts and a loaded model; ours indexes durably and then
compares, theirs encodes and mines with its defaults. `mining` is the comparison alone, on the
same vectors. Target: at least three times faster end to end, and the same pairs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.util import paraphrase_mining, paraphrase_mining_embeddings

import retrieval
from bench import pairing, provenance, texts
from bench.cold_query import bundled
from retrieval.cluster.documents import document_rows
from retrieval.cluster.similar import most_similar_pairs

SHOWN = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        provenance.record("pairs", measure(Path(folder), chosen.sentences, chosen.runs))


def measure(folder: Path, count: int, runs: int) -> dict[str, Any]:
    sentences = texts.short_pieces(count)
    corpus = texts.write_corpus(folder / "sentences.jsonl", sentences)
    model = SentenceTransformer(str(bundled()))
    homes = iter(range(1_000))
    found: dict[str, list[tuple[int, int]]] = {}

    def ours() -> float:
        started = time.perf_counter()
        with retrieval.build(corpus, home=folder / f"home-{next(homes)}") as index:
            report = retrieval.similar_pairs(index, SHOWN, least=-1.0)
        seconds = time.perf_counter() - started
        found["ours"] = [(int(one.first_id[1:]), int(one.second_id[1:])) for one in report.pairs]
        return seconds

    def theirs() -> float:
        started = time.perf_counter()
        mined = paraphrase_mining(model, sentences)
        seconds = time.perf_counter() - started
        found["theirs"] = [(int(min(a, b)), int(max(a, b))) for _, a, b in mined[:SHOWN]]
        return seconds

    seconds = pairing.in_turn({"ours": ours, "paraphrase_mining": theirs}, runs, warmups=0)
    with retrieval.open(folder / "home-0" / "sentences") as index:
        rows = document_rows(index.snapshot).rows
    tensor = torch.from_numpy(rows)
    mining = pairing.in_turn(
        {
            "ours": _timed(lambda: most_similar_pairs(rows, SHOWN)),
            "paraphrase_mining": _timed(lambda: paraphrase_mining_embeddings(tensor)),
        },
        runs,
    )
    return {
        "sentences": count,
        "pairs": count * (count - 1) // 2,
        "seconds": {name: pairing.summary(one) for name, one in seconds.items()},
        "paraphrase_mining_over_ours": pairing.ratio(seconds["paraphrase_mining"], seconds["ours"]),
        "mining_seconds": {name: pairing.summary(one) for name, one in mining.items()},
        "mining_paraphrase_mining_over_ours": pairing.ratio(
            mining["paraphrase_mining"], mining["ours"]
        ),
        "same_first_pair": found["ours"][0] == found["theirs"][0],
        "shared_of_100": len(set(found["ours"]) & set(found["theirs"])),
        "texts_of_first_pair": [sentences[at] for at in np.array(found["ours"][0]).tolist()],
    }


def _timed(call: Callable[[], object]) -> Callable[[], float]:
    def seconds() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return seconds


if __name__ == "__main__":
    main()
