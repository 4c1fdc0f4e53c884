import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.cli.escapes import json_printable, one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("bell\x07", "bell\\x07"),
        ("back\x08", "back\\x08"),
        ("over\rwrite", "over\\x0dwrite"),
        ("lone \udc80", "lone \\udc80"),
        ("naïve 日本語 👩‍🚀", "naïve 日本語 👩‍🚀"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
    ],
)
def test_characters_that_steer_a_terminal_are_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_white_space_of_a_text_takes_one_line() -> None:
    assert one_line(" a\n\tb   c\r\n") == "a b c"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_json_is_the_same_json(text: str) -> None:
    line = json.dumps(text, ensure_ascii=False)
    escaped = json_printable(line)
    assert json.loads(escaped) == text
    assert not any(ord(character) in {0x1B, 0x9B, 0x202E} for character in escaped)
