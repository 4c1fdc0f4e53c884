"""A helper's answer is the answer of a process of one's own, byte for byte."""

from __future__ import annotations

import pytest

from tests.serve.house import House

PIPED = [
    ["query", "positive review"],
    ["query", "positive review", "-k", "2", "--fields", "doc_id,score"],
    ["query", "zzz", "--mode", "lexical"],
    ["query", "soup", "--mode", "hybrid", "--explain"],
    ["query", "positive", "--where", "year >= 2004", "--facet", "year"],
    ["query", "positive", "--where", "yaer >= 2004"],
    ["query", "positive", "--where", "year >="],
    ["query", "positive", "--rerank", "testing-words"],
    ["query", "positive", "--min-score", "2"],
    ["query", "--like", "r1", "--less", "r2"],
    ["query", "--like", "nobody"],
    ["query", "--concept", "praise"],
    ["query", "--concept", "prize"],
    ["query", "praise"],
    ["query", ""],
    ["query", "two", "words"],
    ["query", "positive", "--feilds", "score"],
    ["query", "positive", "--fields", "scroe"],
    ["query", "positive", "-k", "0"],
    ["query", "Grüße, 世界 \udcff"],
    ["query", "positive", "--context", "--max-tokens", "40"],
    ["query", "--debug", "--like", "nobody"],
    ["--debug", "query", "--like", "nobody"],
]


@pytest.mark.parametrize("args", PIPED, ids=" ".join)
def test_piped(warm_house: House, args: list[str]) -> None:
    before = warm_house.answered()
    warm = warm_house.run(*args, RETRIEVE_DAEMON="auto")
    assert warm_house.answered() == before + 1
    assert warm == warm_house.run(*args)
    assert warm.code in {0, 1, 2}


@pytest.mark.parametrize("columns", [30, 64, 150])
@pytest.mark.parametrize(
    "args",
    [
        ["query", "positive review"],
        ["query", "praise"],
        ["query", "soup", "--mode", "hybrid", "--explain"],
        ["query", "zzz", "--mode", "lexical"],
        ["query", "positive", "--json"],
        ["query", "positive", "--where", "yaer = 1"],
    ],
    ids=" ".join,
)
def test_on_a_terminal(warm_house: House, args: list[str], columns: int) -> None:
    before = warm_house.answered()
    warm = warm_house.show(*args, columns=columns, RETRIEVE_DAEMON="auto")
    assert warm_house.answered() == before + 1
    assert warm == warm_house.show(*args, columns=columns)


@pytest.mark.parametrize(
    "settings",
    [
        {"NO_COLOR": "1"},
        {"TERM": "dumb"},
        {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
        {"COLUMNS": "50"},
        {"COLUMNS": "none"},
        {"RETRIEVE_QUERY_K": "2"},
        {"RETRIEVE_QUERY_K": "many"},
        {"RETRIEVE_QUERY_JSON": "1"},
        {"RETRIEVE_DEBUG": "1", "RETRIEVE_QUERY_WHERE": "year >="},
    ],
    ids=str,
)
def test_settings_of_the_caller_hold(warm_house: House, settings: dict[str, str]) -> None:
    before = warm_house.answered()
    warm = warm_house.show("query", "positive review", RETRIEVE_DAEMON="auto", settings=settings)
    assert warm_house.answered() == before + 1
    assert warm == warm_house.show("query", "positive review", settings=settings)
    assert warm_house.show("query", "positive review", RETRIEVE_DAEMON="auto") == warm_house.show(
        "query", "positive review"
    )


def test_both_streams_in_one_file_keep_their_order(warm_house: House) -> None:
    args = ["query", "praise", "--explain"]
    warm = warm_house.run(*args, joined=True, RETRIEVE_DAEMON="auto")
    assert warm == warm_house.run(*args, joined=True)
    assert b"note: " in warm.out


def test_files_are_found_from_where_the_caller_stands(warm_house: House) -> None:
    (warm_house.folder / "there").mkdir(exist_ok=True)
    (warm_house.folder / "there" / "queries.txt").write_text("soup\nphone\n", encoding="utf-8")
    apart = House(warm_house.folder / "there", warm_house.runtime)
    args = ["query", "--home", "../indexes", "-k", "1"]
    settings = {"RETRIEVE_QUERY_QUERIES": "queries.txt"}
    before = warm_house.answered()
    warm = apart.run(*args, RETRIEVE_DAEMON="auto", settings=settings)
    assert warm_house.answered() == before + 1
    assert warm == apart.run(*args, settings=settings)
    assert warm.out.count(b"\n") == 2


def test_standard_input_is_left_to_the_caller(warm_house: House) -> None:
    before = warm_house.declined()
    settings = {"RETRIEVE_QUERY_QUERIES": "-", "RETRIEVE_DAEMON": "auto"}
    warm = warm_house.run("query", "-k", "1", stdin=b"soup\nphone\n", settings=settings)
    assert warm_house.declined() == before + 1
    assert warm_house.helpers()[0].why_declined == "it reads standard input"
    assert warm.out.count(b"\n") == 2


@pytest.mark.parametrize(
    "args", [["query", "-"], ["query", "--queries", "-"], ["query", "--queries=-"]]
)
def test_a_batch_is_not_asked_of_a_helper(warm_house: House, args: list[str]) -> None:
    before = warm_house.answered(), warm_house.declined()
    seen = warm_house.run(*args, stdin=b"soup\nphone\n", RETRIEVE_DAEMON="auto")
    assert seen.code == 0
    assert (warm_house.answered(), warm_house.declined()) == before
