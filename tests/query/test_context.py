from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UsageError
from retrieval.query.context import Context, rendered
from retrieval.query.packing import CUT, Candidate, packed
from retrieval.records import Document, Hit, Span
from retrieval.vectors import unit_rows

TEXT = "One two three. Four five six. Seven eight nine. Ten eleven twelve. Thirteen ends it."
SPANS = (Span(0, 29), Span(15, 47), Span(48, 66), Span(67, 84))


def words(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def candidate(
    doc_id: str,
    number: int,
    *,
    score: float = 0.5,
    text: str = TEXT,
    spans: tuple[Span, ...] = SPANS,
    title: str = "",
    vector: tuple[float, ...] | None = None,
) -> Candidate:
    """Return a passage; without a vector of its own, one that is like no other."""
    seed = sum(map(ord, doc_id)) * 31 + number
    row = np.random.default_rng(seed).standard_normal(64) if vector is None else np.array(vector)
    return Candidate(
        hit=Hit(
            index="i",
            query_id="1",
            query="q",
            query_kind="text",
            rank=1,
            score=score,
            doc_id=doc_id,
            passage_id=f"{doc_id}#{number}",
            title=title,
            text=text[spans[number].start : spans[number].end],
            span=spans[number],
            metadata={},
        ),
        vector=unit_rows(row[np.newaxis])[0],
        document=Document(doc_id, text, title),
        spans=spans,
    )


def pack(*candidates: Candidate, budget: int = 1000) -> Context:
    return packed("q", candidates, token_budget=budget, count=words)


ALONE = (Span(0, len(TEXT)),)


def test_passages_are_cited_best_first_with_id_title_span_and_score() -> None:
    found = pack(
        candidate("b", 0, score=0.9, spans=ALONE, title="A\ntitle"),
        candidate("a", 0, score=0.4, spans=ALONE),
    )
    assert found.text == (
        f"[1] A title (b, characters 0-84)\n{TEXT}\n\n[2] (a, characters 0-84)\n{TEXT}"
    )
    assert [(one.number, one.doc_id, one.score) for one in found.citations] == [
        (1, "b", 0.9),
        (2, "a", 0.4),
    ]
    assert found.tokens == words(found.text)
    assert found.citations[0].title == "A\ntitle"


def test_overlapping_passages_become_one_stretch() -> None:
    first, other = candidate("a", 1, score=0.9), candidate("b", 0, spans=ALONE)
    found = pack(first, other, candidate("a", 0, score=0.3), budget=54)
    assert [(one.doc_id, one.span) for one in found.citations] == [
        ("a", Span(0, 47)),
        ("b", Span(0, 84)),
    ]
    assert found.citations[0].passage_ids == ("a#1", "a#0")
    assert found.citations[0].score == 0.9
    assert found.text.count("Four five six.") == 2  # once for each document


def test_a_passage_between_two_stretches_joins_them() -> None:
    other = candidate("b", 0, spans=ALONE)
    apart = pack(candidate("a", 0), other, candidate("a", 3), budget=65)
    assert [one.doc_id for one in apart.citations] == ["a", "b", "a"]
    joined = pack(candidate("a", 0), other, candidate("a", 3), candidate("a", 2), candidate("a", 1))
    assert [(one.doc_id, one.span) for one in joined.citations] == [
        ("a", Span(0, 84)),
        ("b", Span(0, 84)),
    ]
    assert joined.citations[0].passage_ids == ("a#0", "a#1", "a#3", "a#2")


def test_neighbours_are_joined_when_there_is_room() -> None:
    found = pack(candidate("a", 2))
    (one,) = found.citations
    assert one.span == Span(15, 84)
    assert one.passage_ids == ("a#2",)
    assert one.neighbours == ("a#1", "a#3")
    (alone,) = pack(candidate("a", 2), budget=15).citations
    assert (alone.span, alone.neighbours) == (SPANS[2], ())


def test_what_another_document_says_too_is_left_out_and_named() -> None:
    same, near = (1.0, 0.0, 0.0), (1.0, 0.1, 0.0)
    found = pack(
        candidate("a", 0, spans=ALONE, vector=same),
        candidate("b", 0, spans=ALONE, vector=near),
        candidate("c", 0, spans=ALONE, vector=(0.0, 1.0, 0.0)),
    )
    assert [one.doc_id for one in found.citations] == ["a", "c"]
    (left,) = found.left_out
    assert (left.passage_id, left.like) == ("b#0", "a#0")
    assert left.cosine == pytest.approx(1 / np.sqrt(1.01))


def test_what_does_not_fit_is_passed_over_and_what_fits_still_comes() -> None:
    short = "A short one."
    found = pack(
        candidate("a", 0, spans=ALONE),
        candidate("b", 0, spans=ALONE),
        candidate("c", 0, text=short, spans=(Span(0, len(short)),)),
        budget=46,
    )
    assert [one.doc_id for one in found.citations] == ["a", "c"]


def test_the_best_passage_is_cut_on_a_sentence_boundary() -> None:
    found = pack(candidate("a", 0, spans=ALONE), candidate("a", 0), budget=26)
    (one,) = found.citations
    assert one.cut
    assert one.text == f"One two three. Four five six.{CUT}"
    assert one.span == Span(0, 29)
    assert found.tokens <= 26


def test_a_budget_too_small_for_a_sentence_says_what_is_needed() -> None:
    with pytest.raises(UsageError, match="takes 20 with its citation") as raised:
        pack(candidate("a", 0, spans=ALONE), budget=19)
    assert "at least 20 tokens" in str(raised.value.fix)
    assert pack(candidate("a", 0, spans=ALONE), budget=20).tokens == 20


def test_no_hits_are_an_empty_context() -> None:
    found = pack()
    assert (found.text, found.tokens, found.citations) == ("", 0, ())


@pytest.mark.parametrize("wrong", [None, 2.5, True, -1])
def test_a_count_that_is_no_number_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="count returned"):
        packed("q", [candidate("a", 0)], token_budget=9, count=lambda _: wrong)  # type: ignore[arg-type,return-value]


