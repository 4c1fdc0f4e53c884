from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import FilterError
from retrieval.filters.tree import And, Eq, Exists, Filter, In, Not, Or, Range
from retrieval.query.filter_parsing import filter_of, parse_filter
from tests.filters.trees import TREES

Y = Eq("y", 1)


@given(TREES)
def test_a_printed_filter_reads_back(tree: Filter) -> None:
    found = parse_filter(str(tree))
    assert repr(found) == repr(tree)  # 1, 1.0 and True are equal, but not written alike


@given(st.text(alphabet="ab\"'()=<>!,. \n\\01-not+eé", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(FilterError):
        found = parse_filter(text)
        assert repr(parse_filter(str(found))) == repr(found)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('year >= 2020 and lang in ("en","de") and not domain = "film" and exists(author)',
         And((Range("year", at_least=2020), In("lang", ("en", "de")), Not(Eq("domain", "film")),
              Exists("author")))),
        ("a = 1 or b = 2 and c = 3", Or((Eq("a", 1), And((Eq("b", 2), Eq("c", 3)))))),
        ("(a = 1 or b = 2) and c = 3", And((Or((Eq("a", 1), Eq("b", 2))), Eq("c", 3)))),
        ("a = 1 and (b = 2 and c = 3)", And((Eq("a", 1), And((Eq("b", 2), Eq("c", 3)))))),
        ("not a = 1 and b = 2", And((Not(Eq("a", 1)), Eq("b", 2)))),
        ("NOT y = 1 AND y == 1", And((Not(Y), Y))),
        ("y != 1", Not(Y)),
        ("y <> 1", Not(Y)),
        ("y not in (1, 2)", Not(In("y", (1, 2)))),
        ("1 = y", Y),
        ("3 > y", Range("y", below=3)),
        ("1 <= y < 3", Range("y", at_least=1, below=3)),
        ("3 > y >= 1", Range("y", at_least=1, below=3)),
        ('"a" <= "the name" <= "b"', Range("the name", at_least="a", at_most="b")),
        ('"a" < name', Range("name", above="a")),
        ('"publication year" = 1999', Eq("publication year", 1999)),
        ('"a.b" = \'x\'', Eq("a.b", "x")),
        ("a.b = -1.5e3", Eq("a.b", -1500.0)),
        ("flag = true and False = flag", And((Eq("flag", True), Eq("flag", False)))),
        ("day < 2026-01-31", Range("day", below="2026-01-31")),
        ("day = 2026-01-31T10:00:00Z", Eq("day", "2026-01-31T10:00:00Z")),
        ("year>=2020", Range("year", at_least=2020)),
        (r'a = "say \"x\" \\ y\n"', Eq("a", 'say "x" \\ y\\n')),
        ("exists = 1", None),
        ('"exists" = 1', Eq("exists", 1)),
    ],
)  # fmt: skip
def test_the_grammar(text: str, tree: Filter | None) -> None:
    if tree is None:
        with pytest.raises(FilterError):
            parse_filter(text)
    else:
        assert repr(parse_filter(text)) == repr(tree)


@pytest.mark.parametrize(
    ("text", "at", "told"),
    [
        ("", 1, "found the end"),
        ("year >= and lang = 1", 9, "expected a value, found 'and'"),
        ("year", 5, "expected =, !="),
        ("year = 2020 lang = 1", 13, "expected and, or, or the end"),
        ('lang = "en', 8, "quote is not closed"),
        ("lang = “en”", 8, "is no quote here"),
        ("lang = en", 8, 'a string stands in quotes: "en"'),
        ("lang = null", 8, "not exists"),
        ("(a = 1", 7, "a ) for the ( at character 1"),
        ("a = 1)", 6, "found ')'"),
        ("a in ()", 7, "expected a value"),
        ("a in (1", 8, "a comma or a )"),
        ("a in 1", 6, "a ( with values"),
        ("a = 1 && b = 2", 7, "write and, or, not"),
        ("exists(a", 9, "a ) after the name"),
        ("and = 1", 1, "in quotes"),
        ("a > true", 1, "cannot be above or below true"),
        ("1 < y > 3", 7, "expected < or <="),
        ('1 < y < "z"', 1, "a number and a string"),
        ("a = 1e999", 1, "no number"),
        (f"a = {'9' * 5000}", 5, "too many digits"),
        ("a = 12monkeys", 5, "this is no number"),
        ("a = 2026-01-31-05", 5, "this is no number"),
        ("a = 1; drop", 6, "';' does not belong here"),
    ],
)
def test_an_error_says_where_and_what(text: str, at: int, told: str) -> None:
    with pytest.raises(FilterError) as refused:
        parse_filter(text)
    assert f"at character {at}:" in refused.value.what
    assert told in refused.value.what
    _, shown, caret, *_ = refused.value.what.split("\n")
    place = caret.index("^")
    assert at > len(text) or shown[place] == text[at - 1]


@pytest.mark.parametrize("deep", ["(" * 1000 + "a = 1" + ")" * 1000, "not " * 1000 + "a = 1"])
def test_nesting_a_thousand_deep_is_refused(deep: str) -> None:
    with pytest.raises(FilterError, match="nested more than 100 deep"):
        parse_filter(deep)


def test_a_long_filter_is_no_deep_one() -> None:
    tree = parse_filter(" and ".join(["(a = 1)"] * 3000))
    assert isinstance(tree, And)
    assert len(tree.filters) == 3000


def test_what_is_no_filter_is_refused() -> None:
    assert filter_of(None) is None
    assert filter_of(Y) is Y
    assert filter_of("y = 1") == Y
    with pytest.raises(FilterError):
        filter_of(3)  # type: ignore[arg-type]
