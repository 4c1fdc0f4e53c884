"""Documents with the same text, and queries that are documents themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from retrieval.engine.benchmark.task import Task
from retrieval.records import Document
from retrieval.store.hashing import content_hashes
from retrieval.store.reader import Snapshot


def duplicate_documents(snapshot: Snapshot) -> int:
    """Count documents whose title and text an earlier one has too; empty ones do not count."""
    times = Counter(digest for digest, _, _ in _text_hashes(snapshot))
    return sum(count - 1 for count in times.values())


def queries_in_corpus(snapshot: Snapshot, task: Task) -> dict[str, frozenset[str]]:
    """Return for each query the documents that are the query itself.

    These are the document whose id is the query's, and those whose whole text is the query's
    (without a title). Label queries have none: a label's name is not a document's id.
    """
    wanted: dict[bytes, list[str]] = {}
    for one in task.queries:
        wanted.setdefault(content_hashes(Document("-", one.text)).text, []).append(one.query_id)
    found: dict[str, set[str]] = {
        one.query_id: {one.query_id} for one in task.queries if snapshot.find(one.query_id)
    }
    for digest, segment, ordinal in _text_hashes(snapshot):
        for query_id in wanted.get(digest, ()):
            doc_id = snapshot.segments[segment].doc_id(ordinal)
            found.setdefault(query_id, set()).add(doc_id)
    return {query_id: frozenset(ids) for query_id, ids in found.items()}


def _text_hashes(snapshot: Snapshot) -> Iterator[tuple[bytes, int, int]]:
    """Yield the hash of title and text of every document that can be found, with its place."""
    for number, segment in enumerate(snapshot.segments):
        hashes = segment.column("doc.text_hash")
        for ordinal in np.flatnonzero(~(segment.deleted | segment.empty)).tolist():
            yield hashes[ordinal].tobytes(), number, ordinal
