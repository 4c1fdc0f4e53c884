from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.errors import InputError, UsageError
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.testing.rerankers import WORDS_NAME
from tests.engine.corpora import beir, built, jsonl, labelled, qrels_tsv
from tests.engine.test_weight_tuning import TOPICS

DOCUMENTS = [f"{topic}-{n}" for topic in TOPICS for n in range(3)]


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    rows = [
        {"id": f"{topic}-{n}", "text": f"{topic} " + " ".join(TOPICS[n : n + 3]) + " of the day"}
        for topic in TOPICS
        for n in range(3)
    ]
    jsonl(tmp_path / "queries.jsonl", [{"_id": one, "text": f"{one} day"} for one in TOPICS])
    relevant = {topic: {f"{topic}-{n}": 1 for n in range(3)} for topic in TOPICS}
    qrels_tsv(tmp_path / "relevant.tsv", relevant)
    every = {
        topic: {one: int(one.startswith(f"{topic}-")) for one in DOCUMENTS} for topic in TOPICS
    }
    qrels_tsv(tmp_path / "every.tsv", every)
    return built(jsonl(tmp_path / "rows.jsonl", rows), tmp_path / "home")


def judged(tmp_path: Path, name: str) -> retrieval.JudgmentOptions:
    return retrieval.JudgmentOptions(qrels=tmp_path / name, queries=tmp_path / "queries.jsonl")


@pytest.mark.parametrize("mode", SearchMode)
def test_complete_judgments_make_every_hit_a_label(
    index: retrieval.Index, tmp_path: Path, mode: str
) -> None:
    judgments = judged(tmp_path, "relevant.tsv")
    report = retrieval.calibrate_mode(index, mode=mode, judgments=judgments, complete=True)
    assert (report.mode, report.stored, report.generation) == (mode, True, 2)
    assert (report.queries, report.groups, report.relevant) == (11, 11, 33)
    assert report.hits == 11 * 33 or mode == "lexical"
    assert report.errors.log_loss < report.base_log_loss
    (curve,) = index.snapshot.manifest.curves
    assert (curve.mode, curve.hits, curve.judgments_sha256) == (
        mode,
        report.hits,
        report.judgments_sha256,
    )
    assert curve.slope > 0
    assert index.verify().ok


def test_documents_without_a_judgment_are_left_out_unless_judgments_are_complete(
    index: retrieval.Index, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"\d+% of the first 10 hits .* at least 80%"):
        retrieval.calibrate_mode(index, judgments=judged(tmp_path, "relevant.tsv"))
    report = retrieval.calibrate_mode(index, judgments=judged(tmp_path, "every.tsv"))
    assert (report.judged_share, report.depth, report.complete) == (1.0, 10, False)
    assert report.hits == 11 * 10


def test_a_curve_of_each_mode_is_kept_and_outlives_writes(
    index: retrieval.Index, tmp_path: Path
) -> None:
    judgments = judged(tmp_path, "relevant.tsv")
    options: dict[str, Any] = {"judgments": judgments, "complete": True}
    for mode in ("lexical", "dense", "lexical"):
        retrieval.calibrate_mode(index, mode=mode, **options)
    index.upsert([{"id": "new", "text": "leek"}])
    assert [one.mode for one in index.snapshot.manifest.curves] == ["dense", "lexical"]
    assert index.verify().ok


def test_a_dry_run_keeps_no_curve(index: retrieval.Index, tmp_path: Path) -> None:
    judgments = judged(tmp_path, "relevant.tsv")
    report = retrieval.calibrate_mode(index, judgments=judgments, complete=True, store=False)
    assert (report.stored, report.generation) == (False, 1)
    assert index.snapshot.manifest.curves == ()


def test_a_curve_says_what_it_holds_for(index: retrieval.Index, tmp_path: Path) -> None:
    judgments = judged(tmp_path, "relevant.tsv")
    options = ModeOptions(mode=SearchMode.HYBRID, weight=0.25)
    report = retrieval.calibrate_mode(index, mode=options, judgments=judgments, complete=True)
    assert "weight of meaning 0.25" in report.ranking
    assert index.snapshot.manifest.curves[0].weight == 0.25


def test_too_few_queries_or_hits_are_refused(index: retrieval.Index, tmp_path: Path) -> None:
    folder = beir(tmp_path / "beir", {"train": {"q1": {"d1": 1}, "q2": {"d4": 1}}})
    with pytest.raises(InputError, match="at least 10 groups"):
        retrieval.calibrate_mode(built(folder, tmp_path / "other"), complete=True)
    qrels_tsv(tmp_path / "few.tsv", {one: {f"{one}-0": 1} for one in TOPICS})
    with pytest.raises(InputError, match="11 of the judged hits are relevant"):
        retrieval.calibrate_mode(index, judgments=judged(tmp_path, "few.tsv"), complete=True)


def test_labels_are_no_judged_queries(tmp_path: Path) -> None:
    index = built(labelled(tmp_path / "l.jsonl"), tmp_path / "home")
    with pytest.raises(UsageError):
        retrieval.calibrate_mode(index)


@pytest.mark.parametrize("mode", SearchMode)
def test_hits_of_a_calibrated_mode_have_a_probability(
    index: retrieval.Index, tmp_path: Path, mode: str
) -> None:
    judgments = judged(tmp_path, "relevant.tsv")
    assert all(hit.probability is None for hit in index.search("leek day", mode=mode))
    retrieval.calibrate_mode(index, mode=mode, judgments=judgments, complete=True)
    hits = index.search("leek day", 33, mode=mode)
    chances = [hit.probability for hit in hits if hit.probability is not None]
    assert len(chances) == len(hits)
    assert chances == sorted(chances, reverse=True)
    assert all(0 < one < 1 for one in chances)
    assert hits[0].to_json()["probability"] == chances[0]
    assert "concept" not in hits[0].to_json()
    others = [one for one in SearchMode if one != mode]
    for other in others:
        assert all(hit.probability is None for hit in index.search("leek day", mode=other))
    assert all(hit.probability is None for hit in index.search("leek", mode=mode, unit="passage"))


def test_another_weight_or_parameter_has_no_probability(
    index: retrieval.Index, tmp_path: Path
) -> None:
    judgments = judged(tmp_path, "relevant.tsv")
    hybrid = ModeOptions(mode=SearchMode.HYBRID, weight=0.5)
    retrieval.calibrate_mode(index, mode=hybrid, judgments=judgments, complete=True)
    assert index.search("leek", mode=hybrid)[0].probability is not None
    other = ModeOptions(mode=SearchMode.HYBRID, weight=0.6)
    assert index.search("leek", mode=other)[0].probability is None
    assert index.search("leek", against=["tyre"])[0].probability is None


def test_reranked_hits_keep_their_probability_and_filtered_ranks_have_none(
    index: retrieval.Index, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"judgments": judged(tmp_path, "relevant.tsv"), "complete": True}
    retrieval.calibrate_mode(index, mode="dense", **options)
    by_rank = ModeOptions(mode=SearchMode.HYBRID, fusion=Fusion.RRF)
    retrieval.calibrate_mode(index, mode=by_rank, **options)
    plain = {hit.doc_id: hit.probability for hit in index.search("leek day", 33)}
    for hit in index.search("leek day", 33, rerank=WORDS_NAME):
        assert hit.probability == plain[hit.doc_id] is not None
    for hit in index.search("leek day", 33, without=["tyre"]):
        assert hit.probability == plain[hit.doc_id]
    assert index.search("leek day", mode=by_rank)[0].probability is not None
    assert index.search("leek day", mode=by_rank, without=["tyre"])[0].probability is None
