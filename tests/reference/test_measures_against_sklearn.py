"""AP and AUC of scored labels with ties beside scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run

VECTORS = 1000


def test_a_thousand_vectors_with_ties_agree_with_scikit_learn() -> None:
    chance = np.random.default_rng(7)
    labels, scores = [], []
    for _ in range(VECTORS):
        size = int(chance.integers(2, 200))
        label = chance.random(size) < chance.uniform(0.05, 0.95)
        label[:2] = [True, False]
        levels = int(chance.integers(1, 60))
        labels.append(chance.permutation(label))
        scores.append(chance.integers(0, levels, size) / levels)
    names = [[f"{place:03d}" for place in chance.permutation(len(one))] for one in labels]
    qrels = Qrels.from_mapping(
        {
            str(at): {name: int(one) for name, one in zip(names[at], label, strict=True)}
            for at, label in enumerate(labels)
        }
    )
    run = Run.from_mapping(
        "random",
        {str(at): dict(zip(names[at], one.tolist(), strict=True)) for at, one in enumerate(scores)},
    )
    found = evaluate(qrels, run, [Measure.parse(one) for one in ("AP", "AUC", "nDCG", "nDCG@10")])
    assert found.tied_share > 0.5
    pairs = list(zip(labels, scores, strict=True))
    peers = [
        [average_precision_score(label, score) for label, score in pairs],
        [roc_auc_score(label, score) for label, score in pairs],
        [ndcg_score([label], [score]) for label, score in pairs],
        [ndcg_score([label], [score], k=10) for label, score in pairs],
    ]
    for values, wanted in zip(found.values, peers, strict=True):
        assert values == pytest.approx(np.array(wanted), abs=1e-9)
