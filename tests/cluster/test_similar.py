from __future__ import annotations

import numpy as np
import pytest

from retrieval.cluster import similar
from retrieval.cluster.components import Components
from retrieval.cluster.similar import least_similar_score, most_similar_pairs
from retrieval.errors import UsageError
from retrieval.vectors import FloatRows, exact_scores, unit_rows

Found = list[tuple[int, int, float]]


def rows_of(seed: int, count: int = 90, dim: int = 8, *, repeated: int = 12) -> FloatRows:
    """Return rows with some that are equal, bit by bit, so that scores tie."""
    chance = np.random.default_rng(seed)
    rows = unit_rows(chance.normal(size=(count, dim)))
    rows[chance.integers(0, count, repeated)] = rows[chance.integers(0, count, repeated)]
    return rows


def every_pair(rows: FloatRows) -> Found:
    found = []
    for one in range(len(rows)):
        others = rows[one + 1 :]
        squares = [exact_scores(row[np.newaxis], row)[0] for row in rows[one:]]
        scores = exact_scores(others, rows[one]) / np.sqrt(np.multiply(squares[1:], squares[0]))
        scores = np.clip(scores, -1, 1)
        found += [(one, one + 1 + at, float(score)) for at, score in enumerate(scores)]
    return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def found_pairs(rows: FloatRows, k: int, **options: float) -> Found:
    pairs = most_similar_pairs(rows, k, **options)  # type: ignore[arg-type]
    return list(
        zip(pairs.first.tolist(), pairs.second.tolist(), pairs.scores.tolist(), strict=True)
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("k", [1, 2, 17, 400, 100_000])
def test_the_pairs_are_those_of_comparing_each_with_each(seed: int, k: int) -> None:
    rows = rows_of(seed)
    assert found_pairs(rows, k, block_rows=16) == every_pair(rows)[:k]


@pytest.mark.parametrize("block_rows", [1, 7, 64, 89, 90, 1024])
def test_the_size_of_blocks_changes_nothing(block_rows: int) -> None:
    rows = rows_of(7)
    assert found_pairs(rows, 30, block_rows=block_rows) == every_pair(rows)[:30]


def test_pairs_below_the_least_score_are_left_out() -> None:
    rows = rows_of(3)
    wanted = [pair for pair in every_pair(rows) if pair[2] >= 0.5]
    assert found_pairs(rows, 10_000, least=0.5, block_rows=20) == wanted
    border = wanted[-1][2]
    assert len(found_pairs(rows, 10_000, least=border)) == len(wanted)
    assert len(found_pairs(rows, 10_000, least=float(np.nextafter(border, 2)))) < len(wanted)


def test_with_everything_equal_ties_go_by_row_and_memory_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similar, "_MOST_HELD", 50)
    rows = np.repeat(unit_rows(np.ones((1, 5))), 40, axis=0)
    pairs = most_similar_pairs(rows, 5, block_rows=8)
    assert pairs.first.tolist() == [0] * 5
    assert pairs.second.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("least", [0.2, 0.7, 0.9])
def test_groups_join_every_pair_not_only_the_best(least: float) -> None:
    rows = rows_of(5, count=70)
    components, wanted = Components(70), Components(70)
    most_similar_pairs(rows, 1, least=least, components=components, block_rows=16)
    linked = [(one, two) for one, two, score in every_pair(rows) if score >= least]
    wanted.join(*np.array(linked, dtype=np.int64).reshape(-1, 2).T)
    assert [one.tolist() for one in components.groups()] == [
        one.tolist() for one in wanted.groups()
    ]


def test_groups_hold_exactly_to_the_least_score() -> None:
    rows = rows_of(8, count=2, repeated=0)
    ((_, _, score),) = every_pair(rows)
    for least, groups in ((score, 1), (float(np.nextafter(score, 2)), 0)):
        components = Components(2)
        most_similar_pairs(rows, 1, least=least, components=components)
        assert len(components.groups()) == groups


def test_the_least_similar_pair_of_a_group_is_found() -> None:
    rows = rows_of(2, count=50)
    assert least_similar_score(rows) == every_pair(rows)[-1][2]


def test_equal_rows_score_exactly_one() -> None:
    rows = np.repeat(rows_of(4, repeated=0), 2, axis=0)
    pairs = most_similar_pairs(rows, 90, least=1.0)
    assert pairs.first.tolist() == list(range(0, 180, 2))
    assert set(pairs.scores.tolist()) == {1.0}


def test_no_rows_and_one_row_have_no_pairs() -> None:
    for count in (0, 1):
        assert found_pairs(np.zeros((count, 4), dtype=np.float32), 3) == []
        with pytest.raises(UsageError, match="two rows"):
            least_similar_score(np.zeros((count, 4), dtype=np.float32))


@pytest.mark.parametrize(("k", "least"), [(0, 0.5), (3, 1.5), (3, float("nan"))])
def test_what_cannot_be_is_refused(k: int, least: float) -> None:
    with pytest.raises(UsageError):
        most_similar_pairs(rows_of(1), k, least=least)


def test_the_work_is_followed_to_its_end() -> None:
    told: list[int] = []
    most_similar_pairs(rows_of(1), 3, followed=told.append, block_rows=40)
    assert told == [0, 40, 80, 90]
