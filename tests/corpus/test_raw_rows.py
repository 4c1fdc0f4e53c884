from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from retrieval.corpus.raw_rows import label_of, open_rows
from retrieval.corpus.rejects import Reject
from retrieval.errors import InputError

ROWS = [(2, {"text": "a, b", "label": "x"}), (3, {"text": "c"})]


def read(path: Path, **options: object) -> tuple[list[tuple[int, Mapping[str, object]]], list[str]]:
    rejects: list[Reject] = []
    with open_rows(path, reject=rejects.append, **options) as opened:  # type: ignore[arg-type]
        rows = [(row.line, row.fields) for row in opened.rows]
    return rows, [f"{one.line}: {one.reason}" for one in rejects]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'text,label\n"a, b",x\nc,\n'),
        ("a.tsv", "text\tlabel\na, b\tx\nc\t\n"),
        ("a.jsonl", '\n{"text":"a, b","label":"x"}\n{"text":"c"}\n'),
    ],
)
def test_rows_are_the_same_in_every_format(
    tmp_path: Path, name: str, content: str, zipped: bool
) -> None:
    path = tmp_path / (f"{name}.gz" if zipped else name)
    path.write_bytes(gzip.compress(content.encode()) if zipped else content.encode())
    with open_rows(path) as opened:
        assert opened.fields == ("text", "label")
    assert read(path) == (ROWS, [])


def test_bad_rows_are_told_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text":"a"}\n[1]\n{"text":"b"}\n{"text":\n\xff\n')
    rows, rejects = read(path)
    assert [line for line, _ in rows] == [1, 3]
    assert [one.partition(":")[0] for one in rejects] == ["2", "4", "5"]
    table = tmp_path / "a.csv"
    table.write_bytes(b"text,label\na\nb,c\n")
    assert read(table) == (
        [(3, {"text": "b", "label": "c"})],
        ["2: 1 cells where the header has 2"],
    )


def test_plain_lines_are_rows_where_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\n\n two\n", encoding="utf-8")
    with pytest.raises(InputError, match="plain lines"):
        read(path)
    assert read(path, plain=True)[0] == [(1, {"text": "one"}), (3, {"text": " two"})]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b'{"text":"a"}\n', [(1, {"text": "a"})]),
        (b"a\nb\n", [(1, {"text": "a"}), (2, {"text": "b"})]),
    ],
)
def test_standard_input_is_objects_or_lines(
    content: bytes, rows: list[tuple[int, Mapping[str, object]]]
) -> None:
    assert read(Path("-"), stdin=io.BytesIO(content), plain=True)[0] == rows


@pytest.mark.parametrize("name", ["none.csv", "folder", "a.pdf", "empty.jsonl", "empty.csv"])
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    for empty in ("a.pdf", "empty.jsonl", "empty.csv"):
        (tmp_path / empty).touch()
    with pytest.raises(InputError, match=name.partition(".")[0]):
        read(tmp_path / name)


def test_a_label_is_a_text_a_whole_number_or_true_or_false() -> None:
    values = ["a ", 3, True, "", "  ", None, 1.5, ["a"]]
    assert [label_of(one) for one in values] == ["a", "3", "true", None, None, None, None, None]
