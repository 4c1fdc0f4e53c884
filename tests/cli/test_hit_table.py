from collections.abc import Sequence

import pytest
from rich.cells import cell_len

from retrieval.cli.hit_table import write_hits
from retrieval.records import Hit, Span
from tests.cli.hits import hit

WIDTHS = (40, 60, 71, 72, 80, 120, 200)
LONG_ID = "reviews/2024/a-very-long-identifier-" + "x" * 476


def drawn(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    hits: Sequence[Hit],
    width: int,
    fields: Sequence[str] | None = None,
    heading: str = "",
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    write_hits(hits, [Span(0, len(hit.text)) for hit in hits], fields, heading=heading)
    return capsys.readouterr().out.splitlines()


def strange_hits() -> list[Hit]:
    return [
        hit("plain", "A positive review of a good film."),
        hit(LONG_ID, "word " * 400, rank=2, score=-0.25, title="An endless title " * 20),
        hit("日本語" * 30, "映画はとても良かったです。" * 40, rank=3, title="映画"),
        hit(
            "e\x1b[31m\u202e", "\x1b]0;owned\x07 text \x9b2J", rank=10, title="[bold]not markup[/]"
        ),
        hit("x", "y" * 5000, rank=11, score=1.0),
        hit("empty", "", rank=12),
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    lines = drawn(capsys, monkeypatch, strange_hits(), width, heading="q1: " + "w " * 200)
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_an_id_is_never_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    only_ids = [hit(LONG_ID, rank=1)]
    lines = drawn(capsys, monkeypatch, only_ids, width, ["doc_id"])
    assert LONG_ID in "".join("".join(lines).split())


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_in_a_document_steers_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    shown = "\n".join(drawn(capsys, monkeypatch, strange_hits(), width))
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "[bold]" in shown


def test_rows_show_rank_score_id_and_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = drawn(capsys, monkeypatch, [hit("d1", "A good film.")], 80)
    assert [line.split() for line in lines] == [
        ["rank", "score", "id", "text"],
        ["1", "0.5000", "d1", "A", "good", "film."],
    ]


def test_a_title_has_a_column_only_if_a_hit_has_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hits = [hit("d1", "A good film."), hit("d2", "Fine.", rank=2, title="Wolves")]
    lines = drawn(capsys, monkeypatch, hits, 80)
    assert lines[0].split() == ["rank", "score", "id", "title", "text"]
    assert lines[2].split() == ["2", "0.5000", "d2", "Wolves", "Fine."]


def test_a_narrow_terminal_gets_one_hit_under_the_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hits = [hit("d1", "A good film.", title="Wolves")]
    assert drawn(capsys, monkeypatch, hits, 40) == [
        " 1  0.5000  d1",
        "    Wolves",
        "    A good film.",
    ]


def test_fields_choose_the_columns_in_their_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hits = [hit("d1", "A good film.", metadata={"year": 1999})]
    lines = drawn(capsys, monkeypatch, hits, 80, ["metadata.year", "rank", "doc_id"])
    assert [line.split() for line in lines] == [
        ["rank", "metadata.year", "id"],
        ["1", "1999", "d1"],
    ]


def test_a_long_text_is_cut_around_its_match(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "padding " * 200 + "a positive review " + "padding " * 200
    lines = drawn(capsys, monkeypatch, [hit("d1", text, query="positive review")], 80)
    shown = " ".join(" ".join(lines).split())
    assert "positive review" in shown
    assert len(lines) < 8
    assert "..." in shown


def test_only_the_best_sentence_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    write_hits([hit("d1", "First. Second one. Third.")], [Span(7, 18)], None)
    shown = capsys.readouterr().out
    assert "Second one." in shown
    assert "First" not in shown
    assert "Third" not in shown
