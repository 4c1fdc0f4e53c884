from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import retrieval
from retrieval.engine.judged_folds import query_groups
from retrieval.errors import InputError, UsageError
from retrieval.evaluate.qrels import Qrels
from retrieval.store.fusion import FusionEntry
from retrieval.store.local import LocalStore
from tests.engine.corpora import beir, built, jsonl, labelled, qrels_tsv

TOPICS = ("leek", "tyre", "tide", "chain", "oil", "cream", "pump", "night", "moon", "bike", "film")


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    rows = [
        {"id": f"{topic}-{n}", "text": f"{topic} " + " ".join(TOPICS[n : n + 3]) + " of the day"}
        for topic in TOPICS
        for n in range(3)
    ]
    jsonl(tmp_path / "queries.jsonl", [{"_id": one, "text": f"{one} day"} for one in TOPICS])
    qrels = {topic: {f"{topic}-{n}": 1 for n in range(3)} for topic in TOPICS}
    qrels_tsv(tmp_path / "qrels.tsv", qrels)
    return built(jsonl(tmp_path / "rows.jsonl", rows), tmp_path / "home")


def judged(tmp_path: Path) -> retrieval.JudgmentOptions:
    return retrieval.JudgmentOptions(
        qrels=tmp_path / "qrels.tsv", queries=tmp_path / "queries.jsonl"
    )


def test_the_weight_is_kept_with_the_hash_of_its_judgments(
    index: retrieval.Index, tmp_path: Path
) -> None:
    report = retrieval.tune(index, judgments=judged(tmp_path))
    kept = index.snapshot.manifest.fusion
    assert kept is not None
    assert (kept.weight, kept.judgments_sha256) == (report.weight, report.judgments_sha256)
    assert (kept.queries, kept.measure) == (11, "nDCG@10")
    assert (report.generation, report.stored, report.groups) == (2, True, 11)
    assert dict(report.by_weight)[report.weight] == max(value for _, value in report.by_weight)
    assert report.low <= report.value <= report.high
    assert index.verify().ok


def test_a_kept_weight_is_that_of_hybrid_searches_and_outlives_writes(
    index: retrieval.Index,
) -> None:
    plain = index.search("leek day", mode="hybrid")
    LocalStore(index.path).put_fusion(
        FusionEntry(
            weight=0.0, measure="AP", queries=9, judgments_sha256="0" * 64, created="2026-01-01"
        )
    )
    index.refresh()
    tuned = index.search("leek day", mode="hybrid")
    assert tuned[0].scores is not None
    assert [hit.score for hit in tuned] != [hit.score for hit in plain]
    words = index.search("leek day", mode="lexical")
    assert [hit.doc_id for hit in tuned[:3]] == [hit.doc_id for hit in words[:3]]
    index.upsert([{"id": "new", "text": "leek"}])
    assert index.snapshot.manifest.fusion is not None


def test_a_dry_run_keeps_nothing(index: retrieval.Index, tmp_path: Path) -> None:
    report = retrieval.tune(index, judgments=judged(tmp_path), store=False)
    assert (report.stored, report.generation) == (False, 1)
    assert index.snapshot.manifest.fusion is None


def test_a_weight_is_not_measured_on_the_judgments_it_learned_from(
    index: retrieval.Index, tmp_path: Path
) -> None:
    judgments = judged(tmp_path)
    with pytest.raises(UsageError, match="no learned weight"):
        retrieval.bench(index, judgments=judgments, compare=["t=hybrid,weight=tuned"])
    retrieval.tune(index, judgments=judgments)
    with pytest.raises(UsageError, match="these very judgments"):
        retrieval.bench(index, judgments=judgments, compare=["t=hybrid,weight=tuned"])
    qrels_tsv(tmp_path / "other.tsv", {"leek": {"leek-1": 1}, "tyre": {"tyre-1": 1}})
    others = retrieval.JudgmentOptions(
        qrels=tmp_path / "other.tsv", queries=tmp_path / "queries.jsonl"
    )
    done = retrieval.bench(index, judgments=others, compare=["t=hybrid,weight=tuned"])
    assert [run.name for run in done.runs] == ["dense", "t"]


def test_queries_that_share_a_relevant_document_are_one_group() -> None:
    qrels = Qrels.from_mapping(
        {
            "a": {"d1": 1, "d2": 1},
            "b": {"d2": 2},
            "c": {"d3": 1, "d1": 0},
            "d": {"d4": 1},
            "e": {"d4": 1, "d5": 1},
            "f": {},
        }
    )
    names = dict(zip(qrels.query_ids, query_groups(qrels).tolist(), strict=True))
    assert names["a"] == names["b"]
    assert names["d"] == names["e"]
    assert len({names[one] for one in ("a", "c", "d", "f") if one in names}) == len(
        {"a", "c", "d", "f"} & set(names)
    )
    assert sorted(set(names.values())) == list(range(len(set(names.values()))))
    assert np.issubdtype(query_groups(qrels).dtype, np.int64)


def test_too_few_queries_are_refused(tmp_path: Path) -> None:
    folder = beir(tmp_path / "beir", {"train": {"q1": {"d1": 1}, "q2": {"d4": 1}}})
    with pytest.raises(InputError, match="at least 10 groups"):
        retrieval.tune(built(folder, tmp_path / "home"))


def test_labels_are_refused(tmp_path: Path) -> None:
    index = built(labelled(tmp_path / "l.jsonl"), tmp_path / "home")
    with pytest.raises(UsageError):
        retrieval.tune(index)
