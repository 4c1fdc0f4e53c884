from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OnTerminal, Run
from tests.engine.learnable import learnable_rows

FIT = ("concept", "fit", "praise", "--label-field", "label", "--positive", "praise")
INDEX = ("--index", "notes")


@pytest.fixture
def notes(tmp_path: Path, run: Run, hashing: None) -> Path:
    path = tmp_path / "notes.jsonl"
    rows = learnable_rows(200, noise=0.05)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run("index", path.name).code == 0
    return path


@pytest.fixture
def praise(notes: Path, run: Run) -> Path:
    assert run(*FIT, *INDEX, "--labels-are", "random", "--against", "complaint").code == 0
    return notes


def test_fit_tells_what_the_concept_is_worth(notes: Path, run: Run) -> None:
    result = run(*FIT, *INDEX, "--against", "complaint")
    assert result.code == 0
    (told,) = result.rows
    assert (told["schema_version"], told["name"], told["version"]) == (1, "praise", 1)
    report = told["report"]
    assert report["average_precision"]["value"] > report["text"]["value"]
    assert report["contrast"] is not None
    assert "doc_ids" not in told
    assert "'complaint'" in result.err  # negative is every other value
    assert run(*FIT, *INDEX).rows[0]["version"] == 2


def test_list_show_and_delete(praise: Path, run: Run) -> None:
    (listed,) = run("concept", "list", *INDEX).rows
    assert [one["name"] for one in listed["concepts"]] == ["praise"]
    (shown,) = run("concept", "show", "Praise", *INDEX).rows
    assert shown["name"] == "praise"
    (deleted,) = run("concept", "delete", "praise", *INDEX).rows
    assert deleted["name"] == "praise"
    missing = run("concept", "show", "praise", *INDEX)
    assert (missing.code, missing.error["code"]) == (2, "usage")


def test_export_and_import(praise: Path, run: Run) -> None:
    assert run("concept", "export", "praise", "p.concept", *INDEX).code == 0
    (told,) = run("concept", "import", "p.concept", *INDEX).rows
    assert (told["name"], told["version"]) == ("praise", 2)
    refused = run("concept", "import", "notes.jsonl", *INDEX)
    assert (refused.code, refused.error["code"]) == (2, "input")


def test_a_query_by_concept(praise: Path, run: Run) -> None:
    result = run("query", "--concept", "praise", "-k", "3", *INDEX)
    assert result.code == 0
    assert [hit["query_kind"] for hit in result.rows] == ["concept"] * 3
    assert [hit["concept_version"] for hit in result.rows] == [1] * 3
    assert all(hit["probability"] > 0.5 for hit in result.rows)
    fields = run("query", "--concept", "praise", "--fields", "doc_id,probability", *INDEX).rows[0]
    assert set(fields) == {"schema_version", "query_id", "rank", "doc_id", "probability"}


def test_a_promised_set_is_whole_unless_k_is_said(praise: Path, run: Run) -> None:
    whole = run("query", "--concept", "praise", "--min-precision", "0.7", *INDEX).rows
    assert len(whole) > 20
    assert sum(hit["metadata"]["label"] == "praise" for hit in whole) >= 0.7 * len(whole)
    cut = run("query", "--concept", "praise", "--min-precision", "0.7", "-k", "3", *INDEX).rows
    assert cut == whole[:3]
    refused = run("query", "--concept", "praise", "--min-precision", "0.999", *INDEX)
    assert refused.code == 2
    assert "Not enough labels" in refused.error["error"]


@pytest.mark.parametrize(
    "words",
    [
        ("praise", "--concept", "praise"),
        ("--queries", "q.txt", "--concept", "praise"),
        ("praise", "--min-precision", "0.9"),
    ],
)
def test_what_does_not_go_with_a_concept_is_refused(
    praise: Path, run: Run, words: tuple[str, ...]
) -> None:
    result = run("query", *words, *INDEX)
    assert (result.code, result.error["code"]) == (2, "usage")


def test_a_program_is_never_given_a_concept_for_a_text(praise: Path, run: Run) -> None:
    assert {hit["query_kind"] for hit in run("query", "praise", *INDEX).rows} == {"text"}
    batch = run("query", "-", *INDEX, stdin=b"praise\n")
    assert {hit["query_kind"] for hit in batch.rows} == {"text"}


def test_a_person_who_types_its_name_gets_the_concept_and_is_told(
    praise: Path, on_terminal: OnTerminal
) -> None:
    meant = on_terminal("query", "PRAISE", *INDEX, "-k", "3")
    assert meant.code == 0
    assert "note: Ranked by the concept 'praise', version 1" in meant.text
    assert "--text-only" in meant.text
    for words in (("praise", "--text-only"), ("praise film",), ("praise", "--json")):
        assert "Ranked by the concept" not in on_terminal("query", *words, *INDEX).text


