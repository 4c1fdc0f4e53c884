"""Concepts on disk: one part each, named by the manifest, tied to the index's model.

What the arrays mean is known above the store; here they are bytes with shapes that must
fit. A concept that is damaged or missing does not keep the index from being searched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from retrieval.errors import DamagedIndexError
from retrieval.fsops import Files
from retrieval.records import fold
from retrieval.store import layout
from retrieval.store.container import AnyArray, open_container, whole, write_container
from retrieval.store.manifest import ConceptEntry, Part
from retrieval.store.parts import PartWriter

RECORD = "record"
_UNIT_TOLERANCE = 1e-3
_SHAPED = ("direction", "folds", "fold_of", "labels")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConceptContent:
    """What a concept consists of.

    Attributes:
        record: JSON values; ``name``, ``version``, ``model`` and ``doc_ids`` among them.
        arrays: Arrays by name; ``direction``, ``folds``, ``fold_of`` and ``labels`` among them.
    """

    record: Mapping[str, Any]
    arrays: Mapping[str, AnyArray]


def write_concept(files: Files, path: Path, content: ConceptContent) -> Part:
    """Write a concept as one new part, synced; its folder is the caller's to sync."""
    record = {**content.record, "sha256": _digest(content.record, content.arrays)}
    columns = {name: whole(array) for name, array in content.arrays.items()}
    columns[RECORD] = whole(np.frombuffer(orjson.dumps(record), dtype=np.uint8))
    with PartWriter(files, path) as output:
        write_container(output, columns)
        return output.part(len(content.record["doc_ids"]))


def read_concept(files: Files, folder: Path, entry: ConceptEntry, dim: int) -> ConceptContent:
    """Read a concept that a manifest names, and check it.

    Raises:
        DamagedIndexError: It is missing, or not what was written.
    """
    path = folder / entry.part.file
    fix = (
        f"Fit it again, or remove it with `retrieve concept delete {entry.name!r}`; everything"
        " else in the index can be used."
    )
    try:
        content = files.read(path)
    except FileNotFoundError:
        raise DamagedIndexError(
            f"{path}, the concept {entry.name!r}, is missing.", fix=fix
        ) from None
    if hashlib.sha256(content).hexdigest() != entry.part.sha256:
        raise DamagedIndexError(
            f"{path}, the concept {entry.name!r}, is damaged: its bytes do not match the"
            " checksum in the manifest.",
            fix=fix,
        )
    found = parse_concept(content, str(path))
    record = found.record
    told = (record["name"], record["version"], record["model"])
    if told != (entry.name, entry.version, entry.model):
        raise DamagedIndexError(
            f"{path} says that it is {told}; the manifest says"
            f" {(entry.name, entry.version, entry.model)}.",
            fix=fix,
        )
    check_shapes(found, dim, str(path))
    return found


def parse_concept(content: bytes, name: str) -> ConceptContent:
    """Read the bytes of a concept.

    Args:
        content: What ``write_concept`` wrote.
        name: The file's name, for messages.

    Raises:
        DamagedIndexError: They are not those of a concept, or were changed.
    """
    arrays = dict(open_container(memoryview(content), name))
    try:
        record = orjson.loads(arrays.pop(RECORD).tobytes())
        told = record.pop("sha256")
        if not (
            isinstance(record["name"], str)
            and isinstance(record["version"], int)
            and isinstance(record["model"], str)
            and isinstance(record["doc_ids"], list)
        ):
            raise TypeError("a field of the record is of a wrong type")
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedIndexError(f"{name} is no concept: {error!r}.") from error
    if told != _digest(record, arrays):
        raise DamagedIndexError(f"{name} is damaged: it does not match its own checksum.")
    return ConceptContent(record=record, arrays=arrays)


def check_shapes(content: ConceptContent, dim: int, name: str) -> None:
    """Refuse a concept whose arrays do not fit each other or vectors of a length.

    Raises:
        DamagedIndexError: They do not.
    """
    missing = [one for one in _SHAPED if one not in content.arrays]
    if missing:
        raise DamagedIndexError(f"{name} is no concept: it has no array {missing[0]!r}.")
    direction, folds, fold_of, labels = (content.arrays[one] for one in _SHAPED)
    count = len(content.record["doc_ids"])
    if not (
        direction.dtype == folds.dtype == np.float32
        and direction.shape == (dim,)
        and folds.ndim == 2
        and folds.shape[1] == dim
        and fold_of.shape == labels.shape == (count,)
        and (count == 0 or (fold_of.min() >= 0 and fold_of.max() < len(folds)))
    ):
        raise DamagedIndexError(
            f"{name} does not fit: its direction has shape {direction.shape}, its folds"
            f" {folds.shape}, for vectors of length {dim} and {count} documents."
        )
    lengths = np.linalg.norm(np.concatenate([direction[np.newaxis], folds]), axis=1)
    if not (np.abs(lengths - 1.0) <= _UNIT_TOLERANCE).all():
        raise DamagedIndexError(f"{name} has a direction that is not of unit length.")


class ConceptChanges:
    """What a write session does to the concepts of an index.

    Args:
        known: Concepts of the generation it starts from.
    """

    def __init__(self, known: Sequence[ConceptEntry]) -> None:
        self._known = {fold(one.name): one for one in known}
        self._changes: dict[str, ConceptContent | None] = {}

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self._changes)

    def put(self, content: ConceptContent) -> int:
        """Take a concept in as the next version of its name; return that version."""
        name = fold(content.record["name"])
        version = self._known[name].version + 1 if name in self._known else 1
        record = {**content.record, "version": version}
        self._changes[name] = ConceptContent(record=record, arrays=content.arrays)
        return version

    def delete(self, name: str) -> bool:
        """Mark a concept as deleted; return whether there is one of this name."""
        found = fold(name) in self._known
        if found:
            self._changes[fold(name)] = None
        return found

    def write(
        self,
        files: Files,
        place: Callable[[str, layout.PartKind], Path],
        names: layout.Names,
    ) -> tuple[ConceptEntry, ...]:
        """Write the concepts taken in; return all of the next generation, by folded name."""
        kept = dict(self._known)
        for name, content in self._changes.items():
            kept.pop(name, None)
            if content is not None:
                record = content.record
                path = place(names(), layout.PartKind.CONCEPT)
                kept[name] = ConceptEntry(
                    name=record["name"],
                    version=record["version"],
                    model=record["model"],
                    created=record["created"],
                    part=write_concept(files, path, content),
                )
        return tuple(one for _, one in sorted(kept.items()))


def _digest(record: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> str:
    digest = hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS))
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
