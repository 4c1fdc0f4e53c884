"""Markup made of tags: what is not markup yet is escaped, so no text can become any."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

from retrieval.cli.escapes import printable

_ALONE = {"meta", "br", "col", "input"}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Attribute: TypeAlias = "str | int | float | None"


def tag(name: str, /, *children: str, **attributes: Attribute) -> Markup:
    """Return an element, well-formed as HTML and as XML.

    Args:
        name: The element's name.
        children: Markup goes in as it is; any other text is made printable and escaped.
        attributes: By name; underscores become hyphens and a last one goes
            (``class_``); None leaves an attribute out.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(_attribute(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _ALONE:
        return Markup(f"<{name}{told}/>")
    return Markup(f"<{name}{told}>{together(*children)}</{name}>")


def together(*pieces: str) -> Markup:
    """Return pieces one after the other, those that are not markup escaped."""
    return Markup("".join(map(_child, pieces)))


def number(value: float) -> str:
    """Return a coordinate with at most two decimals, no zeros behind."""
    return f"{value:z.2f}".rstrip("0").rstrip(".")


def _child(piece: str) -> str:
    return piece if isinstance(piece, Markup) else _escaped(piece)


def _attribute(value: str | float) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _escaped(text: str) -> str:
    return escape(printable(text))
