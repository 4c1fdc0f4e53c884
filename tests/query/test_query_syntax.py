from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import EmptyQueryError, UsageError
from retrieval.lexical.conditions import WordConditions
from retrieval.query.query_syntax import parse_query


@pytest.mark.parametrize(
    ("query", "text", "conditions"),
    [
        ("cold soup", "cold soup", {}),
        ('a "cold soup" here', "a cold soup here", {"phrases": ("cold soup",)}),
        ('+"cold soup"', "cold soup", {"phrases": ("cold soup",)}),
        ("soup -waiter +bowl", "soup bowl", {"without": ("waiter",), "words": ("bowl",)}),
        ('soup -"slow waiter"', "soup", {"without_phrases": ("slow waiter",)}),
        ('an e-mail - or 5" - x+y -', 'an e-mail - or 5" - x+y -', {}),
        ("--verbose ++i", "--verbose ++i", {}),
        ('"a"b -"c"d', "a b d", {"phrases": ("a",), "without_phrases": ("c",)}),
        ("-cve-2026-1 x", "x", {"without": ("cve-2026-1",)}),
        ("x AND y OR NOT z", "x AND y OR NOT z", {}),
        ("", "", {}),
    ],
)
def test_operators_stand_where_a_word_begins(
    query: str, text: str, conditions: dict[str, tuple[str, ...]]
) -> None:
    parsed = parse_query(query)
    assert parsed.text == text
    assert parsed.conditions == WordConditions(**conditions)
    assert bool(parsed.conditions) == bool(conditions)


@pytest.mark.parametrize(
    ("query", "at", "why"),
    [
        ('cold "soup', 6, "not closed"),
        ('"a b" -"c', 8, "not closed"),
        ('soup ""', 6, "nothing stands"),
        ('soup -" "', 7, "nothing stands"),
    ],
)
def test_what_cannot_be_read_is_shown_with_its_place(query: str, at: int, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_query(query)
    assert f"at character {at}: " in caught.value.what
    assert why in caught.value.what
    shown, caret = caught.value.what.splitlines()[1:3]
    assert shown[caret.index("^")] == '"'
    assert shown.strip() == query


def test_the_place_is_shown_in_a_long_query() -> None:
    with pytest.raises(UsageError) as caught:
        parse_query("word " * 500 + '"open ' + "word " * 500)
    shown, caret = caught.value.what.splitlines()[1:3]
    assert len(shown) < 100
    assert shown[caret.index("^")] == '"'


@pytest.mark.parametrize("query", ["-soup", '-"cold soup" -waiter'])
def test_only_what_is_not_meant_is_no_query(query: str) -> None:
    with pytest.raises(EmptyQueryError, match="only says what is not meant"):
        parse_query(query)


@given(st.text(alphabet='ab"+- \n', max_size=30))
def test_any_text_is_read_or_refused(query: str) -> None:
    try:
        parsed = parse_query(query)
    except UsageError:
        return
    told = parsed.conditions
    kept = "".join(parsed.text.split())
    left_out = "".join("".join(one.split()) for one in (*told.without, *told.without_phrases))
    letters = [one for one in query if one in "ab"]
    assert sorted(one for one in kept + left_out if one in "ab") == sorted(letters)
    for phrase in told.phrases:
        assert phrase.strip()
        assert '"' not in phrase
