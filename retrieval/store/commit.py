"""From what a writer holds to the segments of the next generation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from retrieval.fsops import Files
from retrieval.lexical.analyzer import Analyzer
from retrieval.records import Numerics
from retrieval.store import layout
from retrieval.store.columning import with_columns
from retrieval.store.compaction import SegmentSize, plan_merges
from retrieval.store.content import BufferedContent, EncodedDocument, write_segment
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Segment
from retrieval.store.merge import MergedContent
from retrieval.store.parts import PartWriter
from retrieval.store.segment import OpenSegment
from retrieval.store.wording import with_words
from retrieval.vectors import Bitmap, pack_bits


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPlan:
    """What the next generation is made from.

    Attributes:
        base: Segments of the last generation.
        deleted: For each of them bool (documents,), the deletions to be in force.
        runs: Spills whose documents come in.
        keep: For each of them bool (documents,), the documents that do.
        buffer: Further documents, in memory.
        dim: Length of a vector.
        numerics: How the buffer's vectors were computed.
        floor_passages: Rows from which on a segment gets an approximate index; None for none.
        survivors: Base segments with any live document left.
        groups: Merges to be done, as positions in ``survivors``; the position after
            the last stands for the documents that come in.
    """

    base: Sequence[OpenSegment]
    deleted: Sequence[Bitmap]
    runs: Sequence[OpenSegment]
    keep: Sequence[Bitmap]
    buffer: Sequence[EncodedDocument]
    dim: int
    numerics: Numerics
    floor_passages: int | None = None
    survivors: list[int] = field(init=False)
    groups: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        survivors = [at for at, gone in enumerate(self.deleted) if not gone.all()]
        sizes = [_size(self.base[at], self.deleted[at]) for at in survivors]
        if self.brings_documents:
            passages = sum(len(one.spans) for one in self.buffer) + sum(
                int(np.diff(run.passage_starts)[kept].sum())
                for run, kept in zip(self.runs, self.keep, strict=True)
            )
            own = self.numerics.comparison_class
            sizes.append(SegmentSize(passages, passages * self.dim * 4, 0.0, own, fresh=True))
        object.__setattr__(self, "survivors", survivors)
        object.__setattr__(self, "groups", plan_merges(sizes, self.floor_passages))

    @property
    def brings_documents(self) -> bool:
        """Whether any document comes in."""
        return bool(self.buffer) or any(kept.any() for kept in self.keep)

    @property
    def merges_buffer(self) -> bool:
        """Whether the buffer has to be spilled first, to be merged with what is on disk."""
        fresh = len(self.survivors)
        others = any(kept.any() for kept in self.keep)
        return bool(self.buffer) and (others or any(fresh in group for group in self.groups))


def _size(segment: OpenSegment, deleted: Bitmap) -> SegmentSize:
    live = int(np.diff(segment.passage_starts)[~deleted].sum())
    part = segment.segment.parts.get(PartKind.ANN)
    approximate = 0 if part is None else part.size_bytes  # a merge does not read it
    return SegmentSize(
        live_passages=live,
        size_bytes=segment.segment.size_bytes - approximate,
        dead_share=float(deleted.mean()),
        comparison_class=segment.segment.numerics[0].comparison_class,
        approximate=segment.has_approximate,
    )


def write_segments(
    files: Files,
    folder: Path,
    plan: SegmentPlan,
    analyzer: Analyzer,
    *,
    place: Callable[[str, PartKind], Path],
    names: layout.Names,
) -> tuple[Segment, ...]:
    """Write every part the next generation needs and the last one lacks; each is synced.

    Args:
        files: The file system.
        folder: The index folder.
        plan: What to write; its buffer is not to be merged (``merges_buffer``).
        analyzer: Makes the words of what has none yet.
        place: Where the part of a kind, under a fresh name, goes.
        names: Source of fresh names.

    Returns:
        The segments of the next generation, each with words and columns.
    """
    fresh = len(plan.survivors)
    written: list[Segment] = []
    grouped = {at for group in plan.groups for at in group}
    for at, number in enumerate(plan.survivors):
        if at not in grouped:
            one, gone = plan.base[number], plan.deleted[number]
            written.append(_with_deletions(files, one, gone, place, names))
    groups = list(plan.groups)
    if plan.brings_documents and fresh not in grouped:
        groups.append([fresh])
    for group in groups:
        name = names()
        if group == [fresh] and plan.buffer:
            content: BufferedContent | MergedContent = BufferedContent(
                plan.buffer, plan.dim, (plan.numerics,), analyzer
            )
        else:
            numbers = [plan.survivors[at] for at in group if at != fresh]
            runs = [plan.base[number] for number in numbers]
            keep = [~plan.deleted[number] for number in numbers]
            if fresh in group:
                coming = [at for at, kept in enumerate(plan.keep) if kept.any()]
                runs += [plan.runs[at] for at in coming]
                keep += [plan.keep[at] for at in coming]
            content = MergedContent(runs, keep)
        written.append(write_segment(files, partial(place, name), content))
    worded = with_words(files, folder, written, analyzer, dim=plan.dim, place=place, names=names)
    return with_columns(files, folder, worded, dim=plan.dim, place=place, names=names)


def _with_deletions(
    files: Files,
    one: OpenSegment,
    deleted: Bitmap,
    place: Callable[[str, PartKind], Path],
    names: layout.Names,
) -> Segment:
    """Return a segment with these deletions in force, writing them where they are new."""
    segment = one.segment
    if (deleted == one.deleted).all():
        return segment
    with PartWriter(files, place(names(), PartKind.DELETED)) as output:
        output.write(pack_bits(deleted).tobytes())
        part = output.part(segment.documents)
    live = ~deleted
    unseen = one.column("doc.unseen")[live]
    return replace(
        segment,
        parts={**segment.parts, PartKind.DELETED: part},
        live_documents=int(live.sum()),
        live_passages=int(np.diff(one.passage_starts)[live].sum()),
        empty_documents=int(one.empty[live].sum()),
        unseen_tokens=int(unseen.sum()),
        truncated_documents=int((unseen > 0).sum()),
    )
