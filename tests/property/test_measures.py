from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.measures.catalogue import MEASURES
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.parameters import Gain, Parameters, Ties
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run

NAMES = (
    "AP", "AP@3", "P@3", "R@3", "F1@3", "RR", "RR@2", "nDCG", "nDCG@3", "nDCG(gain=exp)", "Rprec",
    "Success@2", "bpref", "RBP", "IPrec@0.0", "IPrec@0.5", "AUC",
)  # fmt: skip
EVERY = [Measure.parse(name) for name in (*NAMES, "Judged@3", "P(rel=2)@3", "bpref(rel=2)")]
EVERY += [
    Measure.parse(
        f"{name.partition('@')[0].partition('(')[0]}(ties=id){''.join(name.partition('@')[1:])}"
    )
    for name in NAMES
]
DOCUMENTS = st.text("abcdef", min_size=1, max_size=2)
SCORES = st.sampled_from([0.0, -0.0, 0.25, 0.5, 0.5 + 1e-12, 1.0, -3.0, 1e30, -1e-40])
QUERIES = st.sampled_from(["q", "p", "o"])
JUDGMENTS = st.dictionaries(
    QUERIES, st.dictionaries(DOCUMENTS, st.integers(-1, 4), max_size=9), min_size=1
)
RUNS = st.dictionaries(QUERIES, st.dictionaries(DOCUMENTS, SCORES, max_size=14))


@settings(max_examples=200)
@given(judgments=JUDGMENTS, run=RUNS)
def test_values_lie_between_0_and_1(
    judgments: dict[str, dict[str, int]], run: dict[str, dict[str, float]]
) -> None:
    found = evaluate(Qrels.from_mapping(judgments), Run.from_mapping("r", run), EVERY)
    assert ((found.values >= 0.0) & (found.values <= 1.0)).all()
    assert 0.0 <= found.tied_share <= 1.0


@settings(max_examples=100)
@given(judgments=JUDGMENTS, run=RUNS, random=st.randoms(use_true_random=False))
def test_the_order_of_the_input_is_of_no_matter(
    judgments: dict[str, dict[str, int]], run: dict[str, dict[str, float]], random: object
) -> None:
    def shuffled(rows: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
        outer = list(rows.items())
        random.shuffle(outer)  # type: ignore[attr-defined]
        mixed = {}
        for key, inner in outer:
            pairs = list(inner.items())
            random.shuffle(pairs)  # type: ignore[attr-defined]
            mixed[key] = dict(pairs)
        return mixed

    first = evaluate(Qrels.from_mapping(judgments), Run.from_mapping("r", run), EVERY)
    other = evaluate(
        Qrels.from_mapping(shuffled(judgments)),  # type: ignore[arg-type]
        Run.from_mapping("r", shuffled(run)),  # type: ignore[arg-type]
        EVERY,
    )
    places = [other.query_ids.index(one) for one in first.query_ids]
    assert first.values == pytest.approx(other.values[:, places], abs=1e-12)
    assert first.tied_share == other.tied_share


@settings(max_examples=200)
@given(
    grades=st.lists(st.sampled_from([None, 0, 1, 1, 2]), min_size=2, max_size=12),
    unfound=st.lists(st.integers(0, 2), max_size=3),
    groups=st.lists(st.integers(0, 5), min_size=12, max_size=12),
    listed=st.booleans(),
    data=st.data(),
)
def test_no_value_falls_when_a_relevant_hit_moves_up(
    grades: list[int | None],
    unfound: list[int],
    groups: list[int],
    listed: bool,
    data: st.DataObject,
) -> None:
    """A relevant hit changes places with one above it that is not relevant.

    AP of groups, which is scikit-learn's, may fall then (see ``test_ap.py``); it is looked
    at where every hit has a score of its own.
    """
    scores = sorted(groups[: len(grades)], reverse=True)
    if listed:
        scores = list(range(len(grades), 0, -1))
    names = [name for name in NAMES if listed or not name.startswith("AP")]
    swaps = [
        (upper, lower)
        for upper, above in enumerate(grades)
        for lower in range(upper + 1, len(grades))
        if (grades[lower] or 0) > (above or 0) == 0
    ]
    if not swaps:
        return
    upper, lower = data.draw(st.sampled_from(swaps))
    better = list(grades)
    better[upper], better[lower] = grades[lower], grades[upper]
    measures = [Measure.parse(name) for name in names]

    def measured(order: list[int | None]) -> np.ndarray:
        judged = {f"d{at:02d}": grade for at, grade in enumerate(order) if grade is not None}
        judged |= {f"u{at}": grade for at, grade in enumerate(unfound)}
        hits = {f"d{at:02d}": float(score) for at, score in enumerate(scores)}
        return evaluate(
            Qrels.from_mapping({"q": judged}), Run.from_mapping("r", {"q": hits}), measures
        ).values[:, 0]

    assert (measured(better) >= measured(grades) - 1e-12).all()


@st.composite
def any_measure(draw: st.DrawFn) -> Measure:
    definition: Definition = draw(st.sampled_from(list(MEASURES)))
    told: dict[str, object] = {}
    if definition.at is At.CUTOFF or (
        definition.at is At.CUTOFF_OR_NOTHING and draw(st.booleans())
    ):
        told["cutoff"] = draw(st.integers(1, 10**9 - 1))
    if definition.at is At.LEVEL:
        told["level"] = draw(st.floats(0.0, 1.0))
    choices = {
        Takes.REL: st.integers(1, 99),
        Takes.TIES: st.sampled_from(Ties),
        Takes.GAIN: st.sampled_from(Gain),
        Takes.P: st.floats(0.0, 1.0, exclude_min=True, exclude_max=True),
    }
    for name in sorted(definition.takes):
        if draw(st.booleans()):
            told[name.value] = draw(choices[name])
    return Measure(definition.name, Parameters(**told))  # type: ignore[arg-type]


@settings(max_examples=300)
@given(measure=any_measure())
def test_a_measure_parses_from_what_it_prints(measure: Measure) -> None:
    assert Measure.parse(str(measure)) == measure
    assert Measure.parse(str(measure).upper()) == measure
    assert str(Measure.parse(str(measure))) == str(measure)
