"""Documents into encoded passages, as the store asks for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.corpus.passages import PassageCutter
from retrieval.encode.protocol import Encoder
from retrieval.engine.observer import Observer
from retrieval.records import Document, PassageOptions
from retrieval.store.protocol import Passages


class DocumentEncoder:
    """Cuts and encodes batches of documents; empty ones get a zero vector.

    Args:
        encoder: The model.
        options: How documents are cut.
        observer: Told how many passages were encoded.
    """

    def __init__(self, encoder: Encoder, options: PassageOptions, observer: Observer) -> None:
        self._encoder = encoder
        self._cutter = PassageCutter(encoder, options)
        self._observer = observer
        self._encoded = 0

    def __call__(self, documents: Sequence[Document]) -> list[Passages]:
        """Return the passages of each document, in order."""
        cuts = self._cutter.cut_many(documents)
        texts = [text for cut in cuts if not cut.empty for text in cut.texts]
        rows = self._encoder.encode_passages(texts) if texts else None
        zero = np.zeros((1, self._encoder.identity.dim), dtype=np.float32)
        self._encoded += len(texts)
        self._observer.progress("encoding", self._encoded, None, "passages")
        found, start = [], 0
        for cut in cuts:
            if cut.empty or rows is None:
                found.append(Passages(cut.spans, zero, 0))
                continue
            end = start + len(cut.texts)
            found.append(Passages(cut.spans, rows[start:end], cut.unseen_tokens))
            start = end
        return found
