"""Rows of training files, and what is wrong with them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from retrieval.errors import InputError
from retrieval.train.row_files import (
    Problems,
    field_of,
    label_in,
    number_in,
    read_rows,
    text_in,
)


def test_rows_of_every_format_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,label\n"two\nlines",x\n\nb,\n')
    (tmp_path / "b.tsv").write_text("text\tlabel\na, b\ty\n")
    with gzip.open(tmp_path / "c.jsonl.gz", "wt") as output:
        output.write('{"text": "c", "label": 3}\n')
    rows = read_rows([tmp_path / name for name in ("a.csv", "b.tsv", "c.jsonl.gz")])
    assert [one.fields for one in rows] == [
        {"text": "two\nlines", "label": "x"},
        {"text": "b"},
        {"text": "a, b", "label": "y"},
        {"text": "c", "label": 3},
    ]
    assert rows[1].place == f"{tmp_path / 'a.csv'}:5"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "text,label\na\nb,c\nd,e,f\n", "a.csv:2: 1 cells .*a.csv:4: 3 cells"),
        ("a.csv", "text,text\na,b\n", "'text' more than once"),
        ("a.csv", "text,label\n", "holds no rows"),
        ("a.csv", "text,label\n\xff,b\n", "cannot be read as a table"),
        ("a.jsonl", '{"text": "a"}\n{"te\n[1]\n', "a.jsonl:2: not JSON.*a.jsonl:3: not an object"),
        ("a.jsonl", "[1, 2]", "JSON array"),
        ("a.jsonl", "", "holds no rows"),
    ],
)
def test_rows_that_cannot_be_read_are_told(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    (tmp_path / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=told):
        read_rows([tmp_path / name])


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv cannot be read"):
        read_rows([tmp_path / "none.csv"])


def test_a_field_is_found_by_name_or_told_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("review,label\nb,c\n")
    rows = read_rows([tmp_path / "a.csv"])
    assert field_of(rows, None, ("text", "review"), "text") == "review"
    assert field_of(rows, "label", ("text",), "text") == "label"
    with pytest.raises(InputError, match=r"'body' was looked for .*'review', 'label'"):
        field_of(rows, "body", ("text",), "text")
    with pytest.raises(InputError, match="for the score"):
        field_of(rows, None, ("score",), "score")


def test_values_are_checked_and_problems_raised_together(tmp_path: Path) -> None:
    lines = ['{"t": " ", "l": null, "n": "x"}', '{"t": "a", "l": true, "n": "0.5"}', "{}"]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    rows, problems = read_rows([tmp_path / "a.jsonl"]), Problems()
    assert [text_in(one, "t", problems) for one in rows] == ["", "a", ""]
    assert [label_in(one, "l", problems) for one in rows] == ["", "true", ""]
    assert [number_in(one, "n", problems) for one in rows] == [0.0, 0.5, 0.0]
    with pytest.raises(InputError, match=r"a.jsonl:1: there is no text .*; and 1 more"):
        problems.raise_any()


@pytest.mark.parametrize("value", ["nan", "inf", "-1e400", "true", "[]", '""'])
def test_what_is_no_finite_number_is_told(tmp_path: Path, value: str) -> None:
    shown = value if value in {"true", "[]", '""'} else f'"{value}"'
    (tmp_path / "a.jsonl").write_text(f'{{"n": {shown}}}')
    problems = Problems()
    number_in(read_rows([tmp_path / "a.jsonl"])[0], "n", problems)
    with pytest.raises(InputError, match="no number"):
        problems.raise_any()
