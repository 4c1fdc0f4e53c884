"""Documents on their way into a writer: in batches, each offered, encoded and added."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import TypeAlias

from retrieval.errors import FileSystemError
from retrieval.records import Document
from retrieval.store.content import EncodedDocument
from retrieval.store.hashing import UNLIKE_ANY, ContentHashes, content_hashes
from retrieval.store.protocol import EncodeDocuments, Passages
from retrieval.store.reader import Snapshot
from retrieval.store.session import Fate, Offer
from retrieval.store.tally import Tally
from retrieval.store.writer import IndexWriter

Renewed: TypeAlias = Callable[[Sequence[Document], Snapshot | None], Sequence[bool]]
"""Says of a batch, and of what is stored, which documents are stored anew in any case."""

BATCH_DOCUMENTS = 1024
BATCH_CHARACTERS = 4_000_000
PIECE_CHARACTERS = 50_000
"""Text encoded ahead at once: a second or so, which an interruption has to wait for."""
AHEAD = 2
"""Batches encoded while others are read, offered and written: one is cut, one is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offered:
    """A batch that was offered: its documents, what became of each, and which are new."""

    batch: Sequence[Document]
    hashes: Sequence[ContentHashes]
    offers: Sequence[Offer]
    new: Sequence[int]


def take_in(
    writer: IndexWriter,
    documents: Iterable[Document],
    encode: EncodeDocuments,
    tally: Tally,
    renewed: Renewed | None,
    *,
    ahead: bool,
) -> Iterator[int]:
    """Offer documents, encode what is new and add it; yield batch by batch what changed.

    Args:
        writer: Takes them; used by this thread alone.
        documents: Of ids not offered since the last commit.
        encode: Gives documents their passages; called in threads of its own.
        tally: Counts what becomes of them.
        renewed: Which documents are stored anew though their text be known; None for none.
        ahead: Whether batches are offered before earlier ones are added. Nothing may be
            committed meanwhile.

    Yields:
        How many documents of each batch changed, when they are added. Where it ends early, what
        is encoded by then is added too.
    """
    waiting: deque[tuple[_Offered, Future[Sequence[Passages]]]] = deque()
    stopped = Event()
    pool = ThreadPoolExecutor(AHEAD if ahead else 1, thread_name_prefix="encode")

    def given(new: Sequence[Document]) -> Sequence[Passages]:
        return _by_pieces(encode, new, stopped) if ahead else encode(new)

    try:
        for batch in batches_of(documents):
            offered = _offer(writer, batch, tally, renewed)
            new = [batch[at] for at in offered.new]
            waiting.append((offered, pool.submit(given, new) if new else _nothing()))
            while len(waiting) > (AHEAD if ahead else 0):
                yield _add(writer, *waiting.popleft(), tally, counted=renewed is None)
        while waiting:
            yield _add(writer, *waiting.popleft(), tally, counted=renewed is None)
    except FileSystemError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        if interrupted:
            stopped.set()
        pool.shutdown(cancel_futures=interrupted)
        for offered, encoded in waiting:
            if not encoded.cancelled() and encoded.exception() is None:
                _add(writer, offered, encoded, tally, counted=renewed is None)
        raise
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


def _by_pieces(
    encode: EncodeDocuments, documents: Sequence[Document], stopped: Event
) -> list[Passages]:
    """Encode documents piece by piece; those before it was stopped, if it was."""
    found: list[Passages] = []
    for piece in batches_of(documents, PIECE_CHARACTERS):
        if stopped.is_set():
            break
        found += encode(piece)
    return found


def _nothing() -> Future[Sequence[Passages]]:
    nothing: Future[Sequence[Passages]] = Future()
    nothing.set_result(())
    return nothing


def _offer(
    writer: IndexWriter, batch: Sequence[Document], tally: Tally, renewed: Renewed | None
) -> _Offered:
    hashes = [content_hashes(document) for document in batch]
    asked = hashes
    if renewed is not None:
        anew = renewed(batch, writer.base)
        asked = [UNLIKE_ANY if new else one for new, one in zip(anew, hashes, strict=True)]
    offers = writer.offer(batch, asked)
    tally.count(batch, offers)
    new = [at for at, offer in enumerate(offers) if offer.fate is Fate.NEW]
    return _Offered(batch=batch, hashes=hashes, offers=offers, new=new)


def _add(
    writer: IndexWriter,
    offered: _Offered,
    encoded: Future[Sequence[Passages]],
    tally: Tally,
    *,
    counted: bool,
) -> int:
    passages = encoded.result()
    # fewer than there are new ones only where encoding was stopped
    for at, found in zip(offered.new, passages, strict=False):
        document = offered.batch[at]
        one = EncodedDocument(
            document, offered.hashes[at], found.spans, found.vectors, found.unseen_tokens
        )
        writer.add(one, offered.offers[at].replaces)
        if counted and not document.is_empty:
            tally.encoded_passages += len(found.spans)
    return sum(offer.fate is not Fate.UNCHANGED for offer in offered.offers)


def batches_of(
    documents: Iterable[Document], most_characters: int = BATCH_CHARACTERS
) -> Iterator[list[Document]]:
    """Yield documents in batches that bound what is held in memory."""
    batch: list[Document] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if len(batch) >= BATCH_DOCUMENTS or characters >= most_characters:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
