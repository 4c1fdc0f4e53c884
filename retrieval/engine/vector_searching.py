"""What an open index can be asked with vectors, and what its own say of hits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from retrieval.errors import UsageError
from retrieval.query.search_options import Refinements, SearchOptions
from retrieval.records import Hit, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from retrieval.encode.protocol import Encoder
    from retrieval.engine.wanted_model import WantedModel
    from retrieval.query.first_stage import FirstStage
    from retrieval.query.modes import ModeOptions
    from retrieval.store.local import LocalStore


class VectorMethods:
    """The part of ``Index`` that is asked with vectors."""

    _store: LocalStore
    _wanted: WantedModel

    if TYPE_CHECKING:

        @property
        def encoder(self) -> Encoder: ...

        def _answer(self, first: FirstStage, options: SearchOptions) -> list[list[Hit]]: ...

    def search_vectors(
        self,
        vectors: ArrayLike,
        k: int = 10,
        *,
        query_ids: Sequence[str] | None = None,
        **refine: Unpack[Refinements],
    ) -> list[list[Hit]]:
        """Find the k documents nearest to each of several vectors.

        Args:
            vectors: Numbers (n, dim), made as the index's vectors were; of any length but 0.
            k: Hits each, at least 1.
            query_ids: Ids of the vectors; None numbers them from 1.
            **refine: See ``Refinements``.

        Raises:
            UsageError: They are not n vectors of this index's dimension, k < 1, or another
                number of ids than of vectors.
        """
        from retrieval.query.vector import VectorStage, query_rows

        options = SearchOptions.of(k, **refine)
        rows = query_rows(vectors, self._store.describe().model.dim)
        return self._answer(VectorStage(rows, query_ids=query_ids), options)

    def search_vector(
        self,
        vector: ArrayLike,
        query: str = "",
        k: int = 10,
        *,
        mode: str | ModeOptions | None = None,
        **refine: Unpack[Refinements],
    ) -> list[Hit]:
        """Find the k documents nearest to a vector, or to it and the words of a text.

        Args:
            vector: Numbers (dim,), made as the index's vectors were; of any length but 0.
            query: A text, which a hybrid search goes with.
            k: Hits wanted, at least 1.
            mode: ``hybrid`` with a text, nothing without.
            **refine: See ``Refinements``.

        Raises:
            UsageError: It is no vector of this index's dimension, k < 1, or a text came
                without a hybrid mode.
        """
        from retrieval.query.vector import GivenQueries, query_rows

        rows = query_rows(vector, self._store.describe().model.dim)
        if len(rows) != 1:
            raise UsageError(f"One query vector is asked at once; {len(rows)} were given.")
        if mode in {None, "dense"} and not query:
            return self.search_vectors(rows, k, **refine)[0]
        from retrieval.query.modes import ModeOptions, SearchMode
        from retrieval.query.texts import TextStage

        if not query or ModeOptions.named(mode).mode is not SearchMode.HYBRID:
            raise UsageError(
                "A query vector goes alone, or with a text in a hybrid search.",
                fix='Leave the text out, or give mode="hybrid".',
            )
        first = TextStage([query], mode=mode, encoder=lambda: GivenQueries(rows))
        return self._answer(first, SearchOptions.of(k, **refine))[0]

    def best_sentences(
        self, hits: Sequence[Hit], *, row: NDArray[np.float32] | None = None
    ) -> list[Span]:
        """Find the sentence of each hit's text that is nearest to its query.

        Args:
            hits: Hits of this index.
            row: float32 (dim,), what they were found with, such as the row of a direction;
                None for the text of their query.

        Returns:
            One span a hit, characters of ``hit.text``; where no model of the index is known,
            the first sentence.
        """
        told = [Span(*hit.explanation.sentence) for hit in hits if hit.explanation is not None]
        if len(told) == len(hits):
            return told
        from retrieval.engine.wanted_model import can_open
        from retrieval.query.sentences import best_sentences, first_sentences

        if not can_open(self._store.describe().model, self._wanted):
            return first_sentences(hits)
        return best_sentences(self.encoder, hits, row=row)
