"""The manifest: the only truth about which parts make up a generation of an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from retrieval.errors import (
    DamagedIndexError,
    GenerationTakenError,
    IndexNotFoundError,
    NewerFormatError,
)
from retrieval.fsops import Files, write_file
from retrieval.records import ModelIdentity, Numerics, PassageMode, PassageOptions
from retrieval.store import layout
from retrieval.store.field_entry import FieldEntry
from retrieval.store.format_file import check_format
from retrieval.store.fusion import FusionEntry
from retrieval.store.layout import PartKind
from retrieval.store.precision_cost import PrecisionCost
from retrieval.store.recall_entry import RecallEntry
from retrieval.store.score_curve import ScoreCurve
from retrieval.store.sealed import seal, unseal

CONCEPTS_FEATURE = "concepts"
"""Optional feature of a manifest that names concepts."""
APPROXIMATE_FEATURE = "approximate"
"""Optional feature of a manifest that names approximate indexes."""

KNOWN_FEATURES: frozenset[str] = frozenset()
"""Features a manifest may require of its reader that this version has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One immutable file of an index.

    Attributes:
        file: Name within the index folder.
        size_bytes: Its exact size.
        rows: Rows it holds: passages for vectors, documents for the others (for a concept
            those it was fitted on).
        crc32: CRC-32 of its bytes, for quick checks.
        sha256: SHA-256 of its bytes, hex.
    """

    file: str
    size_bytes: int
    rows: int
    crc32: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """An immutable share of the corpus, with the deletions this generation knows of.

    Attributes:
        parts: Its files by kind; vectors, docs and arrays always, deleted if any is.
        documents: Documents stored, deleted ones included.
        passages: Rows stored, those of deleted documents included.
        live_documents: Documents not deleted.
        live_passages: Rows of documents not deleted.
        empty_documents: Live documents without any text.
        unseen_tokens: Tokens of live documents that the model never saw.
        truncated_documents: Live documents with such tokens.
        numerics: How its vectors were computed; all of one comparison class.
    """

    parts: Mapping[PartKind, Part]
    documents: int
    passages: int
    live_documents: int
    live_passages: int
    empty_documents: int
    unseen_tokens: int
    truncated_documents: int
    numerics: tuple[Numerics, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all its parts."""
        return sum(part.size_bytes for part in self.parts.values())

    def to_json(self) -> dict[str, Any]:
        """Return the segment as JSON values."""
        fields = asdict(self)
        fields["parts"] = {kind.value: asdict(part) for kind, part in self.parts.items()}
        return fields

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: They are not those of a segment.
        """
        fields = dict(record)
        fields["parts"] = {PartKind(kind): Part(**part) for kind, part in fields["parts"].items()}
        fields["numerics"] = tuple(Numerics(**one) for one in fields["numerics"])
        return cls(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptEntry:
    """A concept that a generation has.

    Attributes:
        name: Its name; distinct after NFKC and case folding.
        version: How often it has been fitted.
        model: Fingerprint of the model it was fitted for.
        created: When, ISO 8601 in UTC.
        part: Its file.
    """

    name: str
    version: int
    model: str
    created: str
    part: Part

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` made of an entry.

        Raises:
            KeyError, TypeError, ValueError: It is not one.
        """
        return cls(**{**record, "part": Part(**record["part"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """Where documents came from: an absolute path (or ``-``) and its kind."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One generation of an index.

    Attributes:
        generation: 1 for the first commit.
        parent: The generation it was made from; 0 for none.
        created: When, ISO 8601 in UTC.
        written_by: Name and version of the program.
        required: Features a reader must have.
        optional: Features a reader may ignore.
        model: Identity of the model that made the vectors.
        passages: How documents were cut.
        sources: Where the documents came from.
        incomplete: Whether more of the same input was still to come (``--commit-every``).
        segments: The parts that hold the documents.
        concepts: Queries learned from labels, by folded name.
        fusion: The weight of meaning learned for it, if any.
        curves: From scores of text queries to probabilities, by mode.
        fields: Metadata fields of live documents, by name.
        cost: What the precision of the vectors costs; None where they are exact.
        recall: What share of the nearest a search finds at least, as it was asked for and as it
            was measured; None in an index that has nothing but exact search.
        recall_queries: Real queries it is measured with, beside rows; None for none.
    """

    generation: int
    parent: int
    created: str
    written_by: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    model: ModelIdentity
    passages: PassageOptions
    sources: tuple[SourceRecord, ...] = ()
    incomplete: bool = False
    segments: tuple[Segment, ...] = field(default=())
    concepts: tuple[ConceptEntry, ...] = ()
    fusion: FusionEntry | None = None
    curves: tuple[ScoreCurve, ...] = ()
    fields: tuple[FieldEntry, ...] = ()
    cost: PrecisionCost | None = None
    recall: RecallEntry | None = None
    recall_queries: Part | None = None

    @property
    def files(self) -> dict[str, Part]:
        """Every part this generation names, by file name."""
        named = {part.file: part for one in self.segments for part in one.parts.values()}
        own = [one.part for one in self.concepts]
        if self.recall_queries is not None:
            own.append(self.recall_queries)
        return named | {part.file: part for part in own}

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON values."""
        fields = {
            "format": layout.FORMAT_TEXT.decode().strip(),
            "generation": self.generation,
            "parent": self.parent,
            "created": self.created,
            "written_by": self.written_by,
            "required": list(self.required),
            "optional": list(self.optional),
            "model": self.model.to_json(),
            "passages": asdict(self.passages),
            "sources": [asdict(source) for source in self.sources],
            "incomplete": self.incomplete,
            "segments": [segment.to_json() for segment in self.segments],
        }
        if self.fusion is not None:
            fields["fusion"] = asdict(self.fusion)
        if self.cost is not None:
            fields["cost"] = asdict(self.cost)
        if self.recall is not None:
            fields["recall"] = self.recall.to_json()
        if self.recall_queries is not None:
            fields["recall_queries"] = asdict(self.recall_queries)
        for name in ("concepts", "curves", "fields"):
            if found := getattr(self, name):  # absent in an index without, as before there were any
                fields[name] = [asdict(one) for one in found]
        return fields

    @classmethod
    def from_json(cls, record: Mapping[str, Any], name: str) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            NewerFormatError: It requires a feature this version does not have.
            DamagedIndexError: A field is missing or of the wrong type.
        """
        try:
            missing = set(record["required"]) - KNOWN_FEATURES
            if missing:
                raise NewerFormatError(
                    f"{name} needs {', '.join(sorted(missing))}, which this version lacks;"
                    f" it was written by {record['written_by']}.",
                    fix="Upgrade the package and open the index again.",
                )
            passages = dict(record["passages"])
            passages["mode"] = PassageMode(passages["mode"])
            queries = record.get("recall_queries")
            return cls(
                generation=record["generation"],
                parent=record["parent"],
                created=record["created"],
                written_by=record["written_by"],
                required=tuple(record["required"]),
                optional=tuple(record["optional"]),
                model=ModelIdentity.from_json(record["model"]),
                passages=PassageOptions(**passages),
                sources=tuple(SourceRecord(**source) for source in record["sources"]),
                incomplete=record["incomplete"],
                segments=tuple(Segment.from_json(one) for one in record["segments"]),
                concepts=tuple(map(ConceptEntry.from_json, record.get("concepts", ()))),
                fusion=FusionEntry.from_json(record.get("fusion")),
                curves=tuple(map(ScoreCurve.from_json, record.get("curves", ()))),
                fields=tuple(map(FieldEntry.from_json, record.get("fields", ()))),
                cost=PrecisionCost.from_json(record.get("cost")),
                recall=RecallEntry.from_json(record.get("recall")),
                recall_queries=None if queries is None else Part(**queries),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedIndexError(
                f"{name} is not a manifest this version understands ({error!r})."
            ) from error


def list_generations(files: Files, folder: Path) -> list[int]:
    """Return the generations an index folder has manifests of, ascending.

    Raises:
        IndexNotFoundError: No such folder, or nothing was ever committed in it.
        NotAnIndexError, NewerFormatError: As ``check_format``.
    """
    try:
        names = files.list(folder)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexNotFoundError(
            f"There is no index at {folder}.", fix="Build one with: retrieve index INPUT"
        ) from None
    check_format(files, folder, names)
    found = layout.generations(names)
    if not found:
        raise IndexNotFoundError(
            f"{folder} holds no committed index: its first run has not finished.",
            fix="Run the same `retrieve index` command again; it resumes.",
        )
    return found


def read_manifest(files: Files, folder: Path, generation: int) -> Manifest:
    """Read and check one manifest.

    Raises:
        FileNotFoundError: There is none of this generation.
        DamagedIndexError: Its checksum or content is wrong.
        NewerFormatError: It requires features this version lacks.
    """
    path = folder / layout.manifest_name(generation)
    manifest = Manifest.from_json(unseal(files.read(path), str(path)), str(path))
    if manifest.generation != generation:
        raise DamagedIndexError(f"{path} says that it is generation {manifest.generation}.")
    return manifest


def publish_once(files: Files, path: Path, content: bytes, names: layout.Names) -> None:
    """Put a small file in place whole or not at all, and never over another.

    Written under a temporary name, synced, linked to its place; the folder is then
    synced, so that on return the file survives a power cut.

    Raises:
        FileExistsError: The place is taken.
    """
    temporary = path.with_name(layout.temporary_name(names()))
    write_file(files, temporary, content)
    files.link(temporary, path)
    files.sync_folder(path.parent)
    try:
        files.unlink(temporary)
    except FileNotFoundError:  # where links are missing, ``link`` has renamed it
        return


def publish(files: Files, folder: Path, manifest: Manifest, names: layout.Names) -> None:
    """Commit a generation; its parts are written, and their folder is synced, before.

    Raises:
        GenerationTakenError: Another writer committed this generation first.
    """
    path = folder / layout.manifest_name(manifest.generation)
    try:
        publish_once(files, path, seal(manifest.to_json()), names)
    except FileExistsError:
        raise GenerationTakenError(
            f"Generation {manifest.generation} of {folder} was committed by another writer.",
            fix="Run the command again; it starts from the new generation.",
        ) from None
