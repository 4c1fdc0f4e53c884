import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import OnTerminal, Run
from tests.cli.corpus import REVIEWS, write_reviews
from tests.cli.terminal import environment_of_child

pytestmark = pytest.mark.usefixtures("hashing")


def test_indexing_reports_one_object_on_standard_output(tmp_path: Path, run: Run) -> None:
    result = run("index", write_reviews(tmp_path).name)
    assert result.code == 0
    (report,) = result.rows
    assert report["schema_version"] == 1
    assert report["index"] == "reviews"
    assert (report["documents"], report["added"], report["rejected"]) == (5, 5, 0)
    assert report["generation"] == 1
    assert "'text'" in result.err


def test_quiet_leaves_standard_error_empty(tmp_path: Path, run: Run) -> None:
    assert run("index", write_reviews(tmp_path).name, "--quiet").err == ""


def test_indexing_again_changes_nothing(run: Run, reviews: Path) -> None:
    (report,) = run("index", reviews.name).rows
    assert report["unchanged"] == 5
    assert report["encoded_passages"] == 0
    assert not report["committed"]


def test_rejected_rows_end_with_3_and_are_listed(tmp_path: Path, run: Run) -> None:
    path = write_reviews(tmp_path)
    path.write_text(path.read_text() + "not json\n")
    result = run("index", path.name)
    assert result.code == 3
    (report,) = result.rows
    assert (report["documents"], report["rejected"]) == (5, 1)
    rejects = Path(report["rejects_path"]).read_text()
    assert json.loads(rejects.splitlines()[0])["line"] == 6


def test_strict_refuses_the_first_bad_row_and_commits_nothing(tmp_path: Path, run: Run) -> None:
    path = write_reviews(tmp_path)
    path.write_text(path.read_text() + "not json\n")
    result = run("index", path.name, "--strict")
    assert result.code == 2
    assert result.error["code"] == "bad_row"
    assert run("query", "film", "--index", "reviews").error["code"] == "index_not_found"


def test_other_input_under_a_taken_name_is_refused_with_the_ways_on(
    run: Run, reviews: Path
) -> None:
    other = Path("other")
    other.mkdir()
    (other / reviews.name).write_text('{"id": "x", "text": "another"}\n')
    result = run("index", f"other/{reviews.name}")
    assert result.code == 2
    assert result.error["code"] == "name_taken"
    assert "--add" in result.error["fix"]
    assert "--index" in result.error["fix"]
    assert run("index", f"other/{reviews.name}", "--add").rows[0]["documents"] == 6


def test_sync_removes_what_the_input_lost(run: Run, reviews: Path) -> None:
    reviews.write_text("".join(json.dumps(row) + "\n" for row in REVIEWS[:3]))
    (report,) = run("index", reviews.name, "--sync").rows
    assert (report["removed"], report["documents"]) == (2, 3)


def test_standard_input_is_a_corpus(run: Run) -> None:
    content = "".join(json.dumps(row) + "\n" for row in REVIEWS).encode()
    (report,) = run("index", "-", "--index", "piped", stdin=content).rows
    assert (report["index"], report["documents"]) == ("piped", 5)


def test_fields_are_set_by_name(run: Run) -> None:
    Path("shop.csv").write_text("sku,description,name\n1,a fine lamp,Lamp\n2,a chair,Chair\n")
    args = ["--id-field", "sku", "--text-field", "description", "--title-field", "name"]
    assert run("index", "shop.csv", *args).code == 0
    hits = run("query", "lamp", "--index", "shop").rows
    assert {(hit["doc_id"], hit["title"]) for hit in hits} == {("1", "Lamp"), ("2", "Chair")}


def test_passage_options_are_those_of_the_index(run: Run, tmp_path: Path) -> None:
    path = write_reviews(tmp_path)
    args = ["--passages", "windows", "--passage-tokens", "20", "--overlap", "4"]
    assert run("index", path.name, *args).code == 0
    (status,) = run("status").rows
    assert status["options"] == {"mode": "windows", "tokens": 20, "overlap": 4}


