"""What a reranker learns from: groups of pairs that compete, judged ones and imitated ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import retrieval
from retrieval.engine.reranking.imitation import TEMPERATURE, drawn_sentence, imitated_pairs
from retrieval.engine.reranking.options import MiningOptions
from retrieval.errors import InputError
from retrieval.train.base import find_base
from retrieval.train.crossencoder.ranking import RankingRows, RankingTask
from retrieval.train.crossencoder.rows import CrossencoderRows, ScoredPairs
from retrieval.train.plan import RowsFacts
from retrieval.train.token_rows import every_output
from tests.engine.test_reranker_training import (
    QUERIES,
    beir,
    index_of,
    lists_of,
    options,
    train,
)
from tests.train.models import GOOD, save_tiny_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_base(tmp_path_factory.mktemp("base") / "tiny"))


def save_crossencoder(folder: Path, base: str) -> Path:
    """Save a cross-encoder of one output that begins with a base's layers."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return folder


def test_sentences_of_the_corpus_ask_for_what_the_first_stage_finds(tmp_path: Path) -> None:
    with index_of(tmp_path) as index:
        index.delete(["d3-1"])
    with retrieval.open(tmp_path / "home" / "beir") as index:
        found = imitated_pairs(index, 1_000, seed=3)
        vectors = dict(
            zip(found.first, index.encoder.encode_queries(list(found.first)), strict=True)
        )
        passages = dict(
            zip(found.second, index.encoder.encode_passages(list(found.second)), strict=True)
        )
        again = imitated_pairs(index, 5, seed=3)
        other = imitated_pairs(index, 5, seed=4)
    assert found.count == QUERIES * 4 - 1
    assert set(found.second) >= set(found.first)  # these passages are one sentence each
    groups = np.array(found.groups)
    for group in range(found.count):
        own = np.flatnonzero(groups == group).tolist()
        assert len({found.second[at] for at in own}) == len(own) >= 4
        cosines = np.array([vectors[found.first[at]] @ passages[found.second[at]] for at in own])
        assert cosines.max() == pytest.approx(1.0, abs=1e-3)
        shares = np.exp(cosines / TEMPERATURE)
        np.testing.assert_allclose(
            [found.targets[at] for at in own], shares / shares.sum(), atol=0.02
        )
    assert again.count == 5
    assert again.second != other.second


def test_few_passages_make_small_groups_and_none_make_none(tmp_path: Path) -> None:
    with index_of(tmp_path) as index:
        assert imitated_pairs(index, 0, seed=0).count == 0
        index.delete([f"d{n}-{m}" for n in range(QUERIES) for m in range(4) if (n, m) > (0, 2)])
    with retrieval.open(tmp_path / "home" / "beir") as index:
        found = imitated_pairs(index, 1_000, seed=0)
    assert found.count == 3
    assert set(found.second) == set(found.first)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Too short. These words are long enough. No.", {"These words are long enough."}),
        (
            "One two three four. Five six seven eight.",
            {"One two three four.", "Five six seven eight."},
        ),
        ("Not long.", {""}),
        ("", {""}),
    ],
)
def test_a_drawn_sentence_is_long_enough(text: str, kept: set[str]) -> None:
    generator = np.random.default_rng(0)
    assert {drawn_sentence(text, generator) for _ in range(40)} == kept


def ranking_task(base: str, groups: list[int], targets: list[float], **given: Any) -> RankingTask:
    """Return a task whose pairs are of these groups."""
    count = len(groups)
    texts = tuple(" ".join(GOOD[: 1 + at % 4]) for at in range(count))
    lists = lists_of({f"q{n}": {"d0": 1} for n in range(10)}, candidates=1)
    rows = CrossencoderRows(
        train=ScoredPairs(("u1",) * count, texts, np.array(targets)),
        held_out=ScoredPairs(("u1",) * 10, ("good",) * 10, np.ones(10)),
        facts=RowsFacts(
            source="made", rows=count, sha256="", validation_rows=10, validation_sha256="", split=""
        ),
        notes=(),
        warnings=(),
    )
    mined = RankingRows(rows=rows, groups=np.array(groups), lists=lists, settings={})
    return RankingTask(find_base(base, offline=True), mined, options(base, **given))


def test_a_step_holds_whole_groups_and_an_epoch_each_once(base: str) -> None:
    groups = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4]
    task = ranking_task(base, groups, [1.0] * len(groups), batch_size=9)
    steps = task.batches(0)
    assert sorted(np.concatenate(steps).tolist()) == list(range(len(groups)))
    for step in steps:
        met = {groups[row] for row in step.tolist()}
        assert len(met) <= 2  # of four pairs at most: two fit into nine
        assert len(step) == sum(group in met for group in groups)
    assert [one.tolist() for one in steps] != [one.tolist() for one in task.batches(1)]


def test_the_loss_is_the_cross_entropy_of_each_groups_softmax(base: str) -> None:
    import torch

    groups, targets = [0, 0, 0, 1, 1], [1.0, 0.0, 0.0, 0.25, 0.75]
    task = ranking_task(base, groups, targets)
    task.module.eval()
    with torch.no_grad():
        found = float(task.loss(np.array([3, 4, 0, 1, 2]), 0))
        alone = [float(task.loss(np.array(rows), 0)) for rows in ([0, 1, 2], [3, 4])]
    scores = scores_of(task, 5)
    expected = []
    for own in ([0, 1, 2], [3, 4]):
        shares = np.exp(scores[own]) / np.exp(scores[own]).sum()
        expected.append(-float(np.array(targets)[own] @ np.log(shares)))
    np.testing.assert_allclose(alone, expected, atol=1e-5)
    assert found == pytest.approx(np.mean(expected), abs=1e-5)


def scores_of(task: RankingTask, count: int) -> NDArray[np.float64]:
    """Return the scores of the pairs that the task learns from."""
    found = every_output(task._train, task._forward, "cpu")
    assert len(found) == count
    return found[:, 0].astype(np.float64)


@pytest.mark.parametrize(("of_crossencoder", "imitated"), [(False, 2), (True, 0)])
def test_a_crossencoder_to_start_from_imitates_nothing(
    tmp_path: Path,
    base: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    of_crossencoder: bool,
    imitated: int,
) -> None:
    if of_crossencoder:
        base = str(save_crossencoder(tmp_path / "start", base))
    chosen: list[MiningOptions] = []

    def mine(*given: Any, **named: Any) -> RankingRows:
        chosen.append(given[2])
        raise InputError("enough")

    monkeypatch.setattr("retrieval.engine.reranking.training.mine", mine)
    beir(tmp_path / "beir")
    for asked in (None, 5):
        with pytest.raises(InputError, match="enough"):
            train(tmp_path, base, MiningOptions(validation="dev", imitations=asked))
    assert [one.imitations for one in chosen] == [imitated, 5]
