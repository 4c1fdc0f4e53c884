from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.engine.test_weight_tuning import TOPICS

pytestmark = pytest.mark.usefixtures("hashing")


@pytest.fixture
def judged(tmp_path: Path, run: Run) -> list[str]:
    """Index texts on topics, and return the options that name their judgments."""
    rows = [{"id": f"{one}-{n}", "text": f"{one} number {n}"} for one in TOPICS for n in range(2)]
    queries = [{"_id": one, "text": f"a {one}"} for one in TOPICS]
    for name, lines in (("rows.jsonl", rows), ("queries.jsonl", queries)):
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    qrels = "".join(f"{one}\t{one}-{n}\t1\n" for one in TOPICS for n in range(2))
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + qrels)
    assert run("index", "rows.jsonl").code == 0
    return ["--qrels", "qrels.tsv", "--queries", "queries.jsonl"]


def test_a_weight_is_learned_and_kept(run: Run, judged: list[str]) -> None:
    result = run("tune", *judged)
    assert result.code == 0
    (report,) = result.rows
    assert 0 <= report["weight"] <= 1
    assert (report["stored"], report["queries"], report["generation"]) == (True, 11, 2)
    assert len(report["judgments_sha256"]) == 64


def test_a_dry_run_keeps_nothing(run: Run, judged: list[str]) -> None:
    (report,) = run("tune", *judged, "--dry-run").rows
    assert (report["stored"], report["generation"]) == (False, 1)


def test_judgments_are_needed(run: Run, judged: list[str]) -> None:
    result = run("tune")
    assert result.code == 2
    assert "train" in result.err
