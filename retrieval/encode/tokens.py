"""Text to tokens, with a model's own tokenizer; the one door to ``tokenizers``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelAlteredError

if TYPE_CHECKING:
    from tokenizers import Encoding

_SLICE_TEXTS = 1024
"""Texts tokenized at once: what the library keeps of each is much larger than its ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFrame:
    """Special tokens of a pair of texts, each as (id, type), and the types of the texts.

    Attributes:
        before: In front of the first text.
        between: Between the two.
        after: Behind the second.
        first_type: Type of the first text's tokens.
        second_type: Type of the second's.
    """

    before: tuple[tuple[int, int], ...]
    between: tuple[tuple[int, int], ...]
    after: tuple[tuple[int, int], ...]
    first_type: int
    second_type: int

    @property
    def size(self) -> int:
        """How many special tokens there are."""
        return len(self.before) + len(self.between) + len(self.after)


class TextTokenizer:
    """Splits texts into tokens of one model.

    Args:
        path: The tokenizer as a ``tokenizer.json``.
        max_tokens: Window of the model, special tokens included.

    Raises:
        ModelAlteredError: The file is not a tokenizer.
    """

    def __init__(self, path: Path, max_tokens: int) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ModelAlteredError(
                f"{path} does not hold a tokenizer ({error}).",
                fix="Remove the folder it lies in; the model is then exported anew.",
            ) from error
        # a file may carry limits of its own that are not the model's window
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._before, self._after = _special_ids(self._tokenizer.encode("a"))
        self._max_tokens = max_tokens

    @property
    def special_tokens(self) -> int:
        """Tokens the model puts around every text."""
        return len(self._before) + len(self._after)

    def count(self, text: str) -> int:
        """Return the number of tokens of a text, without special ones."""
        return len(self._encode([text], offsets=False)[0].ids)

    def window_ids(self, texts: Sequence[str], prompt: str = "") -> list[NDArray[np.int64]]:
        """Return each text's token ids as the model takes them, cut to its window.

        Args:
            texts: Any strings.
            prompt: Put before every text.

        Returns:
            int64 (tokens,) of each, special tokens included, at most ``max_tokens``.
        """
        room = max(0, self._max_tokens - self.special_tokens)
        return [
            np.array([*self._before, *inside[:room], *self._after], dtype=np.int64)
            for inside in self.plain_ids([prompt + text for text in texts])
        ]

    def plain_ids(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Yield each text's token ids without special ones, nothing cut."""
        for start in range(0, len(texts), _SLICE_TEXTS):
            for encoding in self._encode(texts[start : start + _SLICE_TEXTS], offsets=False):
                yield encoding.ids

    def pair_frame(self) -> PairFrame:
        """Return what the model puts around the two texts of a pair.

        Raises:
            ModelAlteredError: The tokenizer cannot take two texts.
        """
        encoding = self._tokenizer.encode("a", "a")
        sides, ids, types = encoding.sequence_ids, encoding.ids, encoding.type_ids
        places = [[at for at, side in enumerate(sides) if side == one] for one in (0, 1)]
        if not all(places) or places[0][-1] > places[1][0]:
            raise ModelAlteredError(
                "The model's tokenizer makes no pair of two texts.",
                fix="Choose a cross-encoder whose tokenizer.json knows pairs.",
            )
        (first, *_), (second, *_) = places
        end, last = places[0][-1] + 1, places[1][-1] + 1
        return PairFrame(
            before=tuple(zip(ids[:first], types[:first], strict=True)),
            between=tuple(zip(ids[end:second], types[end:second], strict=True)),
            after=tuple(zip(ids[last:], types[last:], strict=True)),
            first_type=types[first],
            second_type=types[second],
        )

    def offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return where each token lies, in characters: int32 (tokens, 2) a text, nothing cut."""
        rows: list[NDArray[np.int32]] = []
        for start in range(0, len(texts), _SLICE_TEXTS):
            for encoding in self._encode(texts[start : start + _SLICE_TEXTS], offsets=True):
                rows.append(np.array(encoding.offsets, dtype=np.int32).reshape(-1, 2))  # noqa: PERF401 -- longer as an extend
        return rows

    def _encode(self, texts: Sequence[str], *, offsets: bool) -> list[Encoding]:
        whole = [_without_surrogates(text) for text in texts]
        if len(whole) == 1:  # starts no threads
            return [self._tokenizer.encode(whole[0], add_special_tokens=False)]
        if offsets:
            return self._tokenizer.encode_batch(whole, add_special_tokens=False)
        return self._tokenizer.encode_batch_fast(whole, add_special_tokens=False)


def _special_ids(encoding: Encoding) -> tuple[list[int], list[int]]:
    """Split the special tokens around a text into those before and those after it."""
    special = encoding.special_tokens_mask
    inside = [position for position, flag in enumerate(special) if not flag]
    if not inside:
        return list(encoding.ids), []
    return list(encoding.ids[: inside[0]]), list(encoding.ids[inside[-1] + 1 :])


def _without_surrogates(text: str) -> str:
    """Replace lone surrogates, which are no text, one character for one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
