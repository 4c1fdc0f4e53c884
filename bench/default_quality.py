"""What defaults cost in quality: an index as it is made, beside exact search in single precision.

SciFact and Cranfield, whole documents. The other side is `SentenceTransformer` in single
precision and all products in numpy. Target: nDCG@10 differs by at most .002.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import retrieval
from bench.cold_query import bundled
from bench.provenance import data_folder, record

MEASURE = "nDCG@10"
COLLECTIONS = ("scifact", "cranfield")
DEPTH = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collections", nargs="+", choices=COLLECTIONS, default=COLLECTIONS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = {name: measured(name, Path(folder)) for name in chosen.collections}
    record("default_quality", figures)


def measured(collection: str, folder: Path) -> dict[str, Any]:
    """Return nDCG@10 of both on the test queries, and how much the default loses."""
    source, run = data_folder() / collection, folder / f"{collection}.run"
    write_exact_run(source, run)
    with retrieval.open_beir(source, home=folder, passages="whole") as index:
        done = retrieval.bench(index, measures=(MEASURE,), compare=(f"exact=run={run}",))
    report = done.report.to_json()
    default, exact = (
        float(report["runs"][name]["measures"][MEASURE]["mean"]) for name in ("dense", "exact")
    )
    return {
        "default": round(default, 4),
        "fp32_exact": round(exact, 4),
        "difference": round(default - exact, 5),
        "numerics": report["provenance"]["numerics"],
    }


def write_exact_run(source: Path, path: Path) -> None:
    """Rank a collection's documents by sentence-transformers and write it as trec_eval's run."""
    from sentence_transformers import SentenceTransformer

    documents, queries = rows_of(source / "corpus.jsonl"), rows_of(source / "queries.jsonl")
    model = SentenceTransformer(str(bundled()), device="cpu")
    texts = [f"{one.get('title', '')} {one['text']}".strip() for one in documents]
    rows = model.encode_document(texts)
    scores = model.encode_query([one["text"] for one in queries]) @ rows.T
    with path.open("w", encoding="utf-8") as output:
        for query, row in zip(queries, scores, strict=True):
            for rank, at in enumerate(np.argsort(-row, kind="stable")[:DEPTH], start=1):
                doc_id = documents[at]["_id"]
                output.write(f"{query['_id']} Q0 {doc_id} {rank} {row[at]:.8f} exact\n")


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Read JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
