"""What the programs of peers that keep an index have in common: their arguments.

    PROGRAM index MODEL STORE CORPUS.jsonl SECONDS [VECTORS.npy]
    PROGRAM query MODEL STORE TEXT
    PROGRAM rank MODEL STORE QUERIES.jsonl RANKINGS.json

``index`` writes the seconds from texts in memory to an index on disk; its clock starts when
libraries and model are loaded and have encoded once. Given vectors are stored instead of
encoding. ``query`` is all that a person who asks once would wait for. ``rank`` writes the
ids of the ten best documents of each query.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

K = 10
WARM = 64
"""How many texts a model encodes before the clock starts."""


class Texts(NamedTuple):
    """Ids and texts of a corpus, in order."""

    ids: list[str]
    texts: list[str]


class Found(NamedTuple):
    """A hit."""

    score: float
    doc_id: str
    text: str


Ask: TypeAlias = Callable[[str], list[Found]]


class Peer(Protocol):
    """A product that keeps an index in a folder."""

    def index(self, model: str, store: str, corpus: Texts, vectors: str | None) -> float:
        """Index a corpus; return the seconds from texts to files."""
        ...

    def open(self, model: str, store: str) -> Ask:
        """Return what answers a question."""
        ...


def read_corpus(path: str) -> Texts:
    """Read JSON Lines of ``id`` and ``text``."""
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return Texts([row["id"] for row in rows], [row["text"] for row in rows])


def run(peer: Peer) -> None:
    """Do what the arguments of this process say."""
    verb, model, store, *rest = sys.argv[1:]
    if verb == "index":
        corpus, seconds, *vectors = rest
        taken = peer.index(model, store, read_corpus(corpus), vectors[0] if vectors else None)
        Path(seconds).write_text(str(taken))
    elif verb == "query":
        for hit in peer.open(model, store)(rest[0]):
            print(f"{hit.score:.4f} {hit.doc_id} {hit.text}")
    elif verb == "rank":
        queries, rankings = rest
        ask = peer.open(model, store)
        found = [[hit.doc_id for hit in ask(text)] for text in read_corpus(queries).texts]
        Path(rankings).write_text(json.dumps(found))
    else:
        raise SystemExit(f"index, query or rank is expected, found {verb}.")
