"""Hits made by hand."""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.records import Hit, JsonValue, Span


def hit(
    doc_id: str = "d1",
    text: str = "Some text",
    *,
    rank: int = 1,
    score: float = 0.5,
    title: str = "",
    query: str = "text",
    metadata: Mapping[str, JsonValue] | None = None,
) -> Hit:
    """Return a hit whose passage is the whole document."""
    return Hit(
        index="reviews",
        query_id="1",
        query=query,
        query_kind="text",
        rank=rank,
        score=score,
        doc_id=doc_id,
        passage_id=f"{doc_id}#0",
        title=title,
        text=text,
        span=Span(0, len(text)),
        metadata=metadata or {},
    )
