import json

import pytest

from tests.cli.conftest import OnTerminal, Run


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["query", "--jsn", "x"], "no option --jsn"),
        (["query", "-k", "0", "x"], "'-k': 0 was given; a whole number from 1 up is expected."),
        (["query", "-k", "ten", "x"], "ten was given"),
        (["query"], "There is nothing to search for"),
        (["query", "a", "--queries", "b"], "Both TEXT and --queries"),
        (["query", "a", "b"], "A query is one argument; 2 were given."),
        (["query", "x", "--fields", "scor"], "'scor'"),
        (["index"], "Missing argument 'INPUT...'"),
        (["index", "x", "--passages", "half"], "half"),
        (["index", "x", "--passage-tokens", "3"], "from 16 up"),
        (["verify", "--sample", "-1"], "from 0 up"),
        (["recover"], "--to-generation"),
        (["delete"], "There is nothing to delete"),
    ],
)
def test_a_usage_error_ends_with_2_and_says_what_to_do(
    run: Run, args: list[str], told: str
) -> None:
    result = run(*args)
    assert result.code == 2
    assert result.out == ""
    assert result.error["code"] == "usage"
    assert told in result.error["error"]
    assert result.error["fix"]


def test_the_nearest_option_is_named(run: Run) -> None:
    assert "--json" in run("query", "--jsn", "x").error["fix"]


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_an_empty_query_has_its_own_code(run: Run, text: str) -> None:
    result = run("query", text)
    assert result.code == 2
    assert result.error["code"] == "empty_query"


def test_a_query_that_is_not_text_is_refused(run: Run) -> None:
    result = run("query", "caf\udce9")
    assert result.code == 2
    assert "caf\\udce9" in result.error["error"]


def test_errors_on_a_terminal_are_two_lines(on_terminal: OnTerminal) -> None:
    screen = on_terminal("query", "a\x1b[2J", "b", module="retrieval")
    assert screen.code == 2
    assert screen.lines == [
        "error: A query is one argument; 2 were given.",
        'fix: Put it in quotes: retrieve query "a\\x1b[2J b"',
    ]


def test_errors_on_a_terminal_are_json_when_asked_for(on_terminal: OnTerminal) -> None:
    screen = on_terminal("query", "--json", module="retrieval")
    assert set(json.loads(screen.text)) == {"error", "code", "fix"}
