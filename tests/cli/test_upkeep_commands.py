import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import OnTerminal, Run

pytestmark = pytest.mark.usefixtures("reviews")


def a_part(suffix: str) -> Path:
    return next(Path("indexes/reviews").glob(f"*.{suffix}"))


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_status_is_one_object(run: Run) -> None:
    (status,) = run("status").rows
    assert status["documents"] == 5
    assert status["segments"] == 1
    assert status["generation"] == 1
    assert status["model"]["name"] == "testing-hashing"
    assert status["incomplete"] is False


def test_status_for_a_person_has_what_they_ask(on_terminal: OnTerminal) -> None:
    screen = on_terminal("status", "--index", "reviews")
    assert screen.code == 0
    labels = [line.split()[0] for line in screen.lines if not line.startswith(" ")]
    assert labels[:3] == ["index", "documents", "passages"]
    assert {"model", "size", "generation", "sources"} <= set(labels)


def test_status_of_no_index_says_how_to_build_one(run: Run) -> None:
    result = run("status", "--home", "nowhere")
    assert result.code == 2
    assert "retrieve index" in result.error["fix"]


def test_a_folder_that_is_no_index_is_refused(run: Run) -> None:
    Path("plain").mkdir()
    result = run("status", "--index", "./plain")
    assert result.code == 2
    assert result.error["code"] in {"not_an_index", "index_not_found"}


def test_verify_of_a_whole_index_is_well(run: Run, on_terminal: OnTerminal) -> None:
    result = run("verify", "--sample", "3")
    assert result.code == 0
    (report,) = result.rows
    assert report["ok"] is True
    assert report["problems"] == []
    assert report["reencoded_passages"] == 3
    assert "all is well" in on_terminal("verify").text


def test_a_sample_is_drawn_among_documents_that_are_there(run: Run) -> None:
    assert run("delete", "r1", "r2").code == 0
    (report,) = run("verify", "--sample", "3").rows
    assert report["reencoded_passages"] == 3


@pytest.mark.parametrize("suffix", ["docs", "vectors", "arrays"])
def test_verify_names_a_damaged_file_and_ends_with_2(run: Run, suffix: str) -> None:
    part = a_part(suffix)
    flip_a_byte(part)
    result = run("verify", "--sample", "0")
    assert result.code == 2
    assert result.error["code"] == "damaged_index"
    (report,) = result.rows
    assert report["ok"] is False
    assert any(part.name in problem for problem in report["problems"])


def test_deleted_documents_are_gone(run: Run) -> None:
    result = run("delete", "r1", "r9")
    assert result.code == 0
    (report,) = result.rows
    assert (report["deleted"], report["missing"]) == (1, ["r9"])
    assert "'r9'" in result.err
    assert "r1" not in {hit["doc_id"] for hit in run("query", "positive review").rows}


def test_ids_come_from_a_file_or_standard_input(run: Run) -> None:
    Path("gone.txt").write_text("r1\r\n\nr2\n")
    assert run("delete", "--ids-from", "gone.txt").rows[0]["deleted"] == 2
    assert run("delete", "r3", "--ids-from", "-", stdin=b"r4\n").rows[0]["deleted"] == 2
    assert run("status").rows[0]["documents"] == 1


@pytest.mark.parametrize(
    ("content", "told"), [(b"", "holds no id"), (b"\n \n", "holds no id"), (b"a\xff", "not UTF-8")]
)
def test_a_bad_list_of_ids_deletes_nothing(run: Run, content: bytes, told: str) -> None:
    result = run("delete", "r1", "--ids-from", "-", stdin=content)
    assert result.code == 2
    assert told in result.error["error"]
    assert run("status").rows[0]["documents"] == 5


def test_a_deletion_is_never_aimed_by_guessing(run: Run, on_terminal: OnTerminal) -> None:
    Path("notes.txt").write_text("A note.")
    assert run("index", "notes.txt").code == 0
    screen = on_terminal("delete", "r1")
    assert screen.code == 2
    assert "--index NAME" in screen.text
    assert run("status", "--index", "reviews").rows[0]["documents"] == 5


def test_recover_goes_back_and_says_so(run: Run) -> None:
    assert run("delete", "r1").code == 0
    (report,) = run("recover", "--to-generation", "1").rows
    assert (report["from_generation"], report["generation"]) == (1, 3)
    assert run("status").rows[0]["documents"] == 5


def test_a_damaged_manifest_is_an_error_that_recover_mends(run: Run) -> None:
    assert run("delete", "r1").code == 0
    newest = sorted(Path("indexes/reviews").glob("manifest-*.json"))[-1]
    flip_a_byte(newest)
    result = run("query", "film")
    assert result.code == 2
    assert result.error["code"] == "damaged_index"
    assert "recover" in result.error["fix"]
    (report,) = run("recover", "--to-generation", "1").rows
    assert report["set_aside"]
    assert run("query", "film").code == 0


def test_models_and_doctor_are_one_object_each(run: Run) -> None:
    listed = run("models")
    assert listed.code == 0, listed.err
    (models,) = listed.rows
    assert models["models"]
    (doctor,) = run("doctor").rows
    assert {"versions", "cpu", "disk", "extras", "cache"} <= set(doctor)


def test_models_and_doctor_read_as_rows(on_terminal: OnTerminal) -> None:
    assert on_terminal("models").code == 0
    screen = on_terminal("doctor", columns=100)
    assert "pip install 'retrieval[parquet]'" in screen.text
    assert max(map(len, screen.lines)) <= 100


@pytest.mark.parametrize("command", ["status", "verify", "models", "doctor"])
def test_json_on_a_terminal_is_json(on_terminal: OnTerminal, command: str) -> None:
    screen = on_terminal(
        command, "--json", *(["--index", "reviews"] if command in {"status", "verify"} else [])
    )
    assert screen.code == 0
    # a bar may have come and gone above it
    answer = re.sub(r"\x1b\[\S*?[A-Za-z]", "", screen.lines[-1].rpartition("\r")[2])
    assert json.loads(answer)["schema_version"] == 1


def test_the_language_of_words_is_said_and_shown(run: Run) -> None:
    assert run("status").rows[0]["language"] in {"en", "none"}
    assert run("index", "reviews.jsonl", "--language", "de").rows[0]["encoded_passages"] == 0
    (status,) = run("status").rows
    assert status["language"] == "de"
    assert status["stemmer"].startswith("snowball ")
    refused = run("index", "reviews.jsonl", "--language", "klingon")
    assert refused.code == 2
    assert "no rules for the language 'klingon'" in refused.error["error"]
