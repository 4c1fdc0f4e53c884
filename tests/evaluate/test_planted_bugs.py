"""The cases of the formula tests tell each measure from wrong versions of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import fmean

import numpy as np
import pytest

from tests.evaluate.cases import (
    CASES,
    Case,
    Formula,
    Listing,
    count,
    evaluated,
    relevant,
    share,
    values,
)

LISTED = tuple(Case(tuple([one] for g in case.groups for one in g), case.unfound) for case in CASES)
"""The same hits, each with a score of its own."""


def ranks(order: Listing, k: int = 1000) -> list[int]:
    return [rank for rank, grade in enumerate(order[:k], start=1) if relevant(grade)]


def found(order: Listing, _: list[int]) -> int:
    return count(order)


def all_relevant(_: Listing, judged: list[int]) -> int:
    return count(judged)


Whole = Callable[[Listing, list[int]], float]


def ap(k: int = 1000, shift: int = 0, whole: Whole = all_relevant) -> Formula:
    def formula(order: Listing, judged: list[int]) -> float:
        precisions = [at / (rank + shift) for at, rank in enumerate(ranks(order, k), start=1)]
        return share(math.fsum(precisions), whole(order, judged))

    return formula


def hits(k: int, whole: Whole) -> Formula:
    return lambda order, judged: share(count(order[: max(k, 0)]), whole(order, judged))


def f1(k: int, whole: Whole = all_relevant) -> Formula:
    return lambda order, judged: share(2 * count(order[:k]), k + whole(order, judged))


def rprec(shift: int = 0, whole: Whole = all_relevant) -> Formula:
    return lambda order, judged: share(
        count(order[: max(count(judged) + shift, 0)]), whole(order, judged)
    )


def rr(k: int = 1000, shift: int = 0) -> Formula:
    return lambda order, _: 1 / (ranks(order, k)[0] + shift) if ranks(order, k) else 0.0


def success(k: int) -> Formula:
    return lambda order, _: float(bool(ranks(order, k)))


def ndcg(
    k: int = 1000,
    shift: int = 0,
    gain: Callable[[int], float] = float,
    ideal_of: Callable[[Listing, list[int]], list[int]] = lambda _, judged: judged,
    ideal_k: int | None = None,
) -> Formula:
    def dcg(grades: Listing, cutoff: int) -> float:
        return math.fsum(
            gain(grade) / math.log2(rank + 1 + shift)
            for rank, grade in enumerate(grades[:cutoff], start=1)
            if grade is not None
        )

    def formula(order: Listing, judged: list[int]) -> float:
        ideal: Listing = [*sorted(ideal_of(order, judged), reverse=True)]
        return share(dcg(order, k), dcg(ideal, k if ideal_k is None else ideal_k))

    return formula


def bpref(
    shift: int = 0,
    whole: Whole = all_relevant,
    bound: Callable[[int, int], int] = min,
    unjudged_count: bool = False,
) -> Formula:
    def formula(order: Listing, judged: list[int]) -> float:
        total, passed, hits = 0.0, shift, count(judged)
        others = len(judged) - hits
        for grade in order:
            if relevant(grade):
                loss = min(passed, hits) / max(bound(others, hits), 1) if passed else 0.0
                total += 1 - loss
            elif grade is not None or unjudged_count:
                passed += 1
        return share(total, whole(order, judged))

    return formula


def rbp(p: float = 0.8, shift: int = 0, scale: float = 0.2) -> Formula:
    return lambda order, _: scale * math.fsum(p ** (rank - 1 + shift) for rank in ranks(order))


def judged_share(k: int, whole: Whole) -> Formula:
    return lambda order, judged: share(
        sum(grade is not None for grade in order[:k]), whole(order, judged)
    )


def iprec(level: float, shift: int = 0, whole: Whole = all_relevant, best: bool = True) -> Formula:
    def formula(order: Listing, judged: list[int]) -> float:
        needed = math.floor(level * whole(order, judged) + 0.9)
        at_ranks = [
            at / (rank + shift) for at, rank in enumerate(ranks(order), start=1) if at >= needed
        ]
        return (max(at_ranks) if best else at_ranks[0]) if at_ranks else 0.0

    return formula


def auc(whole: Whole = all_relevant, judged_only: bool = False, shift: int = 0) -> Formula:
    def formula(order: Listing, judged: list[int]) -> float:
        others = [
            rank
            for rank, grade in enumerate(order, start=1)
            if not relevant(grade) and not (judged_only and grade is None)
        ]
        if not others:
            return share(count(order), whole(order, judged))
        won = sum(rank + shift < other for rank in ranks(order) for other in others)
        return share(won, whole(order, judged) * len(others))

    return formula


RIGHT: dict[str, Formula] = {
    "AP": ap(),
    "AP@3": ap(3),
    "P@2": hits(2, lambda *_: 2),
    "R@2": hits(2, all_relevant),
    "F1@2": f1(2),
    "RR": rr(),
    "RR@2": rr(2),
    "nDCG": ndcg(),
    "nDCG@2": ndcg(2),
    "nDCG(gain=exp)": ndcg(gain=lambda grade: 2**grade - 1),
    "Rprec": rprec(),
    "Success@2": success(2),
    "bpref": bpref(),
    "RBP(p=0.8)": rbp(),
    "Judged@2": judged_share(2, lambda order, _: len(order[:2])),
    "IPrec@0.5": iprec(0.5),
    "AUC": auc(),
}
WRONG: dict[str, dict[str, Formula]] = {
    "AP": {
        "rank from 0": ap(shift=1),
        "divided by those found": ap(whole=found),
        "divided by all judged": ap(whole=lambda _, judged: len(judged)),
    },
    "AP@3": {
        "one rank more": ap(4),
        "one rank fewer": ap(2),
        "divided by min(k, R)": ap(3, whole=lambda _, judged: min(3, count(judged))),
        "divided by k": ap(3, whole=lambda *_: 3),
    },
    "P@2": {
        "one rank more": hits(3, lambda *_: 2),
        "one rank fewer": hits(1, lambda *_: 2),
        "divided by the hits there are": hits(2, lambda order, _: len(order[:2])),
    },
    "R@2": {
        "one rank more": hits(3, all_relevant),
        "one rank fewer": hits(1, all_relevant),
        "divided by those found": hits(2, found),
        "divided by min(k, R)": hits(2, lambda _, judged: min(2, count(judged))),
    },
    "F1@2": {
        "one rank more": f1(3),
        "those found for R": f1(2, found),
        "the hits there are for k": lambda order, judged: share(
            2 * count(order[:2]), len(order[:2]) + count(judged)
        ),
    },
    "RR": {
        "rank from 0": rr(shift=1),
        "the last, not the first": lambda order, _: 1 / ranks(order)[-1] if ranks(order) else 0.0,
    },
    "RR@2": {"one rank more": rr(3), "one rank fewer": rr(1), "no cutoff": rr()},
    "nDCG": {
        "discount off by one": ndcg(shift=1),
        "ideal of those found": ndcg(
            ideal_of=lambda order, _: [grade for grade in order if grade is not None]
        ),
        "exponential gain": ndcg(gain=lambda grade: 2**grade - 1),
        "binary gain": ndcg(gain=lambda grade: float(grade > 0)),
    },
    "nDCG@2": {
        "one rank more": ndcg(3),
        "ideal not cut": ndcg(2, ideal_k=1000),
        "no cutoff": ndcg(),
    },
    "nDCG(gain=exp)": {"linear": ndcg(), "without -1": ndcg(gain=lambda grade: 2.0**grade)},
    "Rprec": {
        "one rank more": rprec(1),
        "one rank fewer": rprec(-1),
        "divided by those found": rprec(whole=found),
    },
    "Success@2": {"one rank more": success(3), "one rank fewer": success(1)},
    "bpref": {
        "one passed more": bpref(shift=1),
        "divided by those found": bpref(whole=found),
        "bound by R alone": bpref(bound=lambda _, hits: hits),
        "bound by N alone": bpref(bound=lambda others, _: others),
        "unjudged count": bpref(unjudged_count=True),
    },
    "RBP(p=0.8)": {
        "rank from 0": rbp(shift=1),
        "not scaled": rbp(scale=1.0),
        "another p": rbp(0.5, scale=0.5),
    },
    "Judged@2": {
        "one rank more": judged_share(3, lambda order, _: len(order[:3])),
        "divided by k": judged_share(2, lambda *_: 2),
        "relevant, not judged": lambda order, _: share(count(order[:2]), len(order[:2])),
    },
    "IPrec@0.5": {
        "rank from 0": iprec(0.5, shift=1),
        "level of those found": iprec(0.5, whole=found),
        "not interpolated": iprec(0.5, best=False),
        "another level": iprec(0.9),
    },
    "AUC": {
        "divided by those found": auc(whole=found),
        "judged hits alone": auc(judged_only=True),
        "off by one": auc(shift=1),
    },
}


def best_first(group: Listing) -> Listing:
    return sorted(group, key=lambda grade: -1 if grade is None else grade, reverse=True)


ORDERS: dict[str, Callable[[Listing], Listing]] = {
    "best first": best_first,
    "worst first": lambda group: best_first(group)[::-1],
    "as listed": lambda group: group,
}


def of_listing(formula: Formula, case: Case, arrange: Callable[[Listing], Listing]) -> float:
    """Return a formula's value where an order of the tied hits is invented."""
    order = [
        None if grade is not None and grade < 0 else grade
        for group in case.groups
        for grade in arrange(group)
    ]
    return formula(order, case.judged)


