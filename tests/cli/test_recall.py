"""Recall on the command line: hits, status and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import OnTerminal, Run
from tests.cli.corpus import write_reviews
from tests.store.approximates import encode, part_of, queries, single, store_of

ASK = ("query", "--index", "big", "--json", "--query-vector")


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """An index with an approximate index, beside vectors to ask it with; its folder."""
    folder = tmp_path / "indexes" / "big"
    store_of(folder).upsert(single(0, 1500), encode)
    np.save(tmp_path / "many.npy", queries(40))
    np.save(tmp_path / "one.npy", queries(1))
    return folder


def test_hits_carry_the_measured_recall(run: Run, big: Path) -> None:
    assert big.is_dir()
    (status,) = run("status", "--index", "big", "--json").rows
    recall = status["recall"]
    assert recall["target"] == 0.5
    assert (recall["approximate_passages"], recall["exact_passages"]) == (1500, 0)
    assert recall["low"] <= recall["measured"] <= recall["high"]
    (certificate,) = recall["certificates"]
    assert certificate["certificate"]["curve"]
    hits = run(*ASK, "many.npy").rows
    assert len(hits) == 400
    assert {hit["recall"] for hit in hits} == {recall["measured"]}
    assert recall["measured"] < 1


def test_one_question_is_answered_exactly(run: Run, big: Path) -> None:
    assert big.is_dir()
    hits = run(*ASK, "one.npy").rows
    assert {hit["recall"] for hit in hits} == {1.0}
    assert hits == run(*ASK, "one.npy", "--recall", "exact").rows
    exact = run(*ASK, "many.npy", "--recall", "exact").rows
    assert [hit["doc_id"] for hit in exact[:10]] == [hit["doc_id"] for hit in hits]


def test_more_than_was_measured_is_refused_with_what_there_is(run: Run, big: Path) -> None:
    assert big.is_dir()
    result = run(*ASK, "many.npy", "--recall", "0.99999")
    assert result.code == 2
    assert "most that is certain is" in result.error["error"]
    assert run(*ASK, "many.npy", "--recall", "most").error["code"] == "usage"


def test_a_missing_one_is_warned_of_once(run: Run, big: Path) -> None:
    part_of(store_of(big)).unlink()
    result = run(*ASK, "many.npy")
    assert result.err.count("warning: 1,500 passages are searched exactly") == 1
    assert {hit["recall"] for hit in result.rows} == {1.0}
    (status,) = run("status", "--index", "big", "--json").rows
    (reason,) = status["recall"]["reasons"]
    assert "missing" in reason
    assert len(status["missing_parts"]) == 1
    (found,) = run("doctor", "--json").rows
    assert any(one.startswith("big: 1,500 passages") for one in found["problems"])


def test_a_person_sees_what_was_measured(on_terminal: OnTerminal, big: Path) -> None:
    assert big.is_dir()
    told = " ".join(on_terminal("status", "--index", "big").text.split())
    assert "of the 10 nearest, by" in told
    assert "(0.5 asked for); 1,500 passages approximately, 0 exactly" in told


@pytest.mark.usefixtures("hashing")
def test_what_is_asked_for_is_kept_by_the_index(tmp_path: Path, run: Run) -> None:
    path = write_reviews(tmp_path).name
    assert run("index", path, "--recall", "0.9", "--memory", "2GB").code == 0
    (status,) = run("status", "--json").rows
    assert (status["recall"]["target"], status["recall"]["memory_bytes"]) == (0.9, 2 * 10**9)
    (report,) = run("index", path, "--recall", "exact").rows
    assert report["committed"]
    (status,) = run("status", "--json").rows
    assert status["recall"]["target"] == 1
    for wrong in (("--recall", "2"), ("--memory", "much"), ("--recall-queries", "none.txt")):
        assert run("index", path, *wrong).code == 2
