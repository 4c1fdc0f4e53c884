"""Whether an exported model gives the vectors of the original."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrieval.encode.protocol import Encoder
from retrieval.encode.reference import reference_rows
from retrieval.errors import ModelExportError
from retrieval.vectors import FloatRows

LEAST_COSINE = 0.9999

_SENTENCE = "The rain had stopped, and the whole street smelled of wet stone and bread. "

PROBES: tuple[str, ...] = (
    "a",
    "positive review",
    "Is this film worth two hours of a Sunday afternoon?",
    "  leading and trailing space\t\n",
    "",
    "UPPER lower MiXeD 12,345.67 %$#@ [MASK] <b>html</b>",
    "Über größere Bäume, naïve café, Ελληνικά, кириллица",
    "日本語のテキスト 中文文本 한국어 텍스트",
    "emoji 😀 family 👨‍👩‍👧 combining e\u0301 n\u0303",
    "hyphen-ated_words and/or http://example.org/path?query=1&b=2",
    "Pneumonoultramicroscopicsilicovolcanoconiosis" * 4,
    _SENTENCE,
    _SENTENCE * 4,
    _SENTENCE * 12,
    _SENTENCE * 120,
)
"""Short, long, over-long, empty, and in several scripts."""


def measure_parity(encoder: Encoder, model: Any) -> float:
    """Compare an encoder with the original model on the probe texts.

    Args:
        encoder: The exported model.
        model: The ``SentenceTransformer`` it was made from.

    Returns:
        The least cosine found: texts alone and together, as queries and as passages.

    Raises:
        ModelExportError: It is below ``LEAST_COSINE``, or not a number.
    """
    identity = encoder.identity
    passages = reference_rows(model, PROBES, identity.passage_prompt)
    queries = reference_rows(model, PROBES, identity.query_prompt)
    alone = np.concatenate([encoder.encode_passages([text]) for text in PROBES])
    least = min(
        _least_cosine(encoder.encode_passages(PROBES), passages),
        _least_cosine(encoder.encode_queries(PROBES), queries),
        _least_cosine(alone, passages),
    )
    if not least >= LEAST_COSINE:  # also when it is not a number
        raise ModelExportError(
            f"its exported vectors differ from the original's: cosine {least:.6f},"
            f" expected at least {LEAST_COSINE}"
        )
    return least


def _least_cosine(ours: FloatRows, theirs: FloatRows) -> float:
    wide = ours.astype(np.float64) * theirs.astype(np.float64)
    return float(np.min(np.sum(wide, axis=1)))
