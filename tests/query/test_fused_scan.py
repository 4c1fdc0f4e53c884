from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.exact import MARGIN
from retrieval.query.fused_scan import FusionScale, worth_a_look


@given(
    seed=st.integers(0, 2**32 - 1),
    k=st.integers(1, 40),
    weight=st.floats(0.0, 1.0),
    spread=st.sampled_from([1.0, 1e-4, 1e-5, 0.0]),
    segments=st.integers(1, 3),
)
def test_whatever_is_sure_is_among_what_is_looked_at(
    seed: int, k: int, weight: float, spread: float, segments: int
) -> None:
    generator = np.random.default_rng(seed)
    exact = [0.5 + spread * generator.random(12) for _ in range(segments)]
    words = [generator.integers(0, 3, size=12).astype(np.float64) * spread for _ in range(segments)]
    hidden = [generator.random(12) < 0.2 for _ in range(segments)]
    rough = [
        (one + generator.uniform(-0.9, 0.9, size=12) * MARGIN).astype(np.float32) for one in exact
    ]
    scale = FusionScale(
        greatest_dense=max(float(one.max()) for one in exact),
        greatest_lexical=max(float(one.max()) for one in words),
        weight=weight,
    )
    look = worth_a_look(rough, words, [~one for one in hidden], scale, k)
    fused = [scale.fused(one, own) for one, own in zip(exact, words, strict=True)]
    every = np.concatenate(fused)[~np.concatenate(hidden)]
    best = np.sort(every)[::-1][:k]
    least = best[-1] if len(best) == k else -np.inf
    for scores, own, chosen in zip(fused, hidden, look.chosen, strict=True):
        wanted = np.flatnonzero((scores >= least) & ~own)
        assert set(wanted.tolist()) <= set(chosen.tolist())
        sure = np.flatnonzero((scores >= look.sure) & ~own)
        assert set(sure.tolist()) <= set(chosen.tolist())
        assert not own[chosen].any()


def test_few_are_looked_at_where_scores_differ() -> None:
    scale = FusionScale(greatest_dense=1.0, greatest_lexical=0.0, weight=1.0)
    rough = [np.linspace(0, 1, 1000, dtype=np.float32)]
    look = worth_a_look(rough, [np.zeros(1000)], [None], scale, 10)
    assert look.chosen[0].tolist() == list(range(990, 1000))


def test_with_nothing_to_find_nothing_is_looked_at() -> None:
    scale = FusionScale(greatest_dense=0.0, greatest_lexical=0.0, weight=0.5)
    assert worth_a_look([], [], [], scale, 3).chosen == []
    hidden = np.zeros(4, dtype=bool)
    look = worth_a_look([np.zeros(4, dtype=np.float32)], [np.zeros(4)], [hidden], scale, 3)
    assert look.chosen[0].tolist() == []
    assert look.sure == pytest.approx(-np.inf)
