from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.corpus.streams import MAX_LINE_BYTES
from tests.corpus.reading import read

GOOD = b'{"id": "good", "text": "fine"}\n'


def rejected(tmp_path: Path, row: bytes) -> str:
    """Put a bad row between two good ones; return why it was rejected."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(GOOD + row + b"\n" + GOOD.replace(b"good", b"last"))
    found = read(path)
    assert found.ids == ["good", "last"]
    (reject,) = found.rejects
    assert (reject.path, reject.line) == (str(path), 2)
    return reject.reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"{not json", "not JSON"),
        (b'["a"]', "not an object but an array"),
        (b'"text"', "not an object but a string"),
        (b"3", "not an object but a number"),
        (b"null", "not an object but null"),
        (b'{"id": "x"}', "no text in field 'text'"),
        (b'{"id": "x", "text": "  "}', "no text"),
        (b'{"id": "x", "text": null}', "no text"),
        (b'{"id": "x", "text": 5}', "has to be a string, not an integer"),
        (b'{"id": "x", "text": "\\ud800"}', "not JSON"),
        (b'{"id": "x", "text": "t", "\\ud800": 1}', "not JSON"),
        (b'{"id": "x", "text": "t", "n": NaN}', "not JSON"),
        (b'{"id": "x", "text": "t", "n": -Infinity}', "not JSON"),
        (b'{"id": "x", "text": "t", "n": 1e999}', "not JSON"),
        (b'{"id": "x", "text": "t", "n": 18446744073709551616}', "does not fit into 64 bits"),
        (b'{"id": "x", "text": "t", "n": [-9223372036854775809]}', "does not fit into 64 bits"),
        (b'{"id": "x", "text": "t", "n": ' + b"1" * 30 + b"}", "does not fit into 64 bits"),
        (b'{"id": "x", "text": "t", "n": ' + b"[" * 10**5 + b"]" * 10**5 + b"}", "not JSON"),
        (b'{"id": true, "text": "t"}', "an id has to be a string or an integer, not a boolean"),
        (b'{"id": 1.5, "text": "t"}', "not a number"),
        (b'{"id": ["x"], "text": "t"}', "not a list"),
        (b'{"id": {}, "text": "t"}', "not an object"),
        (b'{"id": "", "text": "t"}', "1 to 512 bytes; this one has 0"),
        (b'{"id": "' + b"x" * 513 + b'", "text": "t"}', "this one has 513"),
        (b'{"id": "good", "text": "again"}', "'good' was met before"),
    ],
)
def test_a_bad_row_is_told_and_reading_goes_on(tmp_path: Path, row: bytes, reason: str) -> None:
    assert reason in rejected(tmp_path, row)


def test_bad_utf8_is_told_with_its_offset_in_the_file(tmp_path: Path) -> None:
    reason = rejected(tmp_path, b'{"id": "x", "text": "caf\xe9"}')
    offset = len(GOOD) + b'{"id": "x", "text": "caf\xe9"}'.index(b"\xe9")
    assert reason == f"not UTF-8: byte 0xe9 at offset {offset} of the file"


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    row = b'{"id": "x", "text": "' + b"y" * MAX_LINE_BYTES + b'"}'
    assert "longer than" in rejected(tmp_path, row)


def test_long_integers_within_64_bits_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(
        b'{"id": "x", "text": "t", "n": 18446744073709551615, "m": 0.12345678901234567890}'
    )
    (document,) = read(path).documents
    assert document.metadata["n"] == 18446744073709551615


def test_a_lone_surrogate_in_csv_cannot_come_in(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"id,text\na,ok\nb,\xed\xa0\x80\nc,fine\n")
    found = read(path)
    assert found.ids == ["a", "c"]
    assert (found.rejects[0].line, found.rejects[0].reason) == (
        3,
        "not UTF-8: byte 0xed at offset 15 of the file",
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("b,too,many", "3 cells where the header has 2"),
        ("b", "1 cells where the header has 2"),
        ("b,\0", "NUL byte"),
        ('b,"x"y', "not a row"),
        (",", "no text"),
    ],
)
def test_bad_csv_rows_are_told_and_reading_goes_on(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"id,text\na,one\n{row}\nc,three\n", encoding="utf-8")
    found = read(path)
    assert found.ids == ["a", "c"]
    assert found.rejects[0].line == 3
    assert reason in found.rejects[0].reason


def test_a_quote_that_never_closes_is_told_with_the_line_it_starts_on(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('id,text\na,one\nb,"two\nc,three\n', encoding="utf-8")
    found = read(path)
    assert found.ids == ["a"]
    assert found.rejects[0].line == 3
