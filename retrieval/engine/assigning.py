"""Writing a field into the documents of an index, vectors and texts untouched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from retrieval.engine.clustering import Clustering
from retrieval.engine.index import Index
from retrieval.engine.recall import building_for
from retrieval.engine.relabelling import NO_METADATA, kept_settings, put_relabelled
from retrieval.errors import GenerationTakenError, UsageError
from retrieval.observer import SILENT, Observer
from retrieval.records import Document, JsonValue
from retrieval.store.opening import open_writer
from retrieval.store.reader import Snapshot


def store_clusters(
    index: Index,
    clustering: Clustering,
    field: str,
    *,
    replace_field: bool = False,
    observer: Observer = SILENT,
) -> int:
    """Write the number of each document's cluster into a metadata field, in one commit.

    Documents that were left out lose the field. Nothing is encoded and no model is
    loaded; an interrupted run of ``retrieve index`` can still be resumed. The field goes
    when a document is indexed again from a source that lacks it.

    Args:
        index: The index that was clustered; it moves to the new generation.
        clustering: What ``find_clusters`` returned for it.
        field: Name of the field.
        replace_field: Whether values that are there already may be replaced.
        observer: Follows what the commit has to build.

    Returns:
        Documents changed; durable when it is returned. None change where every number is
        stored already.

    Raises:
        UsageError: The name cannot be a metadata field; the field is there, with other
            values, and may not be replaced; or vectors of two precisions are mixed.
        GenerationTakenError: The index changed since it was clustered.
        LockedError, FileSystemError: Nothing was committed.
    """
    if not field.strip() or field in NO_METADATA:
        raise UsageError(
            f"{field!r} cannot be the name of a metadata field.",
            fix="Choose another name, such as cluster.",
        )
    settings = kept_settings(index.snapshot)
    building = building_for(observer)()
    with open_writer(index.path, settings, building=building) as writer:
        base = writer.base
        # under the lock: nobody can change the index between this look and the commit
        if base is None or base.generation != clustering.report.generation:
            newest = 0 if base is None else base.generation
            raise GenerationTakenError(
                f"{index.name} changed since it was clustered: generation"
                f" {clustering.report.generation} was, and {newest} is the newest."
                " Nothing was stored.",
                fix="Run the same command again.",
            )
        wanted = clustering.numbers
        if not replace_field:
            _refuse_other_values(base, field, wanted)
        changed = put_relabelled(writer, _changed(base, field, wanted))
        writer.commit()
    index.refresh()
    return changed


def _changed(base: Snapshot, field: str, wanted: Mapping[str, int]) -> Iterator[Document]:
    """Yield every document that has to change, as it should be."""
    for document in _documents(base):
        metadata: dict[str, JsonValue] = {
            name: value for name, value in document.metadata.items() if name != field
        }
        if document.doc_id in wanted:
            metadata[field] = wanted[document.doc_id]
        if metadata != document.metadata:
            yield replace(document, metadata=metadata)


def _refuse_other_values(base: Snapshot, field: str, wanted: Mapping[str, int]) -> None:
    for document in _documents(base):
        found = document.metadata.get(field)
        if found is not None and found != wanted.get(document.doc_id):
            raise UsageError(
                f"Document {document.doc_id!r} has a field {field!r} already, with the value"
                f" {found!r}; its cluster is {wanted.get(document.doc_id)}.",
                fix="Choose another name, or replace the values with --replace.",
            )


def _documents(base: Snapshot) -> Iterator[Document]:
    for segment in base.segments:
        for ordinal in segment.live_ordinals():
            yield segment.document(ordinal)
