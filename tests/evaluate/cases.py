"""Small rankings with ties, and the plain arithmetic that measures are checked by."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

import numpy as np

from retrieval.evaluate.evaluation import Evaluation, evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run

Listing: TypeAlias = list[int | None]
"""Grade of the hit at each rank; None where it was not judged."""

Formula: TypeAlias = Callable[[Listing, list[int]], float]
"""From a listing and the grades of all judged documents to a value."""


@dataclass(frozen=True)
class Case:
    """One query: groups of equal scores, best first, and judged documents not found."""

    groups: tuple[Listing, ...]
    unfound: tuple[int, ...] = ()

    @property
    def judged(self) -> list[int]:
        found = [grade for group in self.groups for grade in group if grade is not None]
        return [grade for grade in (*found, *self.unfound) if grade >= 0]

    def orders(self) -> Iterator[Listing]:
        """Yield every listing the groups could stand in."""
        for parts in itertools.product(*map(itertools.permutations, self.groups)):
            yield [
                None if grade is not None and grade < 0 else grade
                for part in parts
                for grade in part
            ]

    def hits(self) -> list[tuple[str, float, int | None]]:
        """Return document, score and grade of each hit; ids are in no order."""
        rows = [(score, grade) for score, group in enumerate(self.groups) for grade in group]
        return [
            (f"{at * 617 % 10007:05d}", (len(self.groups) - score) / 8, grade)
            for at, (score, grade) in enumerate(rows)
        ]


def _random_case(chance: np.random.Generator) -> Case:
    grades: list[int | None] = [None, None, 0, 0, 1, 1, 2, 3, -1]
    groups: list[Listing] = []
    for _ in range(int(chance.integers(1, 6))):
        size = int(chance.choice([1, 1, 1, 2, 3]))
        groups.append([grades[at] for at in chance.integers(0, len(grades), size)])
    unfound = tuple(int(grade) for grade in chance.integers(0, 3, int(chance.integers(0, 4))))
    return Case(tuple(groups), unfound)


CASES = (
    Case(([1],), ()),
    Case(([None], [1]), (1,)),
    Case(([0], [1], [0], [2], [None]), (3, 0)),
    Case(([0, 1],), ()),
    Case(([1], [0, 2, None, 1], [0], [1]), (1,)),
    Case(([1, 1, 0, 0, None],), (2,)),
    Case((), (1, 1)),
    Case(([0], [None]), (0,)),
    Case(([-1], [2], [-2, 1]), (-1, 1)),
    *(_random_case(np.random.default_rng(seed)) for seed in range(60)),
)


def evaluated(*names: str, cases: tuple[Case, ...] = CASES) -> Evaluation:
    """Evaluate all cases as the queries of one run; a case without hits is a missing query."""
    judgments: dict[str, dict[str, int]] = {}
    run: dict[str, dict[str, float]] = {}
    for at, case in enumerate(cases):
        hits = case.hits()
        judgments[f"q{at}"] = {one: grade for one, _, grade in hits if grade is not None}
        judgments[f"q{at}"] |= {f"unfound-{n}": grade for n, grade in enumerate(case.unfound)}
        if hits:
            run[f"q{at}"] = {one: score for one, score, _ in hits}
    measures = [Measure.parse(name) for name in names]
    return evaluate(Qrels.from_mapping(judgments), Run.from_mapping("cases", run), measures)


def values(name: str, cases: tuple[Case, ...] = CASES) -> list[float]:
    """Return the values of one measure, case by case."""
    found: list[float] = evaluated(name, cases=cases).values[0].tolist()
    return found


def expected(case: Case, formula: Formula) -> float:
    """Return the mean of a formula over every order the tied hits could stand in."""
    return fmean(formula(order, case.judged) for order in case.orders())


def relevant(grade: int | None, rel: int = 1) -> bool:
    """Tell whether a hit of this grade is relevant."""
    return grade is not None and grade >= rel


def count(grades: Listing | list[int], rel: int = 1) -> int:
    """Count the relevant ones."""
    return sum(relevant(grade, rel) for grade in grades)


def share(part: float, whole: float) -> float:
    """Divide; 0 where there is nothing to divide by."""
    return part / whole if whole else 0.0
