"""Documents that share words, as BM25 needs them."""

from __future__ import annotations

from retrieval.records import Document
from tests.lexical.made import made_texts


def worded(first: int, last: int, seed: int = 0) -> list[Document]:
    """Documents of one to three passages of shared words, some with titles, some empty."""
    texts = made_texts(3 * last, seed)
    return [
        Document(
            f"d{number}",
            ". ".join(texts[3 * number : 3 * number + 1 + number % 3]) if number % 11 else "",
            title=f"title{number % 2}" if number % 5 == 1 else "",
        )
        for number in range(first, last)
    ]
