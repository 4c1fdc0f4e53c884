"""Reading a query with operators: ``"quoted phrase"``, ``+word``, ``-word``, ``-"phrase"``.

Only for those who ask for it: in a text that is searched as it is, quotes and dashes mean
nothing. An operator stands where a word begins; inside a word (``e-mail``, ``5"``) and before
white space its signs are text.
"""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.errors import EmptyQueryError, UsageError
from retrieval.lexical.conditions import WordConditions

_SHOWN_BEFORE, _SHOWN_AFTER = 50, 20
"""Characters of a long query that are shown around an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedQuery:
    """A query that was read.

    Attributes:
        text: What documents are ranked by: everything but what is left out, without operators.
        conditions: Which documents may be found.
    """

    text: str
    conditions: WordConditions


def parse_query(query: str) -> ParsedQuery:
    """Read a query with operators.

    Raises:
        UsageError: A quote is not closed, or nothing stands between two.
        EmptyQueryError: Nothing is looked for, but only left out.
    """
    text: list[str] = []
    found: dict[tuple[str, bool], list[str]] = {
        (sign, quoted): [] for sign in ("", "+", "-") for quoted in (False, True)
    }
    at = 0
    while at < len(query):
        if query[at].isspace():
            at += 1
            continue
        sign = query[at] if _is_operator(query, at) else ""
        start = at + len(sign)
        quoted = query[start] == '"'
        if quoted:
            end = query.find('"', start + 1)
            if end < 0:
                raise _unreadable(query, start, "this quote is not closed")
            piece, at = query[start + 1 : end], end + 1
            if not piece.strip():
                raise _unreadable(query, start, "nothing stands between these quotes")
        else:
            end = start
            while end < len(query) and not query[end].isspace():
                end += 1
            piece, at = query[start:end], end
        found[sign, quoted].append(piece)
        if sign != "-":
            text.append(piece)
    if query.strip() and not text:
        raise EmptyQueryError(
            f"The query {query!r} only says what is not meant.",
            fix="Say what is looked for as well.",
        )
    conditions = WordConditions(
        phrases=(*found["", True], *found["+", True]),
        words=tuple(found["+", False]),
        without=tuple(found["-", False]),
        without_phrases=tuple(found["-", True]),
    )
    return ParsedQuery(text=" ".join(text), conditions=conditions)


def _is_operator(query: str, at: int) -> bool:
    """Tell whether a sign that begins a word is an operator: a word or a quote follows it."""
    after = query[at + 1 : at + 2]
    return query[at] in "+-" and bool(after) and not after.isspace() and after not in "+-"


def _unreadable(query: str, at: int, why: str) -> UsageError:
    """Return the error that says what is wrong at a place of a query, and shows it."""
    first = max(0, at - _SHOWN_BEFORE) if len(query) > _SHOWN_BEFORE + _SHOWN_AFTER else 0
    last = min(len(query), max(at, _SHOWN_BEFORE) + _SHOWN_AFTER)
    shown = "".join(one if one.isprintable() else " " for one in query[first:last])
    before, after = "..." * (first > 0), "..." * (last < len(query))
    return UsageError(
        f"The query cannot be read at character {at + 1}: {why}.\n"
        f"  {before}{shown}{after}\n"
        f"  {' ' * (len(before) + at - first)}^\n",
        fix='Close it, as in "cold soup" -"hot soup"; or search for the text as it is, without'
        " syntax (--syntax).",
    )
