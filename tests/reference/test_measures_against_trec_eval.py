"""Every measure trec_eval has, on real judgments, query by query."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import numpy as np
import pytest
import pytrec_eval

from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.formats import read_qrels, read_run, write_run
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from retrieval.fsops import LocalFiles

FOLDER = Path(__file__).parents[2].parent / "shared" / "data"
COLLECTIONS = {
    "scifact": "scifact/qrels/test.tsv",
    "cranfield": "cranfield/qrels/test.tsv",
    "cranfield graded": "cranfield/qrels/graded_gain.tsv",
    "cisi": "cisi/qrels/test.tsv",
    "trec dl 2019": "trec_dl19/qrels.dl19-passage.txt.gz",
    "trecqa": "trecqa/qrels/test.tsv",
}
CUTOFFS = (5, 10, 15, 20, 30, 100, 200, 500, 1000)
LEVELS = tuple(level / 10 for level in range(11))
SAME_WITH_REL = {
    "AP": "map",
    "RR": "recip_rank",
    "Rprec": "Rprec",
    "bpref": "bpref",
    **{f"AP@{k}": f"map_cut_{k}" for k in CUTOFFS},
    **{f"P@{k}": f"P_{k}" for k in CUTOFFS},
    **{f"R@{k}": f"recall_{k}" for k in CUTOFFS},
    **{f"Success@{k}": f"success_{k}" for k in (1, 5, 10)},
    **{f"IPrec@{level}": f"iprec_at_recall_{level:.2f}" for level in LEVELS},
}
SAME = {**SAME_WITH_REL, "nDCG": "ndcg", **{f"nDCG@{k}": f"ndcg_cut_{k}" for k in CUTOFFS}}
FAMILIES = {
    "map",
    "recip_rank",
    "Rprec",
    "bpref",
    "map_cut",
    "P",
    "recall",
    "success",
    "iprec_at_recall",
    "ndcg",
    "ndcg_cut",
}
IR_MEASURES = ("AP", "AP@50", "P@7", "R@7", "RR", "RR@10", "nDCG@7", "Rprec", "Judged@50", "Bpref")


def judgments(collection: str) -> Qrels:
    path = FOLDER / COLLECTIONS[collection]
    if not path.exists():
        pytest.skip(f"the real collections are missing: {path} does not exist")
    return read_qrels(path)


def random_run(qrels: Qrels, seed: int, depth: int = 1000) -> dict[str, dict[str, float]]:
    """Draw 1,000 hits a query, judged documents more likely among the first.

    Scores are multiples of 1/4096, so they differ as float32 too. A few queries are left
    out, one finds nothing relevant, and documents nobody judged fill the rest.
    """
    chance = np.random.default_rng(seed)
    pool = sorted(set(qrels.doc_ids)) + [f"unjudged-{number}" for number in range(2 * depth)]
    run: dict[str, dict[str, float]] = {}
    for at, query_id in enumerate(qrels.query_ids):
        if at % 17 == 16:
            continue
        judged = list(qrels.grades_of(query_id))
        found = [one for one in judged if chance.random() < 0.7 and at % 13 != 12]
        others = [pool[place] for place in chance.permutation(len(pool))]
        rest = [one for one in others if one not in set(judged)][: depth - len(found)]
        documents = (found + rest)[:depth]
        height = chance.permutation(2 * depth)[: len(documents)].astype(float)
        height[: len(found)] += chance.integers(0, 2 * depth, len(found))
        order = np.argsort(height)
        scores = {documents[place]: (rank - 200) / 4096 for rank, place in enumerate(order)}
        run[query_id] = {one: scores[one] for one in documents}
    return run


def differences(
    qrels: Qrels,
    run: dict[str, dict[str, float]],
    names: dict[str, str],
    rel: int,
    suffix: str = "",
) -> dict[str, float]:
    """Return the greatest difference of each measure over all queries."""
    peer = pytrec_eval.RelevanceEvaluator(qrels.to_mapping(), FAMILIES, relevance_level=rel)
    theirs = peer.evaluate(run)
    measures = [Measure.parse(f"{name}{suffix}") for name in names]
    ours = evaluate(qrels, Run.from_mapping("random", run), measures)
    found = {}
    for row, (name, theirs_name) in enumerate(names.items()):
        wanted = [theirs.get(one, {}).get(theirs_name, 0.0) for one in qrels.query_ids]
        found[name] = float(np.abs(ours.values[row] - wanted).max())
    return found


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_query_agrees_with_trec_eval(collection: str, seed: int) -> None:
    qrels = judgments(collection)
    found = differences(qrels, random_run(qrels, seed), SAME, rel=1)
    assert {name: error for name, error in found.items() if error > 1e-6} == {}


@pytest.mark.parametrize("rel", [2, 3])
@pytest.mark.parametrize("collection", ["cranfield graded", "trec dl 2019"])
def test_a_relevance_threshold_agrees_with_trec_eval(collection: str, rel: int) -> None:
    qrels = judgments(collection)
    found = differences(qrels, random_run(qrels, 3), SAME_WITH_REL, rel, f"(rel={rel})")
    assert {name: error for name, error in found.items() if error > 1e-6} == {}


@pytest.mark.parametrize("collection", ["cranfield graded", "trec dl 2019"])
def test_ties_by_id_are_trec_evals_ties(collection: str) -> None:
    qrels = judgments(collection)
    chance = np.random.default_rng(4)
    run = {
        query_id: {
            one: round(score * 20) + float(chance.integers(0, 3)) * 1e-9
            for one, score in hits.items()
        }
        for query_id, hits in random_run(qrels, 4).items()
    }
    found = differences(qrels, run, SAME, rel=1, suffix="(ties=id)")
    assert {name: error for name, error in found.items() if error > 1e-6} == {}
    grouped = differences(qrels, run, SAME, rel=1)
    assert grouped["AP"] > 1e-3  # the run does have ties that matter


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_query_agrees_with_ir_measures(collection: str) -> None:
    qrels = judgments(collection)
    run = random_run(qrels, 5)
    measures = [Measure.parse(name) for name in IR_MEASURES]
    ours = evaluate(qrels, Run.from_mapping("random", run), measures)
    asked = [ir_measures.parse_measure(name) for name in IR_MEASURES]
    theirs = {
        (str(one.measure), one.query_id): one.value
        for one in ir_measures.iter_calc(asked, qrels.to_mapping(), run)
    }
    for row, measure in enumerate(asked):
        wanted = [theirs.get((str(measure), one), 0.0) for one in qrels.query_ids]
        assert np.abs(ours.values[row] - wanted).max() <= 1e-6, str(measure)
    means = ir_measures.calc_aggregate(asked[:1], qrels.to_mapping(), run)
    assert ours.means()[0] == pytest.approx(means[asked[0]], abs=1e-6)


def test_trec_eval_ranks_a_written_run_in_our_order(tmp_path: Path) -> None:
    qrels = judgments("trec dl 2019")
    hits = {
        query_id: {one: round(score * 20) / 20 for one, score in found.items()}
        for query_id, found in random_run(qrels, 6).items()
    }
    run = Run.from_mapping("tied", hits)
    write_run(LocalFiles(), tmp_path / "run", run)
    with (tmp_path / "run").open() as lines:
        theirs = pytrec_eval.parse_run(lines)
    listed = {
        query_id: {one: -float(rank) for rank, (one, _) in enumerate(run.ranking(query_id))}
        for query_id in run.query_ids
    }
    peer = pytrec_eval.RelevanceEvaluator(qrels.to_mapping(), {"map", "ndcg", "P"})
    assert peer.evaluate(theirs) == peer.evaluate(listed)
    assert peer.evaluate(hits) != peer.evaluate(listed)
    again = read_run(tmp_path / "run")
    measures = [Measure.parse("AP"), Measure.parse("AP(ties=id)")]
    values = evaluate(qrels, again, measures).values
    assert (values[0] == values[1]).all()
