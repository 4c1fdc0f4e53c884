"""The sentence of a hit that comes closest to the query, for showing it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus.sentences import sentence_spans
from retrieval.encode.protocol import Encoder
from retrieval.records import Hit, Span


def best_sentences(
    encoder: Encoder, hits: Sequence[Hit], *, row: NDArray[np.float32] | None = None
) -> list[Span]:
    """Find in each hit's text the sentence whose embedding is nearest to the query's.

    Args:
        encoder: The model the hits were found with.
        hits: Hits of any queries; of one, if ``row`` is given.
        row: float32 (dim,), what was searched with; None to encode each hit's query.

    Returns:
        One span a hit, characters of ``hit.text``, without white space around it; the
        earliest of equally near sentences.
    """
    sentences = [_sentences(hit.text) for hit in hits]
    open_choices = [at for at, spans in enumerate(sentences) if len(spans) > 1]
    chosen = [spans[0] for spans in sentences]
    if not open_choices:
        return chosen
    queries = list(dict.fromkeys(hits[at].query for at in open_choices))
    rows_of = encoder.encode_queries(queries) if row is None else [row] * len(queries)
    query_rows = dict(zip(queries, rows_of, strict=True))
    texts = [hits[at].text[span.start : span.end] for at in open_choices for span in sentences[at]]
    rows = encoder.encode_passages(texts)
    start = 0
    for at in open_choices:
        end = start + len(sentences[at])
        nearest = int((rows[start:end] @ query_rows[hits[at].query]).argmax())
        chosen[at] = sentences[at][nearest]
        start = end
    return chosen


def first_sentences(hits: Sequence[Hit]) -> list[Span]:
    """Return the first sentence of each hit's text, for where no model can choose one."""
    return [_sentences(hit.text)[0] for hit in hits]


def _sentences(text: str) -> list[Span]:
    """Return the sentences of a text without white space around them; at least one span."""
    spans = []
    for span in sentence_spans(text):
        sentence = text[span.start : span.end]
        start = span.start + len(sentence) - len(sentence.lstrip())
        end = span.end - len(sentence) + len(sentence.rstrip())
        if start < end:
            spans.append(Span(start, end))
    return spans or [Span(0, len(text))]
