"""LanceDB: a table with an embedding function, no index, so exact; see ``program``."""

from __future__ import annotations

import time
from typing import Any

import lancedb
import numpy as np
import pyarrow
from lancedb.embeddings import get_registry
from lancedb.pydantic import LanceModel, Vector

from bench.peers.program import WARM, Ask, Found, K, Texts, run

TABLE = "documents"


def embedding(model: str) -> Any:
    """Return LanceDB's own embedding function of a model."""
    return get_registry().get("sentence-transformers").create(name=model, device="cpu")


class LanceDb:
    def index(self, model: str, store: str, corpus: Texts, vectors: str | None) -> float:
        function = embedding(model)
        function.compute_source_embeddings(corpus.texts[:WARM])

        class Row(LanceModel):  # type: ignore[misc]  # its base is Any where it is not installed
            doc_id: str
            text: str = function.SourceField()
            vector: Vector(function.ndims()) = function.VectorField()  # type: ignore[valid-type]

        table = lancedb.connect(store).create_table(TABLE, schema=Row)
        started = time.perf_counter()
        columns = {"doc_id": corpus.ids, "text": corpus.texts}
        if vectors is None:
            table.add(pyarrow.table(columns))
        else:
            rows = np.load(vectors)
            flat = pyarrow.array(rows.reshape(-1), pyarrow.float32())
            given = pyarrow.FixedSizeListArray.from_arrays(flat, rows.shape[1])
            table.add(pyarrow.table({**columns, "vector": given}))
        return time.perf_counter() - started

    def open(self, model: str, store: str) -> Ask:
        table = lancedb.connect(store).open_table(TABLE)

        def ask(text: str) -> list[Found]:
            hits = table.search(text).distance_type("cosine").limit(K).to_list()
            return [Found(1 - hit["_distance"], hit["doc_id"], hit["text"]) for hit in hits]

        return ask


if __name__ == "__main__":
    run(LanceDb())
