"""What the use cases give back, as records with a JSON shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from retrieval.records import JsonValue


class _Report:
    """A record whose JSON shape is its fields, with the schema's version."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {"schema_version": 1, **asdict(self)}  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport(_Report):
    """What indexing did.

    Attributes:
        index: Name of the index.
        path: Its folder.
        generation: The newest generation.
        committed: Whether anything had to be changed.
        read: Documents read, rejected rows not among them.
        added: Documents whose id was new.
        replaced: Documents that took the place of another version.
        unchanged: Documents that were indexed already, exactly so.
        removed: Documents deleted because the input no longer has them (``--sync``).
        rejected: Rows that could not be used.
        empty: Documents read without any text.
        encoded_passages: Passages that were given a vector.
        repeated_passages: Those of them that took the vector of an equal passage just encoded.
        resumed_passages: Passages taken over from an interrupted run.
        documents: Documents in the index now.
        passages: Passages in the index now.
        unseen_tokens: Tokens in the index's documents that the model never saw.
        truncated_documents: Documents with such tokens.
        mixed_fields: Metadata fields that cannot be filtered by, since documents have values of
            several types there: documents by type, by field.
        cost: What the precision of the vectors costs: the share of the nearest passages that
            is still found, its interval, and on how many it was measured; None if exact.
        rejects_path: File with one line a rejected row; None without any.
        seconds: Wall-clock seconds the run took.
    """

    index: str
    path: str
    generation: int
    committed: bool
    read: int
    added: int
    replaced: int
    unchanged: int
    removed: int
    rejected: int
    empty: int
    encoded_passages: int
    repeated_passages: int
    resumed_passages: int
    documents: int
    passages: int
    unseen_tokens: int
    truncated_documents: int
    mixed_fields: Mapping[str, Mapping[str, int]]
    cost: Mapping[str, JsonValue] | None
    rejects_path: str | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteReport(_Report):
    """What deleting did.

    Attributes:
        index: Name of the index.
        generation: The newest generation.
        deleted: Documents deleted, or that would be.
        missing: Ids that no document has, in the order given.
        dry_run: Whether nothing was deleted after all.
    """

    index: str
    generation: int
    deleted: int
    missing: tuple[str, ...]
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallReport:
    """What searches by meaning find of the nearest.

    Attributes:
        target: The share asked for; 1 for exact search.
        k: Of how many nearest.
        memory_bytes: What an approximate index may take; None for no bound.
        approximate_passages: Passages searched through approximate indexes.
        exact_passages: Passages searched exactly: those of small segments, and all that
            ``reasons`` speaks of.
        measured: The least mean recall that was measured of those indexes; None without any.
        low: Lower end of its 95 % interval.
        high: Upper end.
        queries: Queries it was measured with.
        kept_queries: Real queries kept to measure it with.
        reasons: Why large segments are searched exactly, though less was asked for.
        certificates: Every measurement whole, by file: curve, parameters, queries.
    """

    target: float
    k: int
    memory_bytes: int | None
    approximate_passages: int
    exact_passages: int
    measured: float | None
    low: float | None
    high: float | None
    queries: int
    kept_queries: int
    reasons: tuple[str, ...]
    certificates: tuple[Mapping[str, JsonValue], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(_Report):
    """An index at a glance.

    Attributes:
        name: Name of the index.
        path: Its folder.
        format: Name and version of the format on disk.
        generation: The newest generation.
        created: When it was committed, ISO 8601 in UTC.
        documents: Documents that can be found or are empty; deleted ones not among them.
        passages: Their passages.
        segments: Segments they lie in.
        deleted_documents: Documents deleted and not yet compacted away.
        empty_documents: Documents without any text.
        unseen_tokens: Tokens of the documents that the model never saw.
        truncated_documents: Documents with such tokens.
        size_bytes: Bytes of every file in the folder.
        model: The model's identity with its fingerprint.
        numerics: How vectors were computed, such as ``fp32 (onnxruntime 1.32.0)``.
        cost: What that costs in found neighbours, as it was measured; None where it is exact.
        options: How documents are cut: mode, tokens, overlap.
        language: The language that words are stemmed by: an ISO 639-1 code, ``none`` where they are
            not; None where there are no words.
        stemmer: Name and version of the stemmer; empty without.
        sources: Where the documents came from: path and kind.
        fields: Metadata fields: name, type, documents that have it and, of a mixed field,
            documents by the type of their value (``sorts``).
        fusion: The weight of meaning that was learned, and what from; None where none was.
        curves: From scores to probabilities: the ranking each holds for, and what it was
            learned from.
        recall: What was asked for of recall, and what was measured (``RecallReport``); None in an
            index that nothing was asked of.
        incomplete: Whether more of the same input was still to come.
        missing_parts: Parts that the manifest names and the folder lacks.
        pending_spills: Finished parts of a command that has not committed.
    """

    name: str
    path: str
    format: str
    generation: int
    created: str
    documents: int
    passages: int
    segments: int
    deleted_documents: int
    empty_documents: int
    unseen_tokens: int
    truncated_documents: int
    size_bytes: int
    model: Mapping[str, JsonValue]
    numerics: tuple[str, ...]
    cost: Mapping[str, JsonValue] | None
    options: Mapping[str, JsonValue]
    language: str | None
    stemmer: str
    sources: tuple[Mapping[str, str], ...]
    fields: tuple[Mapping[str, JsonValue], ...]
    fusion: Mapping[str, JsonValue] | None
    curves: tuple[Mapping[str, JsonValue], ...]
    recall: RecallReport | None
    incomplete: bool
    missing_parts: tuple[str, ...]
    pending_spills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport(_Report):
    """What a check of an index found.

    Attributes:
        index: Name of the index.
        generation: The newest generation.
        checked_files: Files read through.
        checked_bytes: Their bytes.
        checked_documents: Documents whose rows and references were followed.
        reencoded_passages: Passages encoded anew and compared.
        problems: One sentence each; none if all is well.
        notes: What is worth knowing and no damage.
    """

    index: str
    generation: int
    checked_files: int
    checked_bytes: int
    checked_documents: int
    reencoded_passages: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether no problem was found."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values, with ``ok``."""
        return {"schema_version": 1, "ok": self.ok, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverReport(_Report):
    """What a recovery did.

    Attributes:
        index: Name of the index.
        from_generation: The generation whose content is in force again.
        generation: The new generation that has it.
        set_aside: Damaged files, under their new names.
    """

    index: str
    from_generation: int
    generation: int
    set_aside: tuple[str, ...]
