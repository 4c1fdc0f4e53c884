"""Changing the metadata of documents, vectors and texts untouched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import orjson

from retrieval.errors import UsageError
from retrieval.filters.tree import Filter
from retrieval.records import Document, JsonValue, Numerics
from retrieval.store.building import Building
from retrieval.store.hashing import content_hashes
from retrieval.store.opening import open_writer
from retrieval.store.reader import Snapshot
from retrieval.store.session import Fate, WriterSettings
from retrieval.store.writer import IndexWriter

NO_METADATA = ("id", "_id", "doc_id", "text", "title", "metadata")
"""Names that a row of an input file would not read back as metadata."""
_BATCH = 1024


def relabel(
    folder: Path,
    changes: Mapping[str, JsonValue],
    *,
    ids: Iterable[str] | None = None,
    where: Filter | None = None,
    building: Building | None = None,
) -> int:
    """Set metadata fields of documents, in one commit; no model is loaded.

    Args:
        folder: The index folder.
        changes: New values by field; None takes a field away.
        ids: The documents; those that are not there are passed over.
        where: The documents, by a filter, told under the lock; used if there are no ids.
        building: How approximate indexes are built; None for the usual.

    Returns:
        Documents changed; durable when it is returned.

    Raises:
        UsageError: A name or value that cannot be metadata, or vectors of two precisions are
            mixed.
        FilterError: The filter does not fit the fields.
        LockedError, FileSystemError: Nothing was committed.
    """
    _check_changes(changes)
    wanted = None if ids is None else set(ids)
    settings = kept_settings(Snapshot.open(folder))
    with open_writer(folder, settings, building=building) as writer:
        if writer.base is None:
            return 0
        changed = put_relabelled(writer, _relabelled(writer.base, changes, wanted, where))
        writer.commit()
    return changed


def _check_changes(changes: Mapping[str, JsonValue]) -> None:
    for name in changes:
        if not name.strip() or name in NO_METADATA:
            raise UsageError(
                f"{name!r} cannot be the name of a metadata field.",
                fix="Choose another name; texts and titles are changed by indexing them again.",
            )
    try:
        orjson.dumps(dict(changes))
    except TypeError as error:
        raise UsageError(f"JSON cannot hold the new metadata: {error}.") from None


def _relabelled(
    base: Snapshot,
    changes: Mapping[str, JsonValue],
    ids: set[str] | None,
    where: Filter | None,
) -> Iterator[Document]:
    """Yield every document that has to change, as it should be."""
    removed = {name for name, value in changes.items() if value is None}
    chosen = base.select(where)
    for number, one in enumerate(base.segments):
        live = ~one.deleted if chosen is None else chosen.documents[number]
        for ordinal in np.flatnonzero(live).tolist():
            if ids is not None and one.doc_id(ordinal) not in ids:
                continue
            document = one.document(ordinal)
            metadata = {**document.metadata, **changes}
            kept = {name: value for name, value in metadata.items() if name not in removed}
            if orjson.dumps(kept) != orjson.dumps(dict(document.metadata)):
                yield replace(document, metadata=kept)


def put_relabelled(writer: IndexWriter, documents: Iterable[Document]) -> int:
    """Put documents of other metadata in the place of those in the index; return how many.

    Raises:
        UsageError: One has another text than in the index.
    """
    changed = 0
    given = iter(documents)
    while batch := list(islice(given, _BATCH)):
        offers = writer.offer(batch, [content_hashes(one) for one in batch])
        for document, offer in zip(batch, offers, strict=True):
            if offer.fate not in {Fate.RELABELLED, Fate.UNCHANGED}:
                raise UsageError(f"{document.doc_id!r} has a content hash that is not its own.")
            changed += offer.fate is Fate.RELABELLED
    return changed


def kept_settings(snapshot: Snapshot) -> WriterSettings:
    """Return settings that say of kept vectors how they were computed.

    Raises:
        UsageError: Vectors of several precisions are mixed.
    """
    passages: dict[Numerics, int] = {}
    for one in snapshot.manifest.segments:
        for numerics in one.numerics:
            passages[numerics] = passages.get(numerics, 0) + one.live_passages
    classes = sorted({one.comparison_class for one in passages})
    if len(classes) > 1:
        raise UsageError(
            f"The index mixes vectors of several precisions ({', '.join(classes)}), and rewriting"
            " its documents would lose which is which.",
            fix="Index the texts anew under another name.",
        )
    numerics = Numerics(precision="fp32", runtime="none")  # of an index that holds nothing
    return WriterSettings(
        model=snapshot.manifest.model,
        passages=snapshot.manifest.passages,
        numerics=max(passages, key=lambda one: passages[one], default=numerics),
    )
