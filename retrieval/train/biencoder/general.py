"""What a fine-tuned model lost: search of a collection that it was not trained for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.corpus.sources import beir_corpus
from retrieval.encode.reference import window
from retrieval.errors import InputError
from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.formats.reading import read_qrels
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.train.base import Base
from retrieval.train.biencoder.beir import named_file, texts_of
from retrieval.train.biencoder.embedder import Embedder
from retrieval.train.biencoder.pairs import ranked_run
from retrieval.train.progress import TrainObserver

MEASURE = "nDCG@10"
SPLIT = "test"


def require_collection(folder: Path) -> None:
    """Refuse a folder that has no documents, queries and judgments to search by.

    Raises:
        InputError: It has not.
    """
    if beir_corpus(folder) is None:
        raise InputError(
            f"{folder} is no BEIR folder: it needs corpus.jsonl, queries.jsonl and qrels/."
        )
    named_file(folder / "qrels", SPLIT, ".tsv")
    named_file(folder, "queries", ".jsonl")


def general_search(
    embedder: Embedder, base: Base, folder: Path, observer: TrainObserver
) -> dict[str, Any]:
    """Measure nDCG@10 of a BEIR folder's test split before and after a training.

    Whole documents (title, space, text), cut at the model's window, ranked by cosine.

    Args:
        embedder: The trained model.
        base: What it was before.
        folder: A BEIR folder.
        observer: Told what takes so long, and how far it is.

    Returns:
        ``collection``, ``split``, ``measure``, ``queries``, ``before`` and ``after``.
    """
    collection = _read(folder)
    observer.note(
        f"Searching {folder.name} ({len(collection.documents):,} documents) with the model as it"
        " was before the training and as it is now."
    )
    untrained = Embedder(base, pooling=None, max_length=window_of(embedder))
    untrained.model.to(embedder.model.device)
    untrained.model.eval()
    total = 2 * len(collection.documents)

    def told(done: int) -> None:
        observer.progress(f"checking on {folder.name}", done, total, "documents")

    before, queries = _value(untrained, collection, told)
    with embedder.whole_window():
        after, _ = _value(embedder, collection, lambda done: told(total // 2 + done))
    return {
        "collection": folder.name,
        "split": SPLIT,
        "measure": MEASURE,
        "queries": queries,
        "before": before,
        "after": after,
    }


def window_of(embedder: Embedder) -> int:
    """Return the tokens that a model sees outside of training."""
    with embedder.whole_window():
        return window(embedder.model)


@dataclass(frozen=True, slots=True)
class _Collection:
    """What is searched: texts by id, those without a word left out, and judgments."""

    documents: dict[str, str]
    queries: dict[str, str]
    qrels: Qrels


def _read(folder: Path) -> _Collection:
    corpus = beir_corpus(folder)
    documents = {} if corpus is None else texts_of(corpus, None)
    qrels = read_qrels(named_file(folder / "qrels", SPLIT, ".tsv"))
    return _Collection(
        documents={doc_id: text for doc_id, text in documents.items() if text},
        queries=texts_of(named_file(folder, "queries", ".jsonl"), set(qrels.query_ids)),
        qrels=qrels,
    )


def _value(
    embedder: Embedder, collection: _Collection, told: Callable[[int], None]
) -> tuple[float, int]:
    documents, queries = collection.documents, collection.queries
    run = ranked_run(
        list(queries),
        embedder.vectors(list(queries.values()), embedder.query_prompt),
        list(documents),
        embedder.vectors(list(documents.values()), embedder.passage_prompt, encoded=told),
    )
    found = evaluate(collection.qrels, run, [Measure.parse(MEASURE)])
    return float(found.means()[0]), found.n_judged
