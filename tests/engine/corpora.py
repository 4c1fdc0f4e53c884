"""Small judged corpora, indexed with the testing encoder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import retrieval
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME

DOCUMENTS = [
    {"_id": "d1", "title": "Soup", "text": "leek potato cream"},
    {"_id": "d2", "title": "Soup", "text": "leek only"},
    {"_id": "d3", "title": "Bike", "text": "chain oil tyre"},
    {"_id": "d4", "title": "Bike", "text": "tyre pump"},
    {"_id": "d5", "title": "", "text": ""},
    {"_id": "d6", "title": "Moon", "text": "tide night"},
]
QUERIES = [
    {"_id": "q1", "text": "leek cream"},
    {"_id": "q2", "text": "tyre"},
    {"_id": "q3", "text": "tide night"},
    {"_id": "q4", "text": "never judged"},
]
QRELS = {"q1": {"d1": 2, "d2": 1, "d3": 0}, "q2": {"d4": 1, "d3": 1}, "q3": {"d1": 0}}


def jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def qrels_tsv(path: Path, qrels: Mapping[str, Mapping[str, int]]) -> Path:
    rows = [f"{q}\t{d}\t{grade}\n" for q, grades in qrels.items() for d, grade in grades.items()]
    path.write_text("query-id\tcorpus-id\tscore\n" + "".join(rows), encoding="utf-8")
    return path


def beir(folder: Path, qrels: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None) -> Path:
    """Write a BEIR folder; ``qrels`` by split."""
    (folder / "qrels").mkdir(parents=True)
    jsonl(folder / "corpus.jsonl", DOCUMENTS)
    jsonl(folder / "queries.jsonl", QUERIES)
    for split, judged in (qrels or {"test": QRELS}).items():
        qrels_tsv(folder / "qrels" / f"{split}.tsv", judged)
    return folder


def labelled(path: Path, rows: Iterable[Mapping[str, Any]] | None = None) -> Path:
    """Write texts with labels: two of each, the label's word in most of them."""
    return jsonl(
        path,
        rows
        or [
            {"id": "a", "text": "good film", "label": "good", "year": 1999},
            {"id": "b", "text": "good soup", "label": "good", "year": 2001},
            {"id": "c", "text": "bad phone", "label": "bad", "year": 2003},
            {"id": "d", "text": "dull phone", "label": "bad", "year": 2004},
            {"id": "e", "text": "good but nobody said", "year": 2005},
        ],
    )


def built(inputs: Path, home: Path, **options: Any) -> retrieval.Index:
    register_fakes()
    return retrieval.build(inputs, home=home, model=HASHING_NAME, **options)