def test_a_missing_input_is_an_input_error(run: Run) -> None:
    result = run("index", "nowhere.jsonl")
    assert result.code == 2
    assert result.error["code"] == "input"
    assert "nowhere.jsonl" in result.error["error"]


def test_the_project_file_and_the_environment_set_options(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("retrieve.toml").write_text('home = "shelf"\n[index]\nindex = "named"\n')
    write_reviews(tmp_path)
    assert run("index", "reviews.jsonl").rows[0]["path"] == str(Path("shelf") / "named")
    monkeypatch.setenv("RETRIEVE_HOME", "board")
    assert run("index", "reviews.jsonl").rows[0]["path"] == str(Path("board") / "named")


def test_a_person_gets_a_table_and_the_next_step(tmp_path: Path, on_terminal: OnTerminal) -> None:
    write_reviews(tmp_path)
    screen = on_terminal("index", "reviews.jsonl", RETRIEVE_MODEL="testing-hashing")
    assert screen.code == 0
    assert "documents   5 (5 added)" in screen.text
    assert "--index reviews" in screen.lines[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_indexing_keeps_its_work_and_resumes(
    tmp_path: Path, run: Run, number: int
) -> None:
    rows = "".join(json.dumps({**REVIEWS[0], "id": f"d{n}"}) + "\n" for n in range(200)).encode()
    with subprocess.Popen(
        [sys.executable, "-m", "retrieval.testing.cli", "index", "-", "--index", "piped"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment_of_child(RETRIEVE_MODEL="testing-hashing"),
    ) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(rows)
        child.stdin.flush()
        # the note on the fields comes when rows have been read; then it waits for more
        first = child.stderr.readline()
        child.send_signal(number)
        out, err = child.communicate()
    assert first
    assert child.returncode == 3
    assert out == b""
    failure = json.loads(err.splitlines()[-1])
    assert failure["code"] == "interrupted"
    assert "retrieval" in failure["fix"] or "retrieve" in failure["fix"]
    assert failure["fix"].endswith("index - --index piped")
    assert run("query", "film", "--index", "piped").code == 2  # nothing was acknowledged
    (report,) = run("index", "-", "--index", "piped", stdin=rows).rows
    assert report["documents"] == 200


def test_vectors_made_elsewhere_are_indexed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETRIEVE_MODEL")
    np.save("x.npy", np.eye(5))
    corpus = write_reviews(Path())
    result = run("index", corpus.name, "--vectors", "x.npy")
    assert result.code == 0
    assert result.rows[0]["encoded_passages"] == 0
    (status,) = run("status").rows
    assert status["model"]["name"] == "own vectors (dim 5)"


@pytest.mark.parametrize("words", [("--precision", "int8"), ("--devices", "2")])
def test_a_model_that_runs_in_its_own_way_takes_no_precision(
    tmp_path: Path, run: Run, words: tuple[str, ...]
) -> None:
    result = run("index", write_reviews(tmp_path).name, *words)
    assert result.code == 2
    assert result.error["code"] == "usage"
    assert words[0] in result.error["fix"]
    assert run("index", "reviews.jsonl", "--precision", "auto").code == 0


def test_what_is_no_device_is_refused(tmp_path: Path, run: Run) -> None:
    result = run("index", write_reviews(tmp_path).name, "--devices", "gpu")
    assert result.code == 2
    assert "'gpu'" in result.error["error"]


def test_equal_passages_are_told(tmp_path: Path, run: Run) -> None:
    path = write_reviews(tmp_path)
    path.write_text(path.read_text() + json.dumps({**REVIEWS[0], "id": "copy"}) + "\n")
    (report,) = run("index", path.name).rows
    assert (report["encoded_passages"], report["repeated_passages"]) == (6, 1)
    assert report["cost"] is None
