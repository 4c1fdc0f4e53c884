"""A filter's text as tokens, and errors that show where in it they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from retrieval.errors import FilterError
from retrieval.filters.tree import BARE_NAME
from retrieval.filters.values import FilterValue

_SHOWN_BEFORE, _SHOWN_AFTER = 50, 20
"""Characters of a long filter that are shown around an error."""
MOST_CHARACTERS = 1_000_000


class TokenKind(StrEnum):
    """What a token is."""

    STRING = "string"
    DATE = "date"
    NUMBER = "number"
    OPERATOR = "operator"
    SIGN = "sign"
    NAME = "name"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a filter.

    Attributes:
        kind: What it is.
        text: As it stands there.
        start: Its first character in the filter, from 0.
    """

    kind: TokenKind
    text: str
    start: int

    @property
    def told(self) -> str:
        """The token as an error names it."""
        return "the end" if self.kind is TokenKind.END else repr(self.text)

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of these words, in whatever case."""
        return self.kind is TokenKind.NAME and self.text.casefold() in words

    @property
    def unquoted(self) -> str:
        r"""What a string says: ``\\`` and a backslash before a quote stand for one character."""
        return re.sub(r"\\([\\\"'])", r"\1", self.text[1:-1])

    @property
    def number(self) -> FilterValue:
        """What a number says.

        Raises:
            ValueError: It has more digits than Python reads.
        """
        return float(self.text) if re.search(r"[.eE]", self.text) else int(self.text)


_TOKEN = re.compile(
    rf"""
      (?P<string> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
    | (?P<date> [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}
        (?: T[0-9]{{2}}:[0-9]{{2}}(?: :[0-9]{{2}}(?:\.[0-9]+)? )?
            (?: Z | [+-][0-9]{{2}}(?: :?[0-9]{{2}} )? )? )?
        (?! [\w.:\-] ) )
    | (?P<number> [+-]?(?: [0-9]+(?:\.[0-9]*)? | \.[0-9]+ )(?: [eE][+-]?[0-9]+ )? (?! [\w.\-] ) )
    | (?P<operator> <= | >= | == | != | <> | = | < | > )
    | (?P<sign> [(),] )
    | (?P<name> {BARE_NAME.pattern} )
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"\s*")


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a filter, and its end.

    Raises:
        FilterError: A character that begins no token, or a quote that is not closed.
    """
    if len(text) > MOST_CHARACTERS:
        raise FilterError(
            f"The filter has {len(text):,} characters; {MOST_CHARACTERS:,} are the most."
        )
    at = 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space is not None else at
        if at == len(text):
            yield Token(TokenKind.END, "", at)
            return
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise unreadable(text, at, _why_no_token(text[at]))
        yield Token(TokenKind(found.lastgroup), found.group(), at)
        at = found.end()


def _why_no_token(character: str) -> str:
    if character in "\"'":
        return "this quote is not closed"
    if character in "“”„‘’«»":
        return f"{character} is no quote here; write \" or '"
    if character in "+-.0123456789":
        return "this is no number"
    if character in "&|!":
        return f"{character!r} is not known; write and, or, not"
    return f"{character!r} does not belong here"


def unreadable(text: str, at: int, why: str) -> FilterError:
    """Return the error that says what is wrong at a place of a filter, and shows it."""
    first = max(0, at - _SHOWN_BEFORE) if len(text) > _SHOWN_BEFORE + _SHOWN_AFTER else 0
    last = min(len(text), max(at, _SHOWN_BEFORE) + _SHOWN_AFTER)
    shown = "".join(one if one.isprintable() else " " for one in text[first:last])
    before, after = "..." * (first > 0), "..." * (last < len(text))
    return FilterError(
        f"The filter cannot be read at character {at + 1}: {why}.\n"
        f"  {before}{shown}{after}\n"
        f"  {' ' * (len(before) + at - first)}^",
        fix='A filter reads like: year >= 2020 and lang in ("en", "de") and not domain = "film"'
        " and exists(author)",
    )
