"""The manifest of the generation after one."""

from __future__ import annotations

import datetime

from retrieval import __version__
from retrieval.records import ModelIdentity, PassageOptions
from retrieval.store.field_entry import FieldEntry
from retrieval.store.fusion import FusionEntry
from retrieval.store.layout import PartKind
from retrieval.store.manifest import (
    APPROXIMATE_FEATURE,
    CONCEPTS_FEATURE,
    ConceptEntry,
    Manifest,
    Segment,
    SourceRecord,
)
from retrieval.store.precision_cost import PrecisionCost
from retrieval.store.recall_entry import RecallEntry
from retrieval.store.score_curve import ScoreCurve


def next_manifest(
    base: Manifest | None,
    *,
    now: float,
    model: ModelIdentity,
    passages: PassageOptions,
    sources: tuple[SourceRecord, ...],
    incomplete: bool,
    segments: tuple[Segment, ...],
    concepts: tuple[ConceptEntry, ...],
    fusion: FusionEntry | None,
    curves: tuple[ScoreCurve, ...],
    fields: tuple[FieldEntry, ...],
    cost: PrecisionCost | None,
) -> Manifest:
    """Return a manifest with the next number.

    Args:
        base: The manifest it follows; None for the first.
        now: Seconds since the epoch.
        model: See ``Manifest``, as all that follows.
        passages: How documents are cut.
        sources: Where they came from.
        incomplete: Whether more is to come.
        segments: What holds the documents.
        concepts: The learned queries.
        fusion: The learned weight of meaning.
        curves: What scores of text queries are worth.
        fields: What metadata there is.
        cost: What the precision of the vectors costs.
    """
    parent = base.generation if base is not None else 0
    created = datetime.datetime.fromtimestamp(now, tz=datetime.UTC)
    return Manifest(
        generation=parent + 1,
        parent=parent,
        created=created.isoformat(timespec="seconds").replace("+00:00", "Z"),
        written_by=f"retrieval {__version__}",
        optional=features_of(concepts, segments),
        model=model,
        passages=passages,
        sources=sources,
        incomplete=incomplete,
        segments=segments,
        concepts=concepts,
        fusion=fusion,
        curves=curves,
        fields=fields,
        cost=cost,
        recall=_carried(base, segments),
        recall_queries=None if base is None else base.recall_queries,
    )


def features_of(
    concepts: tuple[ConceptEntry, ...], segments: tuple[Segment, ...]
) -> tuple[str, ...]:
    """Return the optional features of a generation."""
    approximate = any(PartKind.ANN in one.parts for one in segments)
    found = {CONCEPTS_FEATURE: bool(concepts), APPROXIMATE_FEATURE: approximate}
    return tuple(name for name, is_there in found.items() if is_there)


def _carried(base: Manifest | None, segments: tuple[Segment, ...]) -> RecallEntry | None:
    """Return what is said of recall, measurements of parts that are left behind aside."""
    if base is None or base.recall is None:
        return None
    files = {part.file for one in segments if (part := one.parts.get(PartKind.ANN)) is not None}
    return base.recall.of_files(files)
