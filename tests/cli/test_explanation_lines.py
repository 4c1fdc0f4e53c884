from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from retrieval.cli.hit_table import write_hits
from retrieval.explanation import (
    Explanation,
    Fused,
    FusedSide,
    Meaning,
    PartShare,
    Reranked,
    TermShare,
    Words,
)
from retrieval.records import Hit, Span
from tests.cli.hits import hit

TERMS = (
    TermShare(term="servic", in_query=2, in_passage=3, idf=1.5, weight=2.25),
    TermShare(term="food\x1b[31m", in_query=1, in_passage=1, idf=2.0, weight=0.75),
    TermShare(term="absent", in_query=1, in_passage=0, idf=4.0, weight=0.0),
)
HYBRID = Explanation(
    dense=Meaning(score=0.5, passage_id="d1#2"),
    lexical=Words(score=3.0, passage_id="d1#0", terms=TERMS),
    fusion=Fused(
        method="convex",
        dense=FusedSide(
            score=0.5, least=-1, greatest=0.6, scaled=0.9375, rank=None, weight=0.75, share=0.703125
        ),
        lexical=FusedSide(
            score=3.0, least=0, greatest=4.0, scaled=0.75, rank=None, weight=0.25, share=0.1875
        ),
        score=0.890625,
    ),
    rerank=Reranked(first=0.890625, rerank=3.5, score=0.95),
    probability=0.71,
)
CONTRAST = Explanation(
    dense=Meaning(score=0.25, passage_id="d1#0"),
    parts=(
        PartShare(kind="text", name="good\nfilm", weight=1.5, cosine=0.3, contribution=0.45),
        PartShare(kind="text", name="bad " * 40, weight=-1.0, cosine=0.2, contribution=-0.2),
    ),
)


def explained(one: Explanation) -> Hit:
    return replace(hit("d1", "The service was good."), explanation=one)


def drawn(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    one: Explanation,
    width: int = 100,
    fields: tuple[str, ...] | None = None,
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    write_hits([explained(one)], [Span(0, 21)], fields)
    return capsys.readouterr().out.splitlines()


def test_every_number_of_a_hybrid_score_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drawn(capsys, monkeypatch, HYBRID) == [
        " 1  0.5000  d1",
        "    The service was good.",
        "    meaning   0.5000 d1#2, 0.938 of its scale x 0.75 = +0.7031",
        "    words     3.0000 d1#0, 0.750 of its scale x 0.25 = +0.1875",
        "              +2.2500 servic x 2, tf 3, idf 1.50",
        "              +0.7500 food\\x1b[31m, tf 1, idf 2.00",
        "              not there: absent",
        "    fused     0.8906 convex",
        "    reranker  3.5000; 0.8906 before, 0.9500 after",
        "    probable  0.71",
    ]


def test_the_parts_of_a_direction_are_shown_with_their_signs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = drawn(capsys, monkeypatch, CONTRAST)
    assert "    parts     +0.4500 text good film: 0.3000 x 1.500" in lines
    assert any(line.startswith("              -0.2000 text bad bad") for line in lines)


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("one", [HYBRID, CONTRAST])
def test_explanations_fit_narrow_terminals(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    one: Explanation,
    width: int,
) -> None:
    assert max(map(cell_len, drawn(capsys, monkeypatch, one, width))) <= width


def test_an_explanation_is_no_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = drawn(capsys, monkeypatch, HYBRID, fields=("doc_id", "explanation"))
    assert lines[0] == " 1  d1"
    assert "    fused     0.8906 convex" in lines
