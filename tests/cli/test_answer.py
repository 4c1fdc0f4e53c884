import json
import sys
from pathlib import Path

import pytest

from retrieval.cli.answer import write_json, write_lines, write_report, write_table
from retrieval.cli.nested import rows_of
from retrieval.cli.streams import answering
from retrieval.errors import DiskFullError, FileSystemError


def test_json_is_utf8_one_object_a_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_json([{"a": "日本"}, {"b": [1, (2, 3)]}])
    assert capfdbinary.readouterr().out == '{"a":"日本"}\n{"b":[1,[2,3]]}\n'.encode()


def test_a_report_says_its_schema_version(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_report({"documents": 3})
    assert json.loads(capfdbinary.readouterr().out) == {"schema_version": 1, "documents": 3}


@pytest.mark.parametrize("value", ["path \udce9", 2**70])
def test_what_fast_json_cannot_write_is_written_all_the_same(
    capfdbinary: pytest.CaptureFixture[bytes], value: object
) -> None:
    write_json([{"a": value}])
    assert json.loads(capfdbinary.readouterr().out) == {"a": value}


def test_text_written_before_json_comes_before(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_lines(["first"])
    write_json([{"second": 2}])
    assert capfdbinary.readouterr().out.startswith(b"first\n")


def test_table_text_is_folded_under_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    write_table([("documents", "one two three four five six seven"), ("left out", ""), ("a", "b")])
    assert capsys.readouterr().out.splitlines() == [
        "documents  one two three four five six",
        "           seven",
        "a          b",
    ]


def test_tables_write_control_characters_out(capsys: pytest.CaptureFixture[str]) -> None:
    write_table([("path", "a\x1b[31mb")])
    assert capsys.readouterr().out == "path  a\\x1b[31mb\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(DiskFullError, match="standard output"):
        _write_to_full_disk(monkeypatch)


def _write_to_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(), open("/dev/full", "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        write_lines(["x"])


def test_a_closed_standard_output_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(FileSystemError, match="no standard output"):
        write_lines(["x"])


def test_nested_values_become_rows() -> None:
    fields = {
        "cache": {"folder": "x", "size_bytes": 2_000_000},
        "ok": True,
        "files": [{"name": "a"}, {"name": "b"}],
        "words": ["p", "q"],
        "none": None,
        "threads": 1234,
    }
    assert rows_of(fields) == [
        ("cache folder", "x"),
        ("cache size", "2.0 MB"),
        ("ok", "yes"),
        ("files 1 name", "a"),
        ("files 2 name", "b"),
        ("words", "p, q"),
        ("none", "none"),
        ("threads", "1,234"),
    ]
