"""Documents into encoded passages, as the store asks for them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from retrieval.corpus.passages import PassageCutter
from retrieval.encode.known_texts import KnownTexts
from retrieval.encode.passage_encoder import PassageEncoder
from retrieval.encode.protocol import Encoder
from retrieval.engine.precision_cost import CostSample
from retrieval.observer import Observer
from retrieval.records import Document, PassageOptions
from retrieval.store.precision_cost import PrecisionCost
from retrieval.store.protocol import Passages


class DocumentEncoder:
    """Cuts and encodes batches of documents; empty ones get a zero vector.

    Safe to call from several threads. Equal passages are encoded once.

    Args:
        encoder: The model.
        options: How documents are cut.
        observer: Told how many passages were encoded.
    """

    def __init__(self, encoder: Encoder, options: PassageOptions, observer: Observer) -> None:
        self._encoder = encoder
        self._cutter = PassageCutter(encoder, options)
        self._observer = observer
        self._known = KnownTexts(encoder.encode_passages, encoder.identity.dim)
        self._inexact = encoder.numerics.comparison_class != "float"
        self._sample = CostSample()
        self._encoded = 0
        self._counting = threading.Lock()

    @property
    def repeated(self) -> int:
        """Passages so far that took the vector of an equal one."""
        return self._known.repeated

    def cost(self) -> PrecisionCost | None:
        """Measure what the encoder's precision costs on what was encoded; None if it is exact."""
        if not (self._inexact and isinstance(self._encoder, PassageEncoder)):
            return None
        self._observer.progress("measuring", 0, None, "passages")
        precision = self._encoder.numerics.precision
        return self._sample.measure(precision, self._encoder.exact.encode_passages)

    def __call__(self, documents: Sequence[Document]) -> list[Passages]:
        """Return the passages of each document, in order."""
        cuts = self._cutter.cut_many(documents)
        texts = [text for cut in cuts if not cut.empty for text in cut.texts]
        rows = self._known(texts) if texts else None
        if self._inexact and rows is not None:
            self._sample.take(texts, rows)
        zero = np.zeros((1, self._encoder.identity.dim), dtype=np.float32)
        with self._counting:
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
