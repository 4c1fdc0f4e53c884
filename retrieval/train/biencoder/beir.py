"""Judgments of a BEIR folder as pairs of a query and a relevant document."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from retrieval.corpus.sources import beir_corpus
from retrieval.errors import InputError
from retrieval.evaluate.formats.reading import read_qrels
from retrieval.train.biencoder.examples import Pairs
from retrieval.train.row_files import read_rows


def beir_pairs(folder: Path, split: str) -> Pairs:
    """Read the pairs of a query and each document judged relevant to it.

    Documents are their title and text, as in the bench.

    Args:
        folder: Holds ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/``.
        split: Name of a file in ``qrels/``.

    Raises:
        InputError: It is no BEIR folder, has no such split, or names what is not there.
    """
    corpus = beir_corpus(folder)
    if corpus is None:
        raise InputError(
            f"{folder} is no BEIR folder: it needs corpus.jsonl, queries.jsonl and qrels/."
        )
    judgments = named_file(folder / "qrels", split, ".tsv")
    qrels = read_qrels(judgments).to_mapping()
    wanted = {doc_id for grades in qrels.values() for doc_id, grade in grades.items() if grade > 0}
    queries = texts_of(named_file(folder, "queries", ".jsonl"), set(qrels))
    documents = texts_of(corpus, wanted)
    pairs = [
        (queries[query_id], documents[doc_id])
        for query_id, grades in qrels.items()
        for doc_id, grade in grades.items()
        if grade > 0 and queries.get(query_id) and documents.get(doc_id)
    ]
    missing = sorted((set(qrels) - set(queries)) | (wanted - set(documents)))
    if missing:
        raise InputError(
            f"{judgments} names {missing[0]!r}, which is not there ({len(missing):,} such ids)."
        )
    if not pairs:
        raise InputError(f"{judgments} judges no document relevant that has a text.")
    return Pairs(
        first=tuple(first for first, _ in pairs),
        second=tuple(second for _, second in pairs),
        labels=("",) * len(pairs),
        targets=np.ones(len(pairs)),
    )


def splits_of(folder: Path) -> list[str]:
    """Return the names of a BEIR folder's splits."""
    return sorted({path.name.partition(".")[0] for path in (folder / "qrels").glob("*.tsv*")})


def named_file(folder: Path, stem: str, suffix: str) -> Path:
    """Return a file of a BEIR folder, plain or ``.gz``.

    Raises:
        InputError: It is not there.
    """
    for name in (f"{stem}{suffix}", f"{stem}{suffix}.gz"):
        if (folder / name).is_file():
            return folder / name
    told = ", ".join(splits_of(folder.parent)) if folder.name == "qrels" else ""
    raise InputError(
        f"There is no file {folder / stem}{suffix}.", fix=f"Splits are {told}." if told else ""
    )


def texts_of(path: Path, wanted: set[str] | None) -> dict[str, str]:
    """Return title and text of the rows that are wanted, or of all, by id."""
    found = {}
    for row in read_rows([path]):
        key = str(row.fields.get("_id", row.fields.get("id", "")))
        if wanted is None or key in wanted:
            title, text = (str(row.fields.get(name) or "") for name in ("title", "text"))
            found[key] = f"{title} {text}".strip()
    return found
