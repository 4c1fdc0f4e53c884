"""sentence-transformers and a flat FAISS index, put together by hand; see ``program``."""

from __future__ import annotations

import json
import time
from pathlib import Path

import faiss
import numpy as np
from sentence_transformers import SentenceTransformer

from bench.peers.program import WARM, Ask, Found, K, Texts, run


class StFaiss:
    def index(self, model: str, store: str, corpus: Texts, vectors: str | None) -> float:
        encoder = SentenceTransformer(model, device="cpu")
        encoder.encode_document(corpus.texts[:WARM])
        started = time.perf_counter()
        rows = np.load(vectors) if vectors else encoder.encode_document(corpus.texts)
        index = faiss.IndexFlatIP(rows.shape[1])
        index.add(rows)
        Path(store).mkdir()
        faiss.write_index(index, f"{store}/vectors.faiss")
        Path(store, "texts.json").write_text(json.dumps(corpus))
        return time.perf_counter() - started

    def open(self, model: str, store: str) -> Ask:
        encoder = SentenceTransformer(model, device="cpu")
        index = faiss.read_index(f"{store}/vectors.faiss")
        ids, texts = json.loads(Path(store, "texts.json").read_text())

        def ask(text: str) -> list[Found]:
            scores, rows = index.search(encoder.encode_query([text]), K)
            return [
                Found(float(score), ids[row], texts[row])
                for score, row in zip(scores[0], rows[0], strict=True)
            ]

        return ask


if __name__ == "__main__":
    run(StFaiss())
