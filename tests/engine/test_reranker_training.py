"""Training rerankers on judged queries: what is mined, how it is split, what is published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrieval
from retrieval.encode.crossencoder_folder import require_crossencoder
from retrieval.engine.reranking.mining import mine_lists, mine_pairs, numbered, split_tasks
from retrieval.engine.reranking.options import MiningOptions
from retrieval.engine.reranking.training import train_reranker
from retrieval.errors import InputError, TrainingError, UsageError
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.rerank.learned import read_blend
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.crossencoder.ranked import RankedLists, learned_blend
from retrieval.train.options import Device, Precision, TrainOptions
from tests.engine.corpora import built, jsonl, qrels_tsv
from tests.train.models import BAD, GOOD, save_tiny_base

QUERIES = 30


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_base(tmp_path_factory.mktemp("base") / "tiny"))


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def beir(folder: Path, *, judged_bad: bool = True, honest: bool = True) -> Path:
    """Write a BEIR folder whose relevant documents are told by a good word.

    A first stage cannot tell them from the others, which hold the query's word, too.
    """
    generator = np.random.default_rng(4)
    documents, queries = [], []
    qrels: dict[str, dict[str, int]] = {}
    for n in range(QUERIES):
        queries.append({"_id": f"q{n}", "text": f"u{n}"})
        relevant = int(generator.integers(4))
        qrels[f"q{n}"] = {}
        for m in range(4):
            good = (m == relevant) if honest else bool(generator.integers(2))
            word = GOOD[(n + m) % 5] if good else BAD[(n + m) % 5]
            documents.append({"_id": f"d{n}-{m}", "text": f"the u{n} was {word}"})
            if m == relevant:
                qrels[f"q{n}"][f"d{n}-{m}"] = 1
            elif judged_bad:
                qrels[f"q{n}"][f"d{n}-{m}"] = 0
    (folder / "qrels").mkdir(parents=True)
    jsonl(folder / "corpus.jsonl", documents)
    jsonl(folder / "queries.jsonl", queries)
    ids = list(qrels)
    qrels_tsv(folder / "qrels" / "train.tsv", {one: qrels[one] for one in ids[:20]})
    qrels_tsv(folder / "qrels" / "dev.tsv", {one: qrels[one] for one in ids[18:]})
    return folder


def options(base: str, **given: Any) -> CrossencoderOptions:
    train: dict[str, Any] = {"epochs": 12, "batch_size": 8, "max_length": 32, "patience": None}
    train |= {"learning_rate": 5e-3, "device": Device.CPU, "precision": Precision.FP32, **given}
    return CrossencoderOptions(base=base, train=TrainOptions(checkpoint_s=1e9, **train))


def train(place: Path, base: str, mining: MiningOptions, **given: Any) -> Any:
    folder = place / "beir"
    built(folder, place / "home", index="b").close()
    return train_reranker(
        folder,
        place / "model",
        options(base, **given),
        mining=mining,
        indexes=["b"],
        home=place / "home",
    )


def test_a_reranker_that_beats_its_first_stage_is_published_with_its_weight(
    tmp_path: Path, base: str
) -> None:
    beir(tmp_path / "beir")
    card = train(tmp_path, base, MiningOptions(validation="dev", candidates=8))
    learned = read_blend(tmp_path / "model")
    assert learned is not None
    assert card.checks["reranking"] == learned.to_json()
    assert card.measure == "nDCG@10"
    assert learned.queries == 12
    assert learned.value > learned.first + 0.1
    assert learned.low <= learned.difference <= learned.high
    assert card.rows["labels"]["relevant"] == 18  # two queries are dev's as well
    require_crossencoder(tmp_path / "model", "model")


def test_a_reranker_that_does_not_is_refused_with_both_figures(tmp_path: Path, base: str) -> None:
    beir(tmp_path / "beir", honest=False)
    with pytest.raises(TrainingError, match=r"0\.\d{4}, and 0\.\d{4} with its first stage alone"):
        train(tmp_path, base, MiningOptions(validation="dev"), epochs=1, learning_rate=1e-9)
    assert not (tmp_path / "model").exists()


def index_of(place: Path, **given: Any) -> retrieval.Index:
    return built(beir(place / "beir", **given), place / "home")


def test_validation_queries_share_no_relevant_document_with_the_others(tmp_path: Path) -> None:
    beir(tmp_path / "beir")
    shared = {f"q{n}": {f"d{n}-0": 1, f"d{n - n % 2}-1": 1} for n in range(20)}
    qrels_tsv(tmp_path / "beir" / "qrels" / "train.tsv", shared)
    with built(tmp_path / "beir", tmp_path / "home") as index:
        found = split_tasks(index, MiningOptions(validation=0.4), seed=1)
        documents = [
            {doc for one in task.qrels.query_ids for doc in task.qrels.grades_of(one)}
            for task in (found.train, found.validation)
        ]
        assert not documents[0] & documents[1]
        assert len(found.validation.queries) == 8
        assert len(set(found.groups.tolist())) == 4


def test_queries_of_another_split_s_documents_are_left_out(tmp_path: Path) -> None:
    with index_of(tmp_path) as index:
        found = split_tasks(index, MiningOptions(validation="dev"), seed=1)
        assert found.dropped == 2
        assert [one.query_id for one in found.validation.queries] == [
            f"q{n}" for n in range(18, 30)
        ]
        with pytest.raises(InputError, match="no judgments of a split 'nothing'"):
            split_tasks(index, MiningOptions(validation="nothing"), seed=1)


def mined(index: retrieval.Index, *, answers: int = 0, **given: Any) -> Any:
    how = MiningOptions(validation="dev", answers=answers, **given)
    return mine_pairs(index, split_tasks(index, how, seed=1).train, how, seed=1)


def test_judged_documents_are_the_first_negatives(tmp_path: Path) -> None:
    with index_of(tmp_path) as index:
        found = mined(index, negatives=2)
    assert len(found.targets) == 18 * 3
    assert found.judged == 18 * 2
    for query, passage, target in zip(found.first, found.second, found.targets, strict=True):
        assert query in passage
        assert any(word in passage.split() for word in GOOD) == bool(target)


def test_each_relevant_passage_competes_with_hard_ones_of_its_own(tmp_path: Path) -> None:
    beir(tmp_path / "beir", judged_bad=False)
    several = {f"q{n}": {f"d{n}-0": 1, f"d{n}-1": 1} for n in range(20)}
    qrels_tsv(tmp_path / "beir" / "qrels" / "train.tsv", several)
    with built(tmp_path / "beir", tmp_path / "home") as index:
        found = mined(index, negatives=3)
    queries = len(set(found.first))
    assert found.count == 2 * queries >= 36
    groups = np.array(found.groups)
    assert np.all(np.diff(groups) >= 0)
    for query in range(queries):
        own = np.flatnonzero(groups // 2 == query).tolist()
        assert len({found.first[at] for at in own}) == 1
        assert len({found.second[at] for at in own}) == len(own) == 8
    for group in range(found.count):
        assert np.array(found.targets)[groups == group].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_answers_to_other_queries_compete_as_well(tmp_path: Path) -> None:
    with index_of(tmp_path) as index:
        found = mined(index, negatives=2, answers=2)
    assert len(found.targets) == 18 * 5
    strange = [
        passage
        for query, passage, target in zip(found.first, found.second, found.targets, strict=True)
        if query not in passage.split() and not target
    ]
    assert len(strange) == 18 * 2
    assert all(any(word in one.split() for word in GOOD) for one in strange)


def test_an_answer_that_may_be_one_to_this_query_as_well_is_left_out(tmp_path: Path) -> None:
    beir(tmp_path / "beir")
    several = {f"q{n}": {f"d{n}-0": 1, f"d{n}-1": 0} for n in range(10)}
    several["q10"] = {f"d{n}-2": 1 for n in range(10)}  # as near to the others as their own
    qrels_tsv(tmp_path / "beir" / "qrels" / "train.tsv", several)
    with built(tmp_path / "beir", tmp_path / "home") as index:
        found = mined(index, negatives=1, answers=60)
    rows = list(zip(found.first, found.second, found.targets, strict=True))
    for n in range(10):
        negatives = [passage for query, passage, target in rows if query == f"u{n}" and not target]
        assert len(negatives) > 10
        assert len([one for one in negatives if f"u{n}" in one.split()]) == 1  # the judged one


def test_what_may_be_relevant_is_no_negative(tmp_path: Path) -> None:
    with index_of(tmp_path, judged_bad=False) as index:
        found = mined(index, negatives=3, margin=0.6)
        assert found.guarded >= 18 * 3
        rows = list(zip(found.first, found.second, found.targets, strict=True))
        # the others with the query's word are as near to it as the relevant one
        assert not [one for one, passage, target in rows if not target and one in passage.split()]
        bold = mined(index, negatives=3, margin=0.0)
    pairs = zip(bold.first, bold.second, bold.targets, strict=True)
    assert [one for one, passage, target in pairs if not target and one in passage.split()]


def test_mining_is_the_same_every_time_and_another_by_seed(tmp_path: Path) -> None:
    with index_of(tmp_path, judged_bad=False) as index:
        how = MiningOptions(validation="dev", negatives=2)
        task = split_tasks(index, how, seed=1).train
        one, again, other = (mine_pairs(index, task, how, seed=seed) for seed in (1, 1, 2))
    assert one.second == again.second
    assert one.second != other.second


def test_candidates_are_the_best_or_those_judged(tmp_path: Path) -> None:
    with index_of(tmp_path) as index:
        how = MiningOptions(validation="dev", candidates=6)
        task = split_tasks(index, how, seed=1).validation
        best = mine_lists(index, task, how)
        assert np.bincount(best.owners).tolist() == [6] * 12
        judged = mine_lists(index, task, MiningOptions(validation="dev", judged_only=True))
    assert np.bincount(judged.owners).tolist() == [4] * 12
    for found in (best, judged):
        assert sum(found.targets) == 12
        for query in range(12):
            own = [at for at, one in enumerate(found.owners) if one == query]
            scores = [found.first[at] for at in own]
            assert scores == sorted(scores, reverse=True)


def lists_of(grades: Mapping[str, Mapping[str, int]], candidates: int = 4) -> RankedLists:
    """Return queries whose first stage ranks d0, d1, ... ."""
    count = len(grades)
    return RankedLists(
        qrels=Qrels.from_mapping(grades),
        groups=np.arange(count),
        owners=np.repeat(np.arange(count), candidates),
        doc_ids=tuple(f"d{at}" for at in range(candidates)) * count,
        first=np.tile(np.linspace(1, 0.5, candidates), count),
        measure=Measure.parse("nDCG@10"),
        first_stage="made",
    )


def test_a_perfect_reranker_is_trusted_and_a_contrary_one_is_not() -> None:
    lists = lists_of({f"q{n}": {f"d{1 + n % 3}": 1} for n in range(20)})
    wanted = np.array([f"d{1 + at // 4 % 3}" == one for at, one in enumerate(lists.doc_ids)])
    perfect = learned_blend(lists, 5.0 * wanted, seed=0)
    assert perfect.rerank == perfect.value == 1.0
    assert perfect.difference == pytest.approx(1.0 - perfect.first)
    assert perfect.low > 0
    contrary = learned_blend(lists, -5.0 * wanted, seed=0)
    assert contrary.weight <= 0.25
    assert contrary.difference == 0.0  # nothing is better than to leave it out


def test_documents_not_found_count_against_a_ranking() -> None:
    lists = lists_of({f"q{n}": {"d0": 1, "elsewhere": 1} for n in range(12)})
    assert lists.values(lists.first).max() < 1.0


def test_too_few_groups_tell_nothing() -> None:
    with pytest.raises(InputError, match="make 9; at least 10 groups"):
        lists_of({f"q{n}": {"d0": 1} for n in range(9)})


def test_groups_of_two_collections_are_kept_apart() -> None:
    found = numbered([np.array([0, 1, 1]), np.array([0, 2])])
    assert found.tolist() == [0, 1, 1, 2, 4]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"negatives": 0}, "negatives is 0"),
        ({"imitations": -1}, "imitations is -1"),
        ({"candidates": 1}, "candidates is 1"),
        ({"margin": 1.0}, "margin"),
        ({"validation": 0.0}, "share of queries"),
        ({"validation": "train"}, "both trained and validated"),
    ],
)
def test_mining_options_out_of_range_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        MiningOptions(**given)


def test_two_folders_are_learned_from_together(tmp_path: Path, base: str) -> None:
    folders = [beir(tmp_path / name) for name in ("one", "two")]
    for name in ("one", "two"):
        built(tmp_path / name, tmp_path / "home", index=name).close()
    card = train_reranker(
        folders,
        tmp_path / "model",
        options(base, epochs=12),
        mining=MiningOptions(validation="dev", candidates=8),
        indexes=["one", "two"],
        home=tmp_path / "home",
    )
    assert card.checks["reranking"]["queries"] == 24
    assert card.rows["labels"]["relevant"] == 36
    with pytest.raises(UsageError, match="2 folders came with 1 indexes"):
        train_reranker(folders, tmp_path / "other", indexes=["one"])
