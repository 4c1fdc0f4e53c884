from __future__ import annotations

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
