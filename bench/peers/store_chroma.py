"""chromadb: a persistent collection as its manual has it; see ``program``.

MODEL is a folder of sentence-transformers, for its function of that name; or, marked by a
folder ``onnx`` within, the files of its default function (``token_model``), which needs no
torch and fills every text up to 256 tokens.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.utils.embedding_functions import (
    ONNXMiniLM_L6_V2,
    SentenceTransformerEmbeddingFunction,
)

from bench.peers.program import WARM, Ask, Found, K, Texts, run

NAME = "documents"


def embedding(model: str) -> Any:
    """Return one of chromadb's own embedding functions."""
    if Path(model, "onnx").is_dir():
        ONNXMiniLM_L6_V2.DOWNLOAD_PATH = Path(model)
        return ONNXMiniLM_L6_V2(preferred_providers=["CPUExecutionProvider"])
    return SentenceTransformerEmbeddingFunction(model_name=model, device="cpu")


def client(store: str) -> Any:
    return chromadb.PersistentClient(store, settings=Settings(anonymized_telemetry=False))


class Chroma:
    def index(self, model: str, store: str, corpus: Texts, vectors: str | None) -> float:
        function = embedding(model)
        function(corpus.texts[:WARM])
        opened = client(store)
        collection = opened.create_collection(NAME, embedding_function=function)
        rows = np.load(vectors) if vectors else None
        most = opened.get_max_batch_size()
        started = time.perf_counter()
        for at in range(0, len(corpus.ids), most):
            part = slice(at, at + most)
            collection.add(
                ids=corpus.ids[part],
                documents=corpus.texts[part],
                embeddings=None if rows is None else rows[part],
            )
        return time.perf_counter() - started

    def open(self, model: str, store: str) -> Ask:
        collection = client(store).get_collection(NAME, embedding_function=embedding(model))

        def ask(text: str) -> list[Found]:
            hits = collection.query(query_texts=[text], n_results=K)
            columns = (hits["distances"][0], hits["ids"][0], hits["documents"][0])
            return [Found(1 - one, *rest) for one, *rest in zip(*columns, strict=True)]

        return ask


if __name__ == "__main__":
    run(Chroma())