def test_a_person_sees_figures_with_their_intervals(praise: Path, on_terminal: OnTerminal) -> None:
    shown = on_terminal("concept", "show", "praise", *INDEX, columns=100).text
    for words in ("AP ", "base rate", "text query", "contrast", "calibration", "out of fold"):
        assert words in shown
    listed = on_terminal("concept", "list", *INDEX)
    assert "praise  version 1  AP " in listed.text
    hits = on_terminal("query", "--concept", "praise", *INDEX, columns=200).text
    assert "probability" in hits


def test_a_person_is_told_why_there_is_no_probability(
    notes: Path, run: Run, on_terminal: OnTerminal
) -> None:
    assert run(*FIT, *INDEX).code == 0
    shown = on_terminal("query", "--concept", "praise", *INDEX, columns=200).text
    assert "No probabilities: labels were chosen" in shown


def test_a_benchmark_compares_a_concept(praise: Path, run: Run) -> None:
    options = ("--label-field", "label", "--compare", "learned=concept=praise", "--metric", "ap")
    result = run("bench", *INDEX, *options)
    assert result.code == 0
    assert result.rows[0]["runs"]["learned"]["out_of_fold"] == 200


def test_the_project_file_reaches_commands_of_a_group(
    praise: Path, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "indexes").rename(tmp_path / "elsewhere")
    (tmp_path / "retrieve.toml").write_text('home = "elsewhere"\n[concept.fit]\nseed = 7\n')
    assert run("concept", "list").code == 0
    assert run(*FIT, *INDEX).rows[0]["seed"] == 7
    (tmp_path / "retrieve.toml").write_text("[concept.fit]\nsead = 7\n[concept.sit]\nx = 1\n")
    refused = run("concept", "list")
    assert refused.code == 2
    assert "did you mean seed" in refused.error["error"]
    assert "'sit' is not known" in refused.error["error"]


@pytest.mark.parametrize("words", [("concept", "fti"), ("concept", "fit"), ("concept", "show")])
def test_words_that_are_no_command_of_the_group_are_refused(
    notes: Path, run: Run, words: tuple[str, ...]
) -> None:
    assert run(*words).code == 2


@pytest.fixture
def both(praise: Path, run: Run) -> Path:
    words = ("concept", "fit", "blame", "--label-field", "label", "--positive", "complaint")
    assert run(*words, *INDEX).code == 0
    return praise


def test_concepts_and_texts_combine(both: Path, run: Run) -> None:
    asked = ("--not-concept", "blame", "--and-text", "river", "--not-text", "street")
    done = run("query", "--concept", "praise", *asked, "-k", "5", *INDEX)
    assert done.code == 0
    assert [row["query_kind"] for row in done.rows] == ["combination"] * 5
    assert done.rows[0]["query"] == "'praise' and text 'river' not 'blame' not text 'street'"
    assert {row["metadata"]["label"] for row in done.rows} == {"praise"}
    assert "probability" not in done.rows[0]


def test_a_person_sees_hits_of_a_combination(both: Path, on_terminal: OnTerminal) -> None:
    asked = ("--concept", "praise", "--and-text", "river song")
    seen = on_terminal("query", *asked, "-k", "2", *INDEX, RETRIEVE_MODEL="testing-hashing")
    assert seen.code == 0
    assert "score" in seen.text
    assert "river" in seen.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--and-concept", "praise"), "go with a concept"),
        (("river", "--not-text", "x"), "go with a concept"),
        (("--concept", "praise", "--and-text", "x", "--min-precision", "0.5"), "promises"),
        (("--concept", "prais", "--and-text", "x"), "prais"),
        (("--concept", "praise", "--like", "d0001", "--and-text", "x"), "A concept is asked"),
    ],
)
def test_what_does_not_combine_with_a_concept_is_refused(
    both: Path, run: Run, words: tuple[str, ...], told: str
) -> None:
    done = run("query", *words, *INDEX)
    assert (done.code, done.error["code"]) == (2, "usage")
    assert told in done.error["error"]
    assert done.error["fix"]


def test_a_map_is_coloured_by_a_concept(praise: Path, run: Run, tmp_path: Path) -> None:
    map_it = ("cluster", "--k", "3", "--html", "map.html", *INDEX)
    assert run(*map_it, "--colour-concept", "PRAISE").code == 0
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert '"name":"concept praise","numeric":true' in page
    assert '"colouredBy":0' in page
    assert run(*map_it).code == 0
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert '"name":"concept praise"' in page
    assert '"colouredBy":-1' in page
    for words in (map_it[:3], map_it):
        done = run(*words, "--colour-concept", "prase", *INDEX)
        assert (done.code, done.error["code"]) == (2, "usage")
    assert "Did you mean 'praise'" in done.error["fix"]


def test_a_map_is_drawn_without_a_damaged_concept(praise: Path, run: Run, tmp_path: Path) -> None:
    (part,) = (tmp_path / "indexes" / "notes").glob("*.concept")
    content = part.read_bytes()
    part.write_bytes(content[:-9] + b"012345678")
    done = run("cluster", "--k", "3", "--html", "map.html", *INDEX)
    assert done.code == 0
    assert "without the concept 'praise'" in done.err
    assert "concept praise" not in (tmp_path / "map.html").read_text(encoding="utf-8")
