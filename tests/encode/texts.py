"""Texts of many shapes for comparing encoders: two hundred, always the same."""

from __future__ import annotations

import numpy as np

_TEXT = """
    the a of review positive negative film book plot slow brilliant acting dull warm evening
    restaurant soup cold service quick battery screen bright cheap broken never again always
    2024 3.14 e-mail naïve café über Ελλάδα Москва 日本 한국 emoji 😀 [MASK] <b> & http://a.b
"""


def varied_texts(count: int = 200) -> list[str]:
    """Return texts of 0 to 400 words, with marks, accents and other scripts among them."""
    words = _TEXT.split()
    rng = np.random.default_rng(7)
    lengths = np.concatenate([[0, 1, 1, 2, 400], rng.integers(1, 30, size=count - 5)])
    texts: list[str] = []
    for length in lengths:
        chosen = [words[number] for number in rng.integers(0, len(words), size=int(length))]
        ends = rng.choice([" ", ", ", ". ", "\n", "  "], size=int(length))
        texts.append("".join(word + end for word, end in zip(chosen, ends, strict=True)))
    return texts
