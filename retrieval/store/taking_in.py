"""Documents on their way into a writer: in batches, each offered, encoded and added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from retrieval.records import Document
from retrieval.store.content import EncodedDocument
from retrieval.store.hashing import UNLIKE_ANY, content_hashes
from retrieval.store.protocol import EncodeDocuments
from retrieval.store.reader import Snapshot
from retrieval.store.session import Fate
from retrieval.store.tally import Tally
from retrieval.store.writer import IndexWriter

Renewed: TypeAlias = Callable[[Sequence[Document], Snapshot | None], Sequence[bool]]
"""Says of a batch, and of what is stored, which documents are stored anew in any case."""

BATCH_DOCUMENTS = 1024
BATCH_CHARACTERS = 4_000_000


def take_in(
    writer: IndexWriter,
    batch: Sequence[Document],
    encode: EncodeDocuments,
    tally: Tally,
    renewed: Renewed | None,
) -> int:
    """Offer a batch, encode what is new and add it; return how many documents changed.

    Args:
        writer: Takes it.
        batch: Documents of ids not offered since the last commit.
        encode: Gives documents their passages.
        tally: Counts what becomes of them.
        renewed: Which documents are stored anew though their text be known; None for none.
    """
    hashes = [content_hashes(document) for document in batch]
    asked = hashes
    if renewed is not None:
        anew = renewed(batch, writer.base)
        asked = [UNLIKE_ANY if new else one for new, one in zip(anew, hashes, strict=True)]
    offers = writer.offer(batch, asked)
    tally.count(batch, offers)
    new = [at for at, offer in enumerate(offers) if offer.fate is Fate.NEW]
    passages = encode([batch[at] for at in new]) if new else ()
    for at, found in zip(new, passages, strict=True):
        one = EncodedDocument(
            batch[at], hashes[at], found.spans, found.vectors, found.unseen_tokens
        )
        writer.add(one, offers[at].replaces)
        if renewed is None and not batch[at].is_empty:
            tally.encoded_passages += len(found.spans)
    return sum(offer.fate is not Fate.UNCHANGED for offer in offers)


def batches_of(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Yield documents in batches that bound what is held in memory."""
    batch: list[Document] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if len(batch) >= BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
