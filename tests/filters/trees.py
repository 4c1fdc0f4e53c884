"""Filters as Hypothesis makes them."""

from __future__ import annotations

from hypothesis import strategies as st

from retrieval.filters.tree import And, Eq, Exists, Filter, In, Not, Or, Range

NAMES = st.one_of(
    st.sampled_from(["year", "lang", "not", "In", "a b", "a.b", "x-1", 'q"u', "back\\", "", "é"]),
    st.text(max_size=6),
)
STRINGS = st.one_of(
    st.sampled_from(["", "en", 'say "x"', "it's", "\\", "\\n", "a\nb", "2020-01-31", "true", "12"]),
    st.text(max_size=8),
)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.one_of(STRINGS, NUMBERS, st.booleans())


def ranges() -> st.SearchStrategy[Filter]:
    def made(field: str, sides: tuple[str, str], pair: tuple[object, object]) -> Filter:
        given = dict(zip(sides, pair, strict=True))
        return Range(field, **{name: value for name, value in given.items() if name})  # type: ignore[arg-type]

    pairs = st.one_of(st.tuples(STRINGS, STRINGS), st.tuples(NUMBERS, NUMBERS))
    sides = st.sampled_from(
        [(a, b) for a in ("", "at_least", "above") for b in ("", "at_most", "below") if a or b]
    )
    return st.builds(made, NAMES, sides, pairs)


LEAVES: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Eq, NAMES, VALUES),
    st.builds(In, NAMES, st.lists(VALUES, min_size=1, max_size=4).map(tuple)),
    st.builds(Exists, NAMES),
    ranges(),
)
TREES: st.SearchStrategy[Filter] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)
