"""Labels as judgments: each value of a field is a query, its documents are relevant."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from retrieval.corpus.fields import LABEL_NAMES
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.errors import InputError, UsageError
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.results import TaskKind
from retrieval.query.batch import QueryText, read_queries
from retrieval.records import JsonValue
from retrieval.store.reader import Snapshot

MOST_LABELS = 200
"""A field with more values than this is not taken for a label unless it is named."""
LEAST_DOCUMENTS = 2
"""Documents that every value of a field found by its values has at least."""
MARK = "{label}"


def label_task(
    index: Index,
    field: str | None,
    queries: str | os.PathLike[str] | None,
    template: str | None,
) -> Task:
    """Make a task of a label field.

    Documents without the field, and empty ones, are not ranked: nobody said what they are.

    Args:
        index: The open index.
        field: The field; None for the one that looks like a label.
        queries: File with the text to ask for each label, its id the label.
        template: Text to ask for a label; None asks the label itself.

    Raises:
        UsageError: No field is a label, several are, or the field has one value only.
        InputError: The file of queries does not have every label.
    """
    snapshot = index.snapshot
    chosen = field if field is not None else _find_field(index)
    documents: dict[str, list[str]] = defaultdict(list)
    unlabelled = 0
    every: list[str] = []
    for doc_id, metadata, empty in _metadata(snapshot):
        labels = [] if empty else label_values(metadata.get(chosen))
        unlabelled += not labels
        if labels:
            every.append(doc_id)
        for label in labels:
            documents[label].append(doc_id)
    if len(documents) < 2:
        raise UsageError(
            f"The field {chosen!r} of {index.name} has {len(documents)} label; ranking by labels"
            " needs at least two.",
            fix=f"Fields there are: {', '.join(sorted(_value_counts(snapshot))) or 'none'}.",
        )
    labels = sorted(documents)
    texts, asked_by = _texts(labels, queries, template)
    grades = {
        label: {**dict.fromkeys(every, 0), **dict.fromkeys(documents[label], 1)} for label in labels
    }
    notes = [f"Each label is asked as {asked_by}, for instance {texts[labels[0]]!r}."]
    if unlabelled:
        notes.append(
            f"Documents without a label (or without text), which are not ranked: {unlabelled:,}."
        )
    labelled = frozenset(every)
    return Task(
        kind=TaskKind.LABELS,
        queries=tuple(QueryText(label, texts[label]) for label in labels),
        qrels=Qrels.from_mapping(grades),
        judgments=f"field {chosen}",
        candidates=dict.fromkeys(labels, labelled) if unlabelled else None,
        excluded={},
        notes=tuple(notes),
    )


def labels_of(index: Index, field: str | None) -> tuple[str, dict[str, str]]:
    """Return a label field and the one label of each document that has just one."""
    chosen = field if field is not None else _find_field(index)
    found = {
        doc_id: labels[0]
        for doc_id, metadata, empty in _metadata(index.snapshot)
        if not empty and len(labels := label_values(metadata.get(chosen))) == 1
    }
    return chosen, found


def _find_field(index: Index) -> str:
    """Return the field that is a label by its name, or the only one that looks like one."""
    counts = _value_counts(index.snapshot)
    named = [name for name in LABEL_NAMES if len(counts.get(name, ())) > 1]
    if named:
        return named[0]
    fit = [
        name
        for name, values in counts.items()
        if 1 < len(values) <= MOST_LABELS and min(values.values()) >= LEAST_DOCUMENTS
    ]
    if len(fit) == 1:
        return fit[0]
    if fit:
        raise UsageError(
            f"Several fields of {index.name} could be labels: {', '.join(sorted(fit))}.",
            fix="Choose one with --label-field NAME.",
        )
    raise UsageError(
        f"Nothing judges {index.name}: it was not built from a BEIR folder, and no field of it"
        " looks like a label.",
        fix="Three ways on: index a BEIR folder (corpus.jsonl, queries.jsonl, qrels/) and bench"
        " that; give --qrels FILE --queries FILE; or name a field with --label-field NAME.",
    )


def _value_counts(snapshot: Snapshot) -> dict[str, Counter[str]]:
    """Count the values of every field that holds texts or booleans; counting stops early."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    other: set[str] = set()
    for _, metadata, empty in _metadata(snapshot):
        if empty:
            continue
        for name, value in metadata.items():
            if name in other:
                continue
            if isinstance(value, str | bool) or (name in LABEL_NAMES and label_values(value)):
                counts[name].update(label_values(value))
                if len(counts[name]) > max(MOST_LABELS, 1000):
                    other.add(name)
            elif value is not None:
                other.add(name)
    return {name: values for name, values in counts.items() if name not in other}


def label_values(value: JsonValue) -> list[str]:
    """Return the labels in a value of metadata: texts, whole numbers, booleans, lists of these."""
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, str | int):
        return [str(value)] if str(value).strip() else []
    if isinstance(value, list):
        return list(dict.fromkeys(label for one in value for label in label_values(one)))
    return []


def _metadata(snapshot: Snapshot) -> Iterator[tuple[str, Mapping[str, JsonValue], bool]]:
    for segment in snapshot.segments:
        for ordinal in segment.live_ordinals():
            document = segment.document(ordinal)
            yield document.doc_id, document.metadata, bool(segment.empty[ordinal])


def _texts(
    labels: list[str], queries: str | os.PathLike[str] | None, template: str | None
) -> tuple[dict[str, str], str]:
    """Return what to ask for each label, and how that was made, in words."""
    if queries is None:
        if template is None:
            return {label: label for label in labels}, "itself"
        return {label: template.replace(MARK, label) for label in labels}, repr(template)
    path = Path(queries)
    texts = {one.query_id: one.text for one in read_queries(path)}
    missing = [label for label in labels if label not in texts]
    if missing:
        raise InputError(
            f"{path} has no text for the label {missing[0]!r}"
            + (f" and {len(missing) - 1} more" if missing[1:] else "")
            + f"; it has texts for {', '.join(map(repr, list(texts)[:5]))}.",
            fix='Write a line such as {"_id": "positive", "text": "positive review"} a label.',
        )
    return {label: texts[label] for label in labels}, f"in {path.name}"
