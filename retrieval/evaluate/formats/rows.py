"""One line of a format as query, document and number."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import orjson

from retrieval.evaluate.formats.layouts import Layout

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def trec_judgment(text: str) -> tuple[str, str, int]:
    """Read ``query 0 document grade``; the second column says nothing.

    Raises:
        ValueError: It is something else, in words.
    """
    columns = text.split()
    if len(columns) != 4:
        raise ValueError(f"{len(columns)} columns; 4 were expected (query, 0, document, grade)")
    return columns[0], columns[2], _grade(columns[3])


def beir_judgment(text: str) -> tuple[str, str, int]:
    """Read ``query-id corpus-id score``, separated by tabs.

    Raises:
        ValueError: It is something else, in words.
    """
    columns = text.split("\t")
    if len(columns) != 3 or not columns[0] or not columns[1]:
        raise ValueError(
            f"{len(columns)} tab-separated columns; 3 were expected, none empty"
            " (query-id, corpus-id, score)"
        )
    return columns[0], columns[1], _grade(columns[2].strip())


def json_judgment(text: str) -> tuple[str, str, int]:
    """Read an object with ``query_id``, ``doc_id`` and ``grade``.

    Raises:
        ValueError: It is something else, in words.
    """
    row = _object(text)
    return _id(row, "query_id"), _id(row, "doc_id"), _grade(repr(row.get("grade")))


def trec_hit(text: str) -> tuple[str, str, float]:
    """Read ``query Q0 document rank score tag``; only the score ranks, as in trec_eval.

    Raises:
        ValueError: It is something else, in words.
    """
    columns = text.split()
    if len(columns) != 6:
        raise ValueError(
            f"{len(columns)} columns; 6 were expected (query, Q0, document, rank, score, tag)"
        )
    return columns[0], columns[2], _score(columns[4])


def json_hit(text: str) -> tuple[str, str, float]:
    """Read an object with ``query_id``, ``doc_id`` and ``score``.

    Raises:
        ValueError: It is something else, in words.
    """
    row = _object(text)
    return _id(row, "query_id"), _id(row, "doc_id"), _score(repr(row.get("score")))


JUDGMENTS: dict[Layout, Callable[[str], tuple[str, str, int]]] = {
    Layout.TREC_QRELS: trec_judgment,
    Layout.BEIR_QRELS: beir_judgment,
    Layout.JSON_QRELS: json_judgment,
}
HITS: dict[Layout, Callable[[str], tuple[str, str, float]]] = {
    Layout.TREC_RUN: trec_hit,
    Layout.JSON_RUN: json_hit,
}


def _grade(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"the grade {text} is not a whole number")
    return int(text)


def _score(text: str) -> float:
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        raise ValueError(f"the score {text} is not finite")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"the score {text} is not a number")
    score = float(text)
    if not math.isfinite(score):
        raise ValueError(f"the score {text} is too large")
    return score


def _object(text: str) -> dict[str, object]:
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error})") from error
    if not isinstance(row, dict):
        raise ValueError(f"not a JSON object: {text[:40]!r}")  # noqa: TRY004 - a bad value, not type
    return row


def _id(row: dict[str, object], name: str) -> str:
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is {value!r}; a string was expected")
    return value