def apart(name: str, cases: tuple[Case, ...], wanted: list[float]) -> float:
    """Return the greatest distance of the real measure from other values."""
    return float(np.abs(np.array(values(name, cases)) - wanted).max())


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_formula_is_met(name: str) -> None:
    wanted = [of_listing(RIGHT[name], case, best_first) for case in LISTED]
    assert apart(name, LISTED, wanted) < 1e-12


@pytest.mark.parametrize(
    ("name", "bug"), [(name, bug) for name, bugs in WRONG.items() for bug in bugs]
)
def test_a_wrong_formula_is_told_from_the_right_one(name: str, bug: str) -> None:
    wanted = [of_listing(WRONG[name][bug], case, best_first) for case in LISTED]
    assert apart(name, LISTED, wanted) > 1e-3


@pytest.mark.parametrize(
    ("name", "arrange"),
    [
        (name, arrange)
        for name in RIGHT
        for arrange in ORDERS
        # with its relevant hits last, a group is looked at where IPrec looks: at its end
        if (name, arrange) != ("IPrec@0.5", "worst first")
    ],
)
def test_an_invented_order_of_ties_is_told_from_the_group(name: str, arrange: str) -> None:
    wanted = [of_listing(RIGHT[name], case, ORDERS[arrange]) for case in CASES]
    assert apart(name, CASES, wanted) > 1e-3


@pytest.mark.parametrize("name", RIGHT)
def test_a_mean_that_drops_queries_is_told_from_the_mean(name: str) -> None:
    everything = evaluated(name, cases=CASES[:12])
    mean, each = everything.means()[0], everything.values[0]
    assert mean == pytest.approx(fmean(each.tolist()))
    assert abs(mean - each[everything.answered].mean()) > 1e-3
    if name != "Judged@2":  # which does not ask for relevance
        assert abs(mean - each[everything.has_relevant].mean()) > 1e-3


def test_every_measure_has_its_bugs() -> None:
    assert WRONG.keys() == RIGHT.keys()
