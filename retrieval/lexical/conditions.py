"""What words a document has to hold, and which it must not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

_BORDER = "\n"
"""Between terms, which are made of letters, digits and few signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordConditions:
    """Which documents may be found, by the words they hold; each text is analysed as theirs are.

    Attributes:
        phrases: Texts whose words stand next to each other in this order.
        words: Texts all of whose words are held.
        without: Texts all of whose words must not be held together.
        without_phrases: Texts whose words must not stand next to each other in this order.
    """

    phrases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    without_phrases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    def and_also(self, other: WordConditions) -> Self:
        """Return the conditions of both."""
        both = {
            one.name: (*getattr(self, one.name), *getattr(other, one.name)) for one in fields(self)
        }
        return type(self)(**both)


def stands_in(phrase: Sequence[str], terms: Sequence[str]) -> bool:
    """Tell whether terms stand next to each other, in this order, among others.

    Args:
        phrase: At least one term.
        terms: The terms of a text in order.
    """
    wanted = _BORDER.join(["", *phrase, ""])
    return wanted in _BORDER.join(["", *terms, ""])
