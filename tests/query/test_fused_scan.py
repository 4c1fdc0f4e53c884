from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.exact import MARGIN
from retrieval.query.fused_scan import FusionScale, Seen, worth_a_look


@given(
    seed=st.integers(0, 2**32 - 1),
    k=st.integers(1, 40),
    weight=st.floats(0.0, 1.0),
    spread=st.sampled_from([1.0, 1e-4, 1e-5, 0.0]),
    segments=st.integers(1, 3),
    known=st.none() | st.integers(1, 12),
)
def test_whatever_can_be_among_the_best_is_looked_at(
    seed: int, k: int, weight: float, spread: float, segments: int, known: int | None
) -> None:
    """With all cosines known, or those of the ``known`` nearest and of two others."""
    generator = np.random.default_rng(seed)
    exact = [0.5 + spread * generator.random(12) for _ in range(segments)]
    scaled = spread if known is None else 1.0
    words = [generator.integers(0, 3, size=12).astype(np.float64) * scaled for _ in exact]
    hidden = [generator.random(12) < 0.2 for _ in exact]
    seen = []
    for dense, own in zip(exact, hidden, strict=True):
        rough = (dense + generator.uniform(-0.9, 0.9, size=12) * MARGIN).astype(np.float32)
        if known is None:
            seen.append(Seen(None, rough))
            continue
        shown = np.flatnonzero(~own)
        nearest = shown[np.argsort(-dense[shown])][:known]
        units = np.union1d(nearest, generator.integers(0, 12, size=2))
        rest = float(dense[nearest].min()) if len(nearest) == known else -np.inf
        seen.append(Seen(units, rough[units], rest))
    scale = FusionScale(
        greatest_dense=max(float(one.max()) for one in exact),
        greatest_lexical=max(float(one.max()) for one in words),
        weight=weight,
    )
    look = worth_a_look(seen, words, [~one for one in hidden], scale, k)
    fused = [scale.fused(one, own) for one, own in zip(exact, words, strict=True)]
    best = np.sort(np.concatenate(fused)[~np.concatenate(hidden)])[::-1][:k]
    least = best[-1] if len(best) == k else -np.inf
    for scores, own, chosen in zip(fused, hidden, look.chosen, strict=True):
        for bound in (least, look.sure):
            wanted = np.flatnonzero((scores >= bound) & ~own)
            assert set(wanted.tolist()) <= set(chosen.tolist())
        assert not own[chosen].any()


@pytest.mark.parametrize(
    ("weight", "greatest_lexical", "dense", "fused", "least"),
    [
        (0.5, 4.0, 1.0, 0.75, 2.0),
        (0.5, 4.0, 0.0, 0.75, 4.0),
        (0.5, 4.0, 1.0, 0.5, 0.0),
        (0.5, 4.0, 1.0, -np.inf, 0.0),
        (1.0, 4.0, 0.0, 0.75, np.inf),
        (0.5, 0.0, 0.0, 0.75, np.inf),
    ],
)
def test_the_words_that_a_fused_score_takes(
    weight: float, greatest_lexical: float, dense: float, fused: float, least: float
) -> None:
    scale = FusionScale(greatest_dense=1.0, greatest_lexical=greatest_lexical, weight=weight)
    found = scale.least_lexical(dense, fused)
    assert found == pytest.approx(least)
    assert found <= least


def test_few_are_looked_at_where_scores_differ() -> None:
    scale = FusionScale(greatest_dense=1.0, greatest_lexical=0.0, weight=1.0)
    rough = [np.linspace(0, 1, 1000, dtype=np.float32)]
    look = worth_a_look([Seen(None, one) for one in rough], [np.zeros(1000)], [None], scale, 10)
    assert look.chosen[0].tolist() == list(range(990, 1000))


def test_with_nothing_to_find_nothing_is_looked_at() -> None:
    scale = FusionScale(greatest_dense=0.0, greatest_lexical=0.0, weight=0.5)
    assert worth_a_look([], [], [], scale, 3).chosen == []
    hidden = np.zeros(4, dtype=bool)
    seen = Seen(None, np.zeros(4, dtype=np.float32))
    look = worth_a_look([seen], [np.zeros(4)], [hidden], scale, 3)
    assert look.chosen[0].tolist() == []
    assert look.sure == pytest.approx(-np.inf)
