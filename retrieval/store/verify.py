"""Checking everything that is on disk: checksums, then every cross-reference."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.errors import RetrievalError
from retrieval.fsops import Files, LocalFiles
from retrieval.records import fold
from retrieval.store import layout
from retrieval.store.approximate_check import check_approximate
from retrieval.store.columns_check import check_columns
from retrieval.store.concepts import read_concept
from retrieval.store.garbage import KEPT_GENERATIONS
from retrieval.store.hashing import content_hashes
from retrieval.store.layout import DERIVED_KINDS, PartKind
from retrieval.store.manifest import Manifest, Part, list_generations, read_manifest
from retrieval.store.parts import checksums
from retrieval.store.recall_queries import read_recall_queries
from retrieval.store.segment import OpenSegment
from retrieval.store.words_check import check_words

_UNIT_TOLERANCE = 1e-3
_BLOCK_ROWS = 8192

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCheck:
    """What a check of an index folder found.

    Attributes:
        generation: The newest generation; 0 if its manifest cannot be found.
        checked_files: Files read through.
        checked_bytes: Their bytes.
        checked_documents: Documents whose rows and references were followed.
        problems: One sentence each, naming the file; none if all is well.
    """

    generation: int
    checked_files: int
    checked_bytes: int
    checked_documents: int
    problems: tuple[str, ...]


def check_store(
    folder: Path, files: Files | None = None, progress: Progress | None = None
) -> StoreCheck:
    """Check every file that the last two generations name, and how they fit together.

    Args:
        folder: The index folder.
        files: The file system; None for this machine's.
        progress: Told the bytes checked so far and in all.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
    """
    files = files or LocalFiles()
    generations = list_generations(files, folder)
    problems: list[str] = []
    manifests: list[Manifest] = []
    for generation in generations[-KEPT_GENERATIONS:]:
        try:
            manifests.append(read_manifest(files, folder, generation))
        except (RetrievalError, FileNotFoundError) as error:
            problems.append(str(error))
    parts = {name: part for manifest in manifests for name, part in manifest.files.items()}
    kinds = {
        part.file: kind
        for manifest in manifests
        for segment in manifest.segments
        for kind, part in segment.parts.items()
    }
    total = sum(part.size_bytes for part in parts.values())
    done = 0
    for name, part in sorted(parts.items()):
        problem = _check_part(files, folder / name, part)
        if problem is not None and not (
            kinds.get(name) in DERIVED_KINDS and problem.endswith("is missing.")
        ):
            problems.append(problem)
        done += part.size_bytes
        if progress is not None:
            progress(done, total)
    documents = 0
    if not problems:
        checked: dict[Part, OpenSegment] = {}
        for manifest in manifests:
            problems.extend(_check_generation(files, folder, manifest, checked))
        documents = sum(one.segment.documents for one in checked.values())
    return StoreCheck(
        generation=generations[-1],
        checked_files=len(parts) + len(manifests) + 1,
        checked_bytes=total,
        checked_documents=documents,
        problems=tuple(problems),
    )


def _check_part(files: Files, path: Path, part: Part) -> str | None:
    try:
        size, crc32, sha256 = checksums(files, path)
    except FileNotFoundError:
        return f"{path} is missing."
    except RetrievalError as error:
        return str(error)
    if size != part.size_bytes:
        return f"{path} has {size} bytes; the manifest says {part.size_bytes}."
    if (crc32, sha256) != (part.crc32, part.sha256):
        return f"{path} is damaged: its bytes do not match the checksums in the manifest."
    return None


def _check_generation(
    files: Files, folder: Path, manifest: Manifest, checked: dict[Part, OpenSegment]
) -> Iterator[str]:
    """Yield what does not fit in a generation; segments checked before are not read again."""
    where = f"generation {manifest.generation}"
    owners: list[tuple[bytes, str]] = []
    for segment in manifest.segments:
        docs = segment.parts[PartKind.DOCS]
        try:
            one = OpenSegment(files, folder, segment, manifest.model.dim)
            if docs not in checked:
                yield from _check_segment(one)
            else:
                yield from _check_other_derived(one, checked[docs])
            checked[docs] = one
            yield from check_approximate(one, manifest.recall)
            yield from _check_counts(one, where)
            owners.extend((one.id_bytes(ordinal), docs.file) for ordinal in one.live_ordinals())
        except (RetrievalError, FileNotFoundError) as error:
            yield str(error)
    yield from _check_concepts(files, folder, manifest, where)
    if manifest.recall_queries is not None:
        try:
            read_recall_queries(files, folder, manifest.recall_queries, manifest.model.dim)
        except RetrievalError as error:
            yield str(error)
    owners.sort()
    for (doc_id, first), (other, second) in itertools.pairwise(owners):
        if doc_id == other:
            yield f"In {where}, document {doc_id!r} is live in both {first} and {second}."


def _check_other_derived(one: OpenSegment, before: OpenSegment) -> Iterator[str]:
    """Yield what is wrong with derived parts that another generation has not for the documents."""
    for kind, check in ((PartKind.WORDS, check_words), (PartKind.COLUMNS, check_columns)):
        if one.segment.parts.get(kind) != before.segment.parts.get(kind):
            yield from check(one)


def _check_concepts(files: Files, folder: Path, manifest: Manifest, where: str) -> Iterator[str]:
    """Yield concepts that cannot be read, are of another model, or share a name."""
    names: set[str] = set()
    for entry in manifest.concepts:
        if entry.model != manifest.model.fingerprint:
            yield f"In {where}, the concept {entry.name!r} is for another model: {entry.model}."
        if fold(entry.name) in names:
            yield f"In {where}, two concepts are named {entry.name!r}."
        names.add(fold(entry.name))
        try:
            read_concept(files, folder, entry, manifest.model.dim)
        except RetrievalError as error:
            yield str(error)


def _check_counts(one: OpenSegment, where: str) -> Iterator[str]:
    live = ~one.deleted
    unseen = one.column("doc.unseen")[live]
    found = {
        "live_documents": int(live.sum()),
        "live_passages": int(np.diff(one.passage_starts)[live].sum()),
        "empty_documents": int(one.empty[live].sum()),
        "unseen_tokens": int(unseen.sum()),
        "truncated_documents": int((unseen > 0).sum()),
    }
    for name, value in found.items():
        if getattr(one.segment, name) != value:
            file = one.segment.parts[PartKind.DOCS].file
            said = getattr(one.segment, name)
            yield f"In {where}, {file} has {value} {name}; the manifest says {said}."


def _check_segment(one: OpenSegment) -> Iterator[str]:
    """Yield what is wrong within one segment whose checksums are right."""
    parts = one.segment.parts
    arrays = parts[PartKind.ARRAYS].file
    for name, end in (
        ("doc.id_offsets", len(one.column("doc.ids"))),
        ("doc.offsets", parts[PartKind.DOCS].size_bytes),
    ):
        offsets = one.column(name)
        if offsets[0] != 0 or offsets[-1] != end or (np.diff(offsets) < 1).any():
            yield f"{arrays}: {name} does not run from 0 to {end}."
            return
    yield from _check_vectors(one)
    before = b""
    for ordinal in range(one.segment.documents):
        doc_id = one.id_bytes(ordinal)
        if doc_id <= before and ordinal:
            yield f"{arrays}: id {doc_id!r} is out of order."
        before = doc_id
        document = one.document(ordinal)
        if document.doc_id.encode() != doc_id:
            yield f"{arrays}: row {ordinal} is of {document.doc_id!r}, not of {doc_id!r}."
        if content_hashes(document) != one.hashes(ordinal):
            yield f"{arrays}: the hashes of {document.doc_id!r} are of another content."
        if document.is_empty != bool(one.empty[ordinal]):
            yield f"{arrays}: {document.doc_id!r} is wrongly marked as empty or not."
        for span in one.spans(ordinal):
            if not 0 <= span.start <= span.end <= len(document.text):
                yield f"{arrays}: a passage of {document.doc_id!r} lies outside its text: {span}."
    yield from check_words(one)
    yield from check_columns(one)


def _check_vectors(one: OpenSegment) -> Iterator[str]:
    file = one.segment.parts[PartKind.VECTORS].file
    empty = np.repeat(one.empty, np.diff(one.passage_starts))
    for start in range(0, one.segment.passages, _BLOCK_ROWS):
        end = min(start + _BLOCK_ROWS, one.segment.passages)
        rows = one.read_vectors(start, end).astype(np.float64)
        length = np.sqrt((rows * rows).sum(axis=1))
        wanted = np.where(empty[start:end], 0.0, 1.0)
        wrong = ~(np.abs(length - wanted) <= _UNIT_TOLERANCE)
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            yield f"{file}: row {start + at} has length {length[at]:.6f}, not {wanted[at]:.0f}."
            return


def stray_files(folder: Path, files: Files | None = None) -> list[str]:
    """Return names in an index folder that are not of its format."""
    files = files or LocalFiles()
    return [name for name in files.list(folder) if not layout.is_ours(name)]
