"""Pairs of texts as the tokens of one row, cut to a model's window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.tokens import PairFrame, TextTokenizer


@dataclass(frozen=True, slots=True, eq=False)
class PairTokens:
    """Rows of tokens, one a pair.

    Attributes:
        ids: int64 (tokens,) of each, special tokens included.
        types: int64 (tokens,) of each: which text a token is of, as the model numbers them.
        cut: bool (pairs,), where tokens were left out.
    """

    ids: list[NDArray[np.int64]]
    types: list[NDArray[np.int64]]
    cut: NDArray[np.bool_]


class PairTokenizer:
    """Joins two texts for one model.

    A pair longer than the window is cut as transformers does (``longest_first``): the longer
    text loses its end until the pair fits. So a query of at most half of the window is always
    seen whole, and of the passage what room is left.

    Args:
        path: The tokenizer as a ``tokenizer.json``.
        max_tokens: Window of the model, special tokens included.

    Raises:
        ModelAlteredError: The file is not a tokenizer, or not one of pairs.
    """

    def __init__(self, path: Path, max_tokens: int) -> None:
        self._tokenizer = TextTokenizer(path, max_tokens)
        self._frame = self._tokenizer.pair_frame()
        self._room = max(0, max_tokens - self._frame.size)

    def pair_tokens(self, queries: Sequence[str], passages: Sequence[str]) -> PairTokens:
        """Return the tokens of pairs.

        Args:
            queries: First text of each of n pairs; a text given again is tokenized once.
            passages: Second text of each.
        """
        distinct = list(dict.fromkeys(queries))
        first_ids = dict(zip(distinct, self._tokenizer.plain_ids(distinct), strict=True))
        rows = PairTokens([], [], np.zeros(len(queries), dtype=np.bool_))
        second_ids = self._tokenizer.plain_ids(passages)
        for at, (query, second) in enumerate(zip(queries, second_ids, strict=True)):
            first = first_ids[query]
            seen_first, seen_second = seen_tokens(len(first), len(second), self._room)
            rows.cut[at] = seen_first < len(first) or seen_second < len(second)
            ids, types = _framed(self._frame, first[:seen_first], second[:seen_second])
            rows.ids.append(ids)
            rows.types.append(types)
        return rows


def seen_tokens(first: int, second: int, room: int) -> tuple[int, int]:
    """Return how many tokens of each text of a pair are seen.

    Args:
        first: Tokens of the first text.
        second: Tokens of the second.
        room: Most tokens of both together.
    """
    if first + second <= room:
        return first, second
    shorter = min(first, second)
    if shorter <= room // 2:
        return (shorter, room - shorter) if first <= second else (room - shorter, shorter)
    # both exceed half: the longer one gets the odd token, as in the tokenizers library
    half, rest = room // 2, room - room // 2
    return (half, rest) if first <= second else (rest, half)


def _framed(
    frame: PairFrame, first: Sequence[int], second: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and types of a pair with its special tokens, int64 (tokens,) each."""
    before, between, after = (
        np.array(one, dtype=np.int64).reshape(-1, 2)
        for one in (frame.before, frame.between, frame.after)
    )
    ids = np.concatenate(
        [
            before[:, 0],
            np.array(first, dtype=np.int64),
            between[:, 0],
            np.array(second, dtype=np.int64),
            after[:, 0],
        ]
    )
    types = np.concatenate(
        [
            before[:, 1],
            np.full(len(first), frame.first_type, dtype=np.int64),
            between[:, 1],
            np.full(len(second), frame.second_type, dtype=np.int64),
            after[:, 1],
        ]
    )
    return ids, types
