"""A map of an index: a place, a text and the fields of each document, ready to be drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.cluster.documents import DocumentRows
from retrieval.cluster.projection import places_of
from retrieval.concept.artefact import Concept
from retrieval.engine.clustering import Clustering
from retrieval.query.learned import scores_of
from retrieval.records import Document, JsonValue
from retrieval.store.ranking import Place

MOST_POINTS = 20_000
MOST_VALUES = 60
"""Different texts that a field has at most, to be a colour."""
MOST_FIELDS = 20
_TEXT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class MapField:
    """A field that points can be coloured by.

    Attributes:
        name: Its name.
        numeric: Whether its values are numbers, on a scale, and not names.
        values: One a point; None where a document lacks it.
    """

    name: str
    numeric: bool
    values: tuple[str | float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusMap:
    """Points on a plane.

    Attributes:
        ids: Document ids.
        texts: Title and text of each, cut after 160 characters.
        x: From 0 to 10,000.
        y: From 0 to 10,000.
        clusters: Number of each point's cluster, from 1.
        fields: What to colour by: the label field, then scores of concepts, then other
            fields.
        documents: Documents there are; of more than 20,000 a random part is drawn.
        coloured_by: Number of the field it opens coloured by; -1 for clusters.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    x: tuple[int, ...]
    y: tuple[int, ...]
    clusters: tuple[int, ...]
    fields: tuple[MapField, ...]
    documents: int
    coloured_by: int = -1


def map_clusters(
    clustering: Clustering, concepts: Sequence[Concept] = (), *, coloured_by: Concept | None = None
) -> CorpusMap:
    """Lay the documents of a clustering out on a plane.

    Args:
        clustering: What ``find_clusters`` returned.
        concepts: Concepts of the same index, whose scores are colours: in standard deviations
            above the mean of the corpus, those of documents a concept was fitted on by models
            that did not see them.
        coloured_by: The one of them that the map opens with; None for clusters.

    Returns:
        At most 20,000 points; see ``retrieval.cluster.projection`` for what places mean.
    """
    documents, report = clustering.documents, clustering.report
    shown = np.arange(len(documents))
    if len(shown) > MOST_POINTS:
        chance = np.random.default_rng([report.seed, 4])
        shown = np.sort(chance.choice(shown, MOST_POINTS, replace=False))
    places = (places_of(documents.rows[shown], seed=report.seed) * 10_000).round().astype(int)
    texts: list[str] = []
    metadata: list[Mapping[str, JsonValue]] = []
    for row in shown.tolist():
        document = documents.document(row)
        texts.append(_line(document))
        metadata.append(document.metadata)
    label = report.agreement.field if report.agreement is not None else None
    scores = [_scores(documents, shown, one) for one in concepts]
    fields = _fields(metadata, label)
    own = int(label is not None and bool(fields) and fields[0].name == label)
    return CorpusMap(
        ids=tuple(documents.ids[row] for row in shown.tolist()),
        texts=tuple(texts),
        x=tuple(places[:, 0].tolist()),
        y=tuple(places[:, 1].tolist()),
        clusters=tuple((clustering.groups[shown] + 1).tolist()),
        fields=(*fields[:own], *scores, *fields[own:]),
        documents=len(documents),
        coloured_by=-1 if coloured_by is None else own + list(concepts).index(coloured_by),
    )


def _scores(documents: DocumentRows, shown: NDArray[np.int64], concept: Concept) -> MapField:
    places = [
        Place(segment, ordinal)
        for segment, ordinal in zip(
            documents.segments[shown].tolist(), documents.ordinals[shown].tolist(), strict=True
        )
    ]
    scores, _ = scores_of(documents.snapshot, concept, places)
    return MapField(
        name=f"concept {concept.name}", numeric=True, values=tuple(scores.round(3).tolist())
    )


def _line(document: Document) -> str:
    line = " ".join(f"{document.title} {document.text[: 4 * _TEXT]}".split())
    return line if len(line) <= _TEXT else line[: _TEXT - 3].rstrip() + "..."


def _fields(metadata: list[Mapping[str, JsonValue]], first: str | None) -> tuple[MapField, ...]:
    """Return the fields with something to tell, in order of name, the label field first."""
    names = sorted(
        {name for one in metadata for name in one}, key=lambda name: (name != first, name)
    )
    found = []
    for name in names:
        field = _field(name, [one.get(name) for one in metadata], wanted=name == first)
        if field is not None:
            found.append(field)
    return tuple(found[:MOST_FIELDS])


def _field(name: str, given: list[JsonValue], *, wanted: bool) -> MapField | None:
    present = [value for value in given if value is not None]
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in present):
        if len(set(map(str, present))) < 2 and not wanted:
            return None
        numbers = [None if one is None else float(str(one)) for one in given]
        return MapField(name=name, numeric=True, values=tuple(numbers))
    if not all(isinstance(one, str | bool | int | float) for one in present):
        return None
    told = [None if one is None else str(one) for one in given]
    counts = Counter(one for one in told if one is not None)
    if not wanted and not 1 < len(counts) <= MOST_VALUES:
        return None
    common = {value for value, _ in counts.most_common(MOST_VALUES)}
    kept = [one if one is None or one in common else "(other)" for one in told]
    return MapField(name=name, numeric=False, values=tuple(kept))
