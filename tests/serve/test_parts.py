"""Messages, recorded streams, questions as bytes, and whether code was replaced."""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path

import pytest

from retrieval.serve.asked import Asked
from retrieval.serve.declined import Declined
from retrieval.serve.messages import pack, receive
from retrieval.serve.outdated import LoadedCode
from retrieval.serve.recording import ForeignInput, Recording
from retrieval.serve.standing_in import standing_in
from tests.serve.fakes import FACTS, asked


@pytest.mark.parametrize("fields", [[], [b""], [b"ask", b"\0" * 70_000, b"x"]])
def test_a_message_is_read_as_it_was_written(fields: list[bytes]) -> None:
    source = io.BytesIO(pack(fields) + pack([b"next"]))
    assert receive(source) == fields
    assert receive(source) == [b"next"]


def test_a_cut_message_is_told_from_a_whole_one() -> None:
    whole = pack([b"ask", b"two"])
    for size in range(len(whole)):
        with pytest.raises(EOFError):
            receive(io.BytesIO(whole[:size]))


@pytest.mark.parametrize("said", [b"\xff" * 40, b"\0\0\0\1" + b"\xff" * 8], ids=["fields", "bytes"])
def test_a_message_that_claims_too_much_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError, match="a message of"):
        receive(io.BytesIO(said))


def test_a_question_is_read_as_it_was_written() -> None:
    question = asked("query", "Grüße \udcff", "", "--where", "a = 1")._replace(
        environment=(b"A=1", b"B=\xff=x", b"EMPTY=")
    )
    assert Asked.from_fields(question.to_fields()) == question


def test_a_question_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="fields"):
        Asked.from_fields([b"1 0"])


def test_a_word_that_no_command_line_has_cannot_be_sent() -> None:
    with pytest.raises(UnicodeEncodeError):
        asked("query", "\ud800").to_fields()


def test_lines_reach_the_recording_as_they_would_a_terminal() -> None:
    recording = Recording()
    out = recording.stream(1, FACTS._replace(is_terminal=True, line_buffering=True))
    err = recording.stream(2, FACTS._replace(line_buffering=True))
    assert out.isatty()
    assert not err.isatty()
    out.write("one\n")
    err.write("note\n")
    out.write("two\n")
    assert recording.pieces == [(1, b"one\n"), (2, b"note\n"), (1, b"two\n")]


def test_text_is_kept_back_as_long_as_a_file_would_wait_for_it() -> None:
    recording = Recording()
    out = recording.stream(1, FACTS._replace(encoding="ascii"))
    out.write("grün\n")
    assert recording.pieces == []
    out.flush()
    assert recording.pieces == [(1, b"gr\\xfcn\n")]


def test_an_answer_too_long_to_keep_is_declined_and_let_go() -> None:
    recording = Recording(most_bytes=10)
    out = recording.stream(1, FACTS)
    out.write("0123456789a")
    with pytest.raises(Declined):
        out.flush()
    out.close()
    assert recording.pieces == []


def test_asking_anything_of_standard_input_is_declined() -> None:
    stdin = ForeignInput()
    with pytest.raises(Declined):
        stdin.read()
    with pytest.raises(Declined):
        getattr(stdin, "isatty", None)


def test_the_place_of_the_caller_is_taken_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAYS", "1")
    monkeypatch.setenv("CHANGES", "1")
    monkeypatch.setenv("GOES", "1")
    streams = sys.stdin, sys.stdout, sys.stderr
    kept = {name: value for name, value in os.environ.items() if name not in {"GOES", "COLUMNS"}}
    environment = {**kept, "CHANGES": "2", "COMES": "\udcff"}
    question = asked("query")._replace(
        columns=77,
        environment=tuple(os.fsencode(f"{name}={value}") for name, value in environment.items()),
    )
    os.chdir("/")
    with standing_in(question, Recording()):
        assert Path.cwd() == tmp_path
        assert dict(os.environ) == {**environment, "COLUMNS": "77"}
        assert sys.stdout not in streams
        os.environ.pop("COLUMNS")
        os.environ.pop("COMES")
    assert (sys.stdin, sys.stdout, sys.stderr) == streams
    assert Path.cwd() == Path("/")


def test_a_width_that_the_caller_set_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "50")
    with standing_in(asked("query")._replace(columns=77), Recording()):
        assert os.environ["COLUMNS"] == "50"


def test_code_that_was_replaced_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "replaced_soon.py"
    path.write_text("x = 1\n")
    code = LoadedCode()
    assert code.is_current()
    importlib.import_module("replaced_soon")
    try:
        assert code.is_current()
        path.write_text("x = 1 + 1\n")
        assert not code.is_current()
    finally:
        del sys.modules["replaced_soon"]
