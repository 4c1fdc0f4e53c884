from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from retrieval.corpus.seen import SeenIds


@given(st.lists(st.text(max_size=3), max_size=300))
def test_it_is_a_set(ids: list[str]) -> None:
    seen, known = SeenIds(), set()
    for doc_id in ids:
        assert seen.add(doc_id) == (doc_id not in known)
        known.add(doc_id)
    assert len(seen) == len(known)


def test_it_grows_and_forgets_nothing() -> None:
    seen = SeenIds()
    assert all(seen.add(str(number)) for number in range(5000))
    assert not any(seen.add(str(number)) for number in range(5000))
    assert seen._slots.nbytes <= 32 * 5000


def test_growing_takes_little_more_than_the_tables() -> None:
    seen = SeenIds()
    for number in range(40_000):
        seen.add(str(number))
    tracemalloc.start()
    try:
        for number in range(40_000, 50_000):
            seen.add(str(number))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(seen._slots) == 1 << 17, "this is to see it grow"
    assert peak < seen._slots.nbytes + (1 << 20)
