"""txtai: its embeddings database with content, as its manual begins; see ``program``."""

from __future__ import annotations

import time

from txtai import Embeddings

from bench.peers.program import WARM, Ask, Found, K, Texts, run


class Txtai:
    def index(self, model: str, store: str, corpus: Texts, vectors: str | None) -> float:
        embeddings = Embeddings(path=model, content=True)
        embeddings.batchtransform(corpus.texts[:WARM])
        started = time.perf_counter()
        embeddings.index(zip(corpus.ids, corpus.texts, strict=True))
        embeddings.save(store)
        return time.perf_counter() - started

    def open(self, model: str, store: str) -> Ask:
        embeddings = Embeddings()
        embeddings.load(store)

        def ask(text: str) -> list[Found]:
            hits = embeddings.search(text, K)
            return [Found(hit["score"], hit["id"], hit["text"]) for hit in hits]

        return ask


if __name__ == "__main__":
    run(Txtai())
