"""What a language model is given to answer from: cited stretches of documents.

``packing`` says what is taken, joined, left out and cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from retrieval.records import Span

TOKEN_BUDGET = 2000
PASSAGES = 50
"""Passages that are looked at, unless another number is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One numbered stretch of a document in a context.

    Attributes:
        number: What it is cited by, from 1; the best is first.
        doc_id: Id of the document.
        title: Its title; may be empty.
        span: Characters of the document's text that are quoted.
        text: The quotation.
        score: Score of its best passage.
        passage_ids: Passages that were found, best first.
        neighbours: Passages beside them that were joined.
        cut: Whether its end was cut off to fit.
    """

    number: int
    doc_id: str
    title: str
    span: Span
    text: str
    score: float
    passage_ids: tuple[str, ...]
    neighbours: tuple[str, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A passage that says nearly the same as one that is there.

    Attributes:
        passage_id: The passage.
        like: The passage that is there.
        cosine: Their cosine similarity.
    """

    passage_id: str
    like: str
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a language model is given to answer from.

    Attributes:
        query: What was asked.
        text: The cited stretches, best first, ready for a prompt; empty without hits.
        tokens: How many tokens it has.
        token_budget: How many it could have had.
        citations: What the numbers in it stand for.
        left_out: Passages that are not there because they repeat others.
    """

    query: str
    text: str
    tokens: int
    token_budget: int
    citations: tuple[Citation, ...]
    left_out: tuple[LeftOut, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values, spans as ``[start, end]``."""
        fields = asdict(self)
        for citation in fields["citations"]:
            citation["span"] = [citation["span"]["start"], citation["span"]["end"]]
        return fields


def rendered(citations: Sequence[Citation]) -> str:
    """Return citations as the text of a prompt.

    Each is a line with its number, its document's id, title and span, and then the quotation;
    a blank line stands between two.
    """
    return "\n\n".join(f"[{one.number}] {_heading(one)}\n{one.text}".rstrip() for one in citations)


def _heading(one: Citation) -> str:
    title = " ".join(one.title.split())
    named = f"{title} ({one.doc_id}" if title else f"({one.doc_id}"
    return f"{named}, characters {one.span.start}-{one.span.end})"
