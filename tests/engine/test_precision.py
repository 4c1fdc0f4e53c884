"""Precisions of an index: what is asked for, what is kept apart, and what it costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import retrieval
from retrieval.encode.precision import Precision, as_precision
from retrieval.engine.precision_cost import LEAST, CostSample, shared_neighbours
from retrieval.errors import ModelMismatchError, UsageError
from retrieval.records import Numerics
from retrieval.store.precision_cost import PrecisionCost
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME, HashingEncoder
from retrieval.vectors import FloatRows, unit_rows
from tests.engine.corpora import jsonl

SIGHTS = ("harbour", "library", "orchard", "station", "market", "lighthouse", "bridge", "museum")
MOODS = ("quiet", "crowded", "windy", "cheerful", "gloomy", "golden", "frozen", "noisy")
TEXTS = [f"A {mood} morning at the {sight}." for sight in SIGHTS for mood in MOODS]


def corpus(folder: Path, count: int = len(TEXTS)) -> Path:
    rows = [{"id": f"d{number}", "text": text} for number, text in enumerate(TEXTS[:count])]
    return jsonl(folder / "corpus.jsonl", rows)


def test_int8_is_measured_kept_apart_and_followed(tmp_path: Path) -> None:
    with retrieval.build(corpus(tmp_path), home=tmp_path, precision="int8") as index:
        report = index.report
        assert report is not None
        assert report.cost is not None
        assert report.cost["precision"] == "int8"
        assert report.cost["passages"] == len(TEXTS)
        assert 0.5 < float(str(report.cost["overlap"])) <= 1.0
        status = index.status()
        assert status.cost == report.cost
        assert status.numerics[0].startswith("int8 ")
        assert index.encoder.numerics.precision == "fp32"  # of queries
        (hit,) = index.search("a golden morning at the bridge", k=1)
        assert hit.text == "A golden morning at the bridge."
        index.upsert([{"id": "new", "text": "An evening at the theatre."}])
        assert len({one.partition(" ")[0] for one in index.status().numerics}) == 1
        assert index.status().cost == report.cost
        assert index.verify().ok
    with pytest.raises(ModelMismatchError, match="int8"):
        retrieval.build(corpus(tmp_path), home=tmp_path, precision="fp32")


def test_a_float_index_refuses_int8_and_nothing_is_measured(tmp_path: Path) -> None:
    with retrieval.build(corpus(tmp_path, 3), home=tmp_path, precision="auto") as index:
        assert index.status().cost is None
    with pytest.raises(ModelMismatchError, match="fp32 or bf16"):
        retrieval.build(corpus(tmp_path, 3), home=tmp_path, precision="int8")
    retrieval.build(corpus(tmp_path, 4), home=tmp_path, precision="fp32").close()


def test_a_model_that_runs_in_its_own_way_has_no_precision_to_choose(tmp_path: Path) -> None:
    register_fakes()
    path = corpus(tmp_path, 3)
    for precision, devices in (("int8", None), (None, "2")):
        with pytest.raises(UsageError, match="in its own way"):
            retrieval.build(
                path, home=tmp_path, model=HASHING_NAME, precision=precision, devices=devices
            )
        with pytest.raises(UsageError, match="in its own way"):
            retrieval.index_documents(
                [{"id": "a", "text": "b"}],
                tmp_path / "i",
                encoder=HashingEncoder(),
                precision=precision,
                devices=devices,
            )
    retrieval.build(path, home=tmp_path, model=HASHING_NAME, precision="auto").close()


class Rough(HashingEncoder):
    """Says of itself that it is less exact than others."""

    @property
    def numerics(self) -> Numerics:
        return Numerics(precision="int8", runtime="hashing 1")


def test_encoders_that_are_given_keep_their_classes_apart(tmp_path: Path) -> None:
    rows, more = [{"id": "a", "text": "soup"}], [{"id": "b", "text": "bike"}]
    with retrieval.index_documents(rows, tmp_path / "rough", encoder=Rough()) as index:
        index.upsert(more)
        assert index.status().documents == 2
        assert index.status().cost is None  # there is nothing exact to measure it by
    with pytest.raises(UsageError):
        retrieval.index_documents(more, tmp_path / "rough", encoder=HashingEncoder())
    retrieval.index_documents(rows, tmp_path / "exact", encoder=HashingEncoder()).close()
    with pytest.raises(ModelMismatchError, match=r"fp32 or bf16.*int8"):
        retrieval.index_documents(more, tmp_path / "exact", encoder=Rough())


def test_what_is_no_precision_is_refused_with_those_there_are() -> None:
    assert as_precision(None) is None
    assert as_precision("bf16") is Precision.BF16
    with pytest.raises(UsageError, match="fp16") as caught:
        as_precision("fp16")
    assert "int8" in caught.value.fix


def test_equal_passages_are_encoded_once_and_counted(tmp_path: Path) -> None:
    encoder = HashingEncoder()
    rows = [{"id": f"d{number}", "text": TEXTS[number % 3]} for number in range(10)]
    with retrieval.index_documents(rows, tmp_path / "i", encoder=encoder) as index:
        assert encoder.passages_encoded == 3
        assert index.report is not None
        assert index.report.encoded_passages == 10
        assert index.report.repeated_passages == 7
        hits = index.search(TEXTS[1], k=4)
        assert [hit.doc_id for hit in hits[:3]] == ["d1", "d4", "d7"]


def random_rows(count: int, seed: int) -> FloatRows:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, 16)))


def test_shared_neighbours_are_counted_one_by_one() -> None:
    exact, rows = random_rows(40, 1), unit_rows(random_rows(40, 1) + 0.3 * random_rows(40, 2))
    found = shared_neighbours(exact, rows, 5)
    for at in range(40):
        near = [
            set(
                sorted(
                    (j for j in range(40) if j != at), key=lambda j: -float(exact[at] @ among[j])
                )[:5]
            )
            for among in (exact, rows)
        ]
        assert found[at] == len(near[0] & near[1]) / 5
    assert shared_neighbours(exact, exact, 5).tolist() == [1.0] * 40


def test_a_sample_does_not_depend_on_order_and_batches() -> None:
    texts = [f"text {number}" for number in range(300)]
    exact = dict(zip(texts, random_rows(300, 3), strict=True))
    rough = dict(
        zip(texts, unit_rows(random_rows(300, 3) + 0.2 * random_rows(300, 4)), strict=True)
    )

    def measured(order: list[str], batch: int) -> PrecisionCost:
        sample = CostSample(size=100)
        for start in range(0, len(order), batch):
            part = order[start : start + batch]
            sample.take(part, np.stack([rough[one] for one in part]))
        found = sample.measure("int8", lambda drawn: np.stack([exact[one] for one in drawn]))
        assert found is not None
        return found

    found = measured(texts, 300)
    assert found == measured(texts[::-1], 7) == measured([*texts, *texts[:50]], 64)
    assert found.passages == 100
    assert 0.3 < found.low < found.overlap < found.high < 1.0


def test_too_few_passages_tell_nothing() -> None:
    sample = CostSample()
    texts = [f"text {number}" for number in range(LEAST - 1)]
    sample.take(texts, random_rows(LEAST - 1, 5))
    assert sample.measure("int8", lambda drawn: random_rows(len(drawn), 6)) is None