def test_a_budget_below_one_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        pack(budget=0)


def test_json_has_spans_as_pairs() -> None:
    fields = pack(candidate("a", 0, spans=ALONE)).to_json()
    assert fields["citations"][0]["span"] == [0, 84]
    assert fields["citations"][0]["passage_ids"] == ("a#0",)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=9),
    st.integers(1, 160),
    st.sampled_from([words, len, lambda text: -(-len(text) // 4)]),
)
def test_the_budget_is_never_exceeded_and_nothing_is_said_twice(
    places: list[tuple[str, int]],
    budget: int,
    count: object,
) -> None:
    assert callable(count)
    candidates = [candidate(doc_id, number, title=doc_id * 3) for doc_id, number in places]
    try:
        found = packed("q", candidates, token_budget=budget, count=count)
    except UsageError:
        with pytest.raises(UsageError, match="first sentence of the best"):
            packed("q", candidates[:1], token_budget=budget, count=count)
        return
    assert count(found.text) == found.tokens <= budget
    assert found.text == rendered(found.citations)
    assert [one.number for one in found.citations] == list(range(1, len(found.citations) + 1))
    for one in found.citations:
        quoted = one.text.removesuffix(CUT) if one.cut else one.text
        assert TEXT[one.span.start : one.span.end] == quoted
        assert quoted == quoted.strip() != ""
    for at, one in enumerate(found.citations):
        for other in found.citations[:at]:
            apart = one.span.start >= other.span.end or other.span.start >= one.span.end
            assert one.doc_id != other.doc_id or apart
    if places:
        assert found.citations[0].doc_id == places[0][0]


def test_what_was_cut_off_for_want_of_room_is_not_cited_by_another_passage() -> None:
    spans = (Span(0, 47), Span(30, 66), Span(67, 84))
    first, after = (candidate("a", number, spans=spans) for number in (0, 1))
    (one,) = pack(first, after, budget=22).citations
    assert one.cut
    assert (one.span, one.passage_ids, one.neighbours) == (Span(0, 14), ("a#0",), ())
