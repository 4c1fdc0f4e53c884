"""The labelled documents of an index: where they are, what they are, and which are no use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrieval.engine.benchmark.labels import label_values
from retrieval.engine.concepts.label_file import LabelRow, read_labels
from retrieval.engine.concepts.options import FitOptions
from retrieval.errors import InputError, UsageError
from retrieval.records import Document
from retrieval.store.hashing import content_hashes
from retrieval.store.ranking import Place
from retrieval.store.reader import Snapshot

LEAST_LABELS = 20
LEAST_OF_A_KIND = 5
"""Different texts of each label: one for each fold."""
FEW_OF_A_KIND = 20
"""Fewer different texts of a label than this make intervals too narrow, which is said."""
_TOLD = 5
_POSITIVE_WORDS = frozenset({"true", "1"})
_NEGATIVE_WORDS = frozenset({"false", "0"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """Documents to learn from.

    Attributes:
        places: Where they are, by segment and ordinal.
        doc_ids: Their ids.
        labels: bool (documents,).
        values: Of each the value that counts: the positive one, or the first of its others.
        groups: int64 (documents,), equal for equal texts.
        source: Where labels came from, in words.
        positive: Value that counts as positive.
        notes: What was decided, one sentence each.
        warnings: What a reader must know, one sentence each.
    """

    places: tuple[Place, ...]
    doc_ids: tuple[str, ...]
    labels: NDArray[np.bool_]
    values: tuple[str, ...]
    groups: NDArray[np.int64]
    source: str
    positive: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """Labels by place, and what there is to say of them."""

    values: dict[Place, tuple[str, ...]]
    source: str
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def find_labelled(snapshot: Snapshot, options: FitOptions, *, index: str) -> Labelled:
    """Find the documents that options label, and check that they can be learned from.

    Args:
        snapshot: The generation they are in.
        options: Where labels are, and what counts as positive.
        index: Name of the index, for messages.

    Raises:
        UsageError: Labels are too few or one-sided, or it is not said what is positive.
        InputError: The file of labels is malformed, contradicts itself, or names documents
            that are not there.
    """
    if options.labels is not None:
        found = _from_file(snapshot, options, index)
    else:
        found = _from_field(snapshot, options.label_field or "")
    counts = Counter(value for values in found.values.values() for value in values)
    positive = _positive(options, counts, found.source)
    negative = frozenset(options.negative)
    if options.positive is None:
        negative = negative or _NEGATIVE_WORDS
    others = sorted(set(counts) - {positive})
    unknown = sorted(negative - set(counts) - _NEGATIVE_WORDS)
    if unknown:
        raise UsageError(
            f"No document has the label {unknown[0]!r} in {found.source}.", fix=_there_are(counts)
        )
    if not negative and others:
        told = ", ".join(map(repr, others[:_TOLD])) + (", ..." if others[_TOLD:] else "")
        found.notes.append(f"Negative is every other value: {told}.")
    said = {}
    for place, values in sorted(found.values.items(), key=lambda one: _order(one[0])):
        if positive in values:
            said[place] = True
        elif not negative or negative & set(values):
            said[place] = False
    return _checked(snapshot, said, found, positive)


def _checked(
    snapshot: Snapshot, said: Mapping[Place, bool], found: _Found, positive: str
) -> Labelled:
    """Leave out what cannot be learned from, and refuse what is left if it is too little."""
    empty = {one for one in said if snapshot.segments[one.segment].empty[one.ordinal]}
    if empty:
        found.warnings.append(f"{len(empty):,} labelled documents have no text and were left out.")
    texts: dict[bytes, set[bool]] = {}
    hashes: dict[Place, bytes] = {}
    for place, label in said.items():
        if place not in empty:
            hashes[place] = snapshot.segments[place.segment].hashes(place.ordinal).text
            texts.setdefault(hashes[place], set()).add(label)
    torn = [place for place, digest in hashes.items() if len(texts[digest]) > 1]
    if torn:
        count = len({hashes[place] for place in torn})
        example = snapshot.doc_id(torn[0])
        found.warnings.append(
            f"{len(torn):,} documents contradict each other: {count:,} texts are labelled both"
            f" ways (for instance that of {example!r}); they were left out."
        )
    places = [place for place, digest in hashes.items() if len(texts[digest]) == 1]
    labels = np.array([said[place] for place in places], dtype=np.bool_)
    numbers: dict[bytes, int] = {}
    groups = [numbers.setdefault(hashes[place], len(numbers)) for place in places]
    _refuse_too_few(labels, np.array(groups, dtype=np.int64), found, positive)
    return Labelled(
        places=tuple(places),
        doc_ids=tuple(snapshot.doc_id(place) for place in places),
        labels=labels,
        values=tuple(
            positive if label else found.values[place][0]
            for place, label in zip(places, labels.tolist(), strict=True)
        ),
        groups=np.array(groups, dtype=np.int64),
        source=found.source,
        positive=positive,
        notes=tuple(found.notes),
        warnings=tuple(found.warnings),
    )


def _refuse_too_few(
    labels: NDArray[np.bool_], groups: NDArray[np.int64], found: _Found, positive: str
) -> None:
    why = "".join(f" {one}" for one in found.warnings)
    if len(labels) < LEAST_LABELS:
        raise UsageError(
            f"Too few labels: {len(labels)} documents are labelled in {found.source};"
            f" {LEAST_LABELS} are the least.{why}",
            fix="Label more documents.",
        )
    kinds = {
        f"positive ({positive!r})": len(np.unique(groups[labels])),
        "negative": len(np.unique(groups[~labels])),
    }
    for kind, count in kinds.items():
        if count < LEAST_OF_A_KIND:
            raise UsageError(
                f"The labels are one-sided: {count} different texts of {len(labels):,} documents"
                f" are {kind}; {LEAST_OF_A_KIND} are the least, one for each fold.{why}",
                fix="Label documents of the other kind, too.",
            )
        if count < FEW_OF_A_KIND:
            found.warnings.append(
                f"Only {count} different texts are {kind}: intervals are too narrow."
            )


def _from_field(snapshot: Snapshot, name: str) -> _Found:
    values: dict[Place, tuple[str, ...]] = {}
    fields: set[str] = set()
    for number, segment in enumerate(snapshot.segments):
        for ordinal in segment.live_ordinals():
            metadata = segment.document(ordinal).metadata
            fields.update(metadata)
            labels = label_values(metadata.get(name))
            if labels:
                values[Place(number, ordinal)] = tuple(labels)
    if not values:
        known = ", ".join(sorted(fields)) or "none"
        raise UsageError(
            f"No document has a label in the field {name!r}.", fix=f"Fields there are: {known}."
        )
    return _Found(values, f"field {name}")


def _from_file(snapshot: Snapshot, options: FitOptions, index: str) -> _Found:
    path = options.labels or ""
    rows = read_labels(path, options.label_field)
    places = _places(snapshot, rows)
    missing = [row for row in rows if not places[row.line]]
    if missing:
        told = "; ".join(
            f"line {row.line}: {row.doc_id if row.doc_id is not None else row.text[:40]!r}"
            for row in missing[:_TOLD]
        )
        raise InputError(
            f"{path}: {len(missing):,} of {len(rows):,} rows name no document of {index}: {told}"
            + ("; ..." if missing[_TOLD:] else "."),
            fix="Ids and texts have to be those of the index, texts without a title.",
        )
    found = _Found({}, f"file {path}")
    lines: dict[Place, int] = {}
    problems = []
    for row in rows:
        for place in places[row.line]:
            before = found.values.get(place)
            if before is not None and before != row.values and row.doc_id is not None:
                problems.append(
                    f"lines {lines[place]} and {row.line} label {row.doc_id!r} differently"
                )
            merged = dict.fromkeys((*(before or ()), *row.values))
            found.values[place] = tuple(merged) if row.doc_id is None else row.values
            lines[place] = row.line
    if problems:
        more = f"; and {len(problems) - _TOLD} more" if problems[_TOLD:] else ""
        raise InputError(
            f"{path} contradicts itself: {'; '.join(problems[:_TOLD])}{more}.",
            fix="Keep one label a document.",
        )
    return found


def _places(snapshot: Snapshot, rows: Iterable[LabelRow]) -> dict[int, list[Place]]:
    """Find the live documents of each row, by line."""
    found: dict[int, list[Place]] = {}
    by_text: dict[bytes, list[int]] = {}
    for row in rows:
        found[row.line] = []
        if row.doc_id is not None:
            place = snapshot.find(row.doc_id)
            if place is not None:
                found[row.line].append(place)
        else:
            digest = content_hashes(Document("-", row.text)).text
            by_text.setdefault(digest, []).append(row.line)
    if by_text:
        for number, segment in enumerate(snapshot.segments):
            for ordinal in segment.live_ordinals():
                for line in by_text.get(segment.hashes(ordinal).text, ()):
                    found[line].append(Place(number, ordinal))
    return found


def _positive(options: FitOptions, counts: Counter[str], source: str) -> str:
    """Return the value that counts as positive."""
    if options.positive is not None:
        if options.positive not in counts:
            raise UsageError(
                f"No document has the label {options.positive!r} in {source}.",
                fix=_there_are(counts),
            )
        return options.positive
    truths = sorted(set(counts) & _POSITIVE_WORDS)
    if len(truths) == 1 and set(counts) <= _POSITIVE_WORDS | _NEGATIVE_WORDS:
        return truths[0]
    raise UsageError(
        f"It is not said which label of {source} is the positive one.",
        fix=f"Name it with --positive VALUE. {_there_are(counts)}",
    )


def _there_are(counts: Counter[str]) -> str:
    told = ", ".join(f"{value!r} ({count:,})" for value, count in counts.most_common(2 * _TOLD))
    return f"Labels there are: {told}" + (", ..." if len(counts) > 2 * _TOLD else ".")


def _order(place: Place) -> tuple[int, int]:
    return place.segment, place.ordinal
