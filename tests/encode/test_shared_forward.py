from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.encode.shared_forward import SharedForward
from retrieval.errors import ModelError
from retrieval.records import Numerics
from retrieval.vectors import FloatRows

DIM = 3


class Lengths:
    """Gives each passage its length as a vector; counts, and may fail on a length."""

    def __init__(self, fails_on: int = -1) -> None:
        self.fails_on = fails_on
        self.filled = 0
        self.closed = False
        self.numerics = Numerics(precision="fp32", runtime="lengths")

    def fill(self, ids: Sequence[NDArray[np.int64]], rows: FloatRows) -> None:
        for number, one in enumerate(ids):
            if len(one) == self.fails_on:
                raise ModelError("It failed.")
            rows[number] = len(one)
        self.filled += len(ids)

    def close(self) -> None:
        self.closed = True


class Meeting(Lengths):
    """Waits in its first call until the other one has been called too."""

    def __init__(self, barrier: threading.Barrier) -> None:
        super().__init__()
        self.barrier = barrier

    def fill(self, ids: Sequence[NDArray[np.int64]], rows: FloatRows) -> None:
        if not self.filled:
            self.barrier.wait(30)
        super().fill(ids, rows)


def passages(count: int) -> list[NDArray[np.int64]]:
    sizes = np.random.default_rng(3).integers(1, 40, size=count)
    return [np.zeros(size, dtype=np.int64) for size in sizes]


def test_every_passage_gets_its_vector_and_all_have_a_share() -> None:
    barrier = threading.Barrier(2)
    workers = [Meeting(barrier), Meeting(barrier)]
    shared = SharedForward(workers, share_tokens=64)
    ids = passages(200)
    rows = np.full((200, DIM), np.nan, dtype=np.float32)
    shared.fill(ids, rows)
    assert rows[:, 0].tolist() == [len(one) for one in ids]
    assert sum(one.filled for one in workers) == 200
    assert all(one.filled for one in workers)


def test_what_fails_in_one_is_raised() -> None:
    ids = passages(50)
    longest = max(map(len, ids))
    with pytest.raises(ModelError, match="failed"):
        SharedForward([Lengths(longest)], share_tokens=40).fill(ids, np.empty((50, DIM), "f4"))


def test_nothing_is_no_work() -> None:
    SharedForward([Lengths()]).fill([], np.empty((0, DIM), dtype=np.float32))


def test_closing_closes_all() -> None:
    workers = [Lengths(), Lengths()]
    SharedForward(workers).close()
    assert all(one.closed for one in workers)
