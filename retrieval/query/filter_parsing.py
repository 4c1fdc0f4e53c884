"""Reading a filter from the language people write: ``docs/filters.md`` has its grammar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from retrieval.errors import FilterError
from retrieval.filters.tree import MAX_DEPTH, And, Eq, Exists, Filter, In, Not, Or, Range, all_of
from retrieval.filters.values import FilterValue
from retrieval.query.filter_tokens import Token, TokenKind, tokens_of, unreadable

_EQUAL, _UNEQUAL = {"=", "=="}, {"!=", "<>"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_BOUND = {">=": "at_least", ">": "above", "<=": "at_most", "<": "below"}
_VALUES = {TokenKind.STRING, TokenKind.DATE, TokenKind.NUMBER}

GivenFilter: TypeAlias = "Filter | str | None"
"""A filter as callers give it: a tree, a text, or none."""


def filter_of(given: GivenFilter) -> Filter | None:
    """Return a filter as a tree; None for none.

    Raises:
        FilterError: A text that cannot be read, or something that is no filter.
    """
    if isinstance(given, str):
        return parse_filter(given)
    if given is not None and not isinstance(given, Eq | In | Range | Exists | And | Or | Not):
        raise FilterError(f"A filter is a text or a tree of Eq, In and the others, not {given!r}.")
    return given


def parse_filter(text: str) -> Filter:
    """Read a filter.

    Args:
        text: Such as ``year >= 2020 and lang in ("en", "de") and not exists(author)``.

    Returns:
        Its tree; its ``str`` is the same filter, written in one way.

    Raises:
        FilterError: It cannot be read; the message shows where, and what was expected.
    """
    return _Reader(text).filter()


def parse_filters(texts: tuple[str, ...]) -> Filter | None:
    """Read several filters, all of which have to hold; None for none."""
    return all_of(map(parse_filter, texts))


class _Reader:
    """Reads a filter by recursive descent, at most ``MAX_DEPTH`` deep."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens_of(text))
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind is not TokenKind.END
        return token

    def _refuse(self, token: Token, why: str) -> FilterError:
        return unreadable(self._text, token.start, why)

    def _expected(self, what: str) -> FilterError:
        return self._refuse(self._next, f"expected {what}, found {self._next.told}")

    def filter(self) -> Filter:
        tree = self._any()
        if self._next.kind is not TokenKind.END:
            raise self._expected("and, or, or the end")
        return tree

    def _any(self) -> Filter:
        return self._joined("or", self._all, Or)

    def _all(self) -> Filter:
        return self._joined("and", self._one, And)

    def _joined(self, word: str, read: Callable[[], Filter], node: type[And] | type[Or]) -> Filter:
        first = self._next
        found = [read()]
        while self._next.is_word(word):
            self._take()
            found.append(read())
        return found[0] if len(found) == 1 else self._made(first, lambda: node(tuple(found)))

    def _made(self, token: Token, make: Callable[[], Filter]) -> Filter:
        """Make a node; what it refuses is shown where it begins."""
        try:
            return make()
        except FilterError as error:
            raise self._refuse(token, error.what.rstrip(".")) from None

    def _one(self) -> Filter:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refuse(self._next, f"it is nested more than {MAX_DEPTH} deep here")
        token = self._next
        if token.is_word("not"):
            self._take()
            inner = self._one()
            found = self._made(token, lambda: Not(inner))
        elif token.text == "(" and token.kind is TokenKind.SIGN:
            self._take()
            found = self._any()
            self._sign(")", f"a ) for the ( at character {token.start + 1}")
        else:
            found = self._comparison()
        self._depth -= 1
        return found

    def _sign(self, sign: str, what: str) -> None:
        if self._next.kind is not TokenKind.SIGN or self._next.text != sign:
            raise self._expected(what)
        self._take()

    def _comparison(self) -> Filter:
        token = self._next
        after = self._tokens[self._at + 1] if token.kind is not TokenKind.END else token
        if token.is_word("exists") and after.text == "(" and after.kind is TokenKind.SIGN:
            return self._exists()
        if token.kind in {TokenKind.NUMBER, TokenKind.DATE} or (
            token.is_word("true", "false") and after.kind is TokenKind.OPERATOR
        ):
            return self._value_first()
        if token.kind is TokenKind.STRING and self._is_value_first():
            return self._value_first()
        field = self._field()
        if self._next.is_word("in"):
            return self._in(token, field)
        if self._next.is_word("not") and self._tokens[self._at + 1].is_word("in"):
            self._take()
            inner = self._in(token, field)
            return self._made(token, lambda: Not(inner))
        sign = self._operator("=, !=, <, <=, >, >=, in or not in")
        value = self._value()
        return self._made(token, lambda: _compared(field, sign, value))

    def _is_value_first(self) -> bool:
        """Tell whether a string is a value: ``"a" <= name``, or ``"a" <= "a name" < "b"``."""
        kinds = [one.kind for one in self._tokens[self._at + 1 : self._at + 4]]
        if kinds[:1] != [TokenKind.OPERATOR]:
            return False
        field = self._tokens[self._at + 2]
        bare = field.kind is TokenKind.NAME and not field.is_word("true", "false", "null")
        return bare or kinds[2:] == [TokenKind.OPERATOR]

    def _exists(self) -> Filter:
        self._take()
        self._sign("(", "(")
        field = self._field()
        self._sign(")", "a ) after the name of a field")
        return Exists(field)

    def _value_first(self) -> Filter:
        """Read ``2020 <= year`` or ``2020 <= year < 2030``."""
        token = self._next
        low = self._value()
        sign = self._operator("=, !=, <, <=, > or >=")
        field = self._field()
        mirrored = _MIRRORED.get(sign, sign)
        if self._next.kind is not TokenKind.OPERATOR or sign not in _MIRRORED:
            return self._made(token, lambda: _compared(field, mirrored, low))
        other = self._next
        second = self._operator("< or <=")
        if second not in _MIRRORED or second[0] != sign[0]:
            raise self._refuse(other, f"expected {sign[0]} or {sign[0]}=, found {other.told}")
        high = self._value()
        bounds = {_BOUND[mirrored]: low, _BOUND[second]: high}
        return self._made(token, lambda: Range(field, **bounds))

    def _in(self, token: Token, field: str) -> Filter:
        self._take()
        self._sign("(", "a ( with values after in")
        values = [self._value()]
        while self._next.text == "," and self._next.kind is TokenKind.SIGN:
            self._take()
            values.append(self._value())
        self._sign(")", "a comma or a ) after a value")
        return self._made(token, lambda: In(field, tuple(values)))

    def _field(self) -> str:
        token = self._next
        if token.kind is TokenKind.STRING:
            return self._take().unquoted
        if token.kind is not TokenKind.NAME:
            raise self._expected("the name of a field")
        if token.is_word("and", "or", "not", "in", "exists", "true", "false", "null"):
            raise self._refuse(
                token,
                f"expected the name of a field, found {token.told} (a field of that name is"
                " written in quotes)",
            )
        return self._take().text

    def _operator(self, what: str) -> str:
        if self._next.kind is not TokenKind.OPERATOR:
            raise self._expected(what)
        return self._take().text

    def _value(self) -> FilterValue:
        token = self._next
        if token.is_word("true", "false"):
            return self._take().text.casefold() == "true"
        if token.is_word("null"):
            raise self._refuse(token, "null is no value; write exists(...) or not exists(...)")
        if token.kind is TokenKind.NAME and not token.is_word("and", "or", "not", "in"):
            raise self._refuse(
                token, f'expected a value; a string stands in quotes: "{token.text}"'
            )
        if token.kind not in _VALUES:
            raise self._expected("a value")
        self._take()
        if token.kind is TokenKind.STRING:
            return token.unquoted
        try:
            return token.text if token.kind is TokenKind.DATE else token.number
        except ValueError:
            raise self._refuse(token, "this number has too many digits") from None


def _compared(field: str, sign: str, value: FilterValue) -> Filter:
    if sign in _EQUAL:
        return Eq(field, value)
    if sign in _UNEQUAL:
        return Not(Eq(field, value))
    return Range(field, **{_BOUND[sign]: value})
