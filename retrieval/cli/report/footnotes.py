"""Signs beside figures, and the sentences they stand for."""

from __future__ import annotations

from collections.abc import Iterator

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Footnotes:
    """Gives each different sentence a letter, in the order they are first met."""

    def __init__(self) -> None:
        self._signs: dict[str, str] = {}

    def sign(self, text: str) -> str:
        """Return the sign of a sentence: ``a``, ``b`` ... ``z``, ``aa``; empty for no sentence."""
        if not text:
            return ""
        return self._signs.setdefault(text, _letters(len(self._signs)))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield each sign with its sentence."""
        for text, sign in self._signs.items():
            yield sign, text

    def __len__(self) -> int:
        return len(self._signs)


def _letters(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, place = divmod(number - 1, len(_LETTERS))
        letters = _LETTERS[place] + letters
    return letters
