"""An open index: what programs hold and ask."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.engine.concepts.judging import JudgingMethods
from retrieval.engine.reading import ReadingMethods
from retrieval.engine.wanted_model import WantedModel
from retrieval.errors import UsageError
from retrieval.records import Document, Hit, Span
from retrieval.store.local import LocalStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from retrieval.encode.protocol import Encoder
    from retrieval.engine.reports import BuildReport, DeleteReport, Status, VerifyReport
    from retrieval.query.direction import Direction, Wish
    from retrieval.query.filter_parsing import GivenFilter
    from retrieval.query.modes import ModeOptions


class Index(JudgingMethods, ReadingMethods):
    """An index on disk, open at one generation; use it as a context manager or ``close`` it.

    Searching is safe from any number of threads. Writing moves this index to the new
    generation; other open ones stay at theirs until ``refresh``.

    Args:
        folder: The index folder.
        wanted: The model, and who follows slow work, such as its first export.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
        DamagedIndexError: A part of it is damaged or missing.
    """

    def __init__(self, folder: Path, wanted: WantedModel | None = None) -> None:
        self.path = folder
        self.name = folder.resolve().name
        self.report: BuildReport | None = None
        self._wanted = wanted or WantedModel()
        self._offline = self._wanted.offline
        self._observer = self._wanted.observer
        self._store = LocalStore(folder)
        self._encoder: Encoder | None = None
        self._encoder_lock = threading.Lock()
        self._store.describe()

    def search(
        self,
        query: str = "",
        k: int = 10,
        *,
        also: Sequence[str] = (),
        against: Sequence[str] = (),
        like: Sequence[str] = (),
        more: Sequence[str] = (),
        less: Sequence[str] = (),
        concept: str | None = None,
        and_concepts: Sequence[str] = (),
        not_concepts: Sequence[str] = (),
        and_texts: Sequence[str] = (),
        not_texts: Sequence[str] = (),
        min_precision: float | None = None,
        mode: str | ModeOptions | None = None,
        vector: ArrayLike | None = None,
    ) -> list[Hit]:
        """Find the k documents nearest to a text in meaning, or to documents as examples.

        Args:
            query: What is looked for, in words; empty with ``like`` or a concept.
            k: Hits wanted, at least 1.
            also: Other words for the same.
            against: What is not meant: documents are ranked by the difference.
            like: Ids of documents to find more of, instead of a text.
            more: Ids of documents to move the text towards.
            less: Ids of documents to move away from.
            concept: Rank by this learned concept instead; see ``search_concept``.
            and_concepts: Concepts that are wanted as well; see ``combination``.
            not_concepts: Concepts that are not wanted.
            and_texts: With a concept: texts of what is wanted as well.
            not_texts: With a concept: texts of what is not wanted.
            min_precision: With a concept: give only what promises this precision.
            mode: ``dense`` (by meaning), ``lexical`` (by words), ``hybrid`` (by both), or
                options for one of them.
            vector: Numbers (dim,), made as the index's vectors were, instead of a text.

        Returns:
            At most k hits, best first, each document by its best passage; documents named
            as examples are left out.

        Raises:
            EmptyQueryError, UsageError: An empty query, k < 1, or parts that do not go
                together.
            InputError: An example is not in the index.
            ModelError, ModelMismatchError: The index's model cannot be had.
        """
        if vector is not None:
            others = (query, also, against, like, more, less, concept, and_concepts, not_concepts)
            if any(others) or and_texts or not_texts or mode not in {None, "dense"}:
                raise UsageError("A vector is asked as it is, without a text or a concept.")
            answers = self.search_vectors(vector, k)
            if len(answers) != 1:
                raise UsageError(f"One vector is asked at once; {len(answers)} were given.")
            return answers[0]
        by_concept = concept is not None or and_concepts or not_concepts or and_texts or not_texts
        directed = also or against or like or more or less
        if (by_concept or directed) and mode not in {None, "dense"}:
            raise UsageError("Concepts, examples and several texts are searched by meaning alone.")
        if by_concept:
            return self._search_concepts(
                concept,
                k,
                with_others=bool(query or directed),
                and_concepts=and_concepts,
                not_concepts=not_concepts,
                and_texts=and_texts,
                not_texts=not_texts,
                min_precision=min_precision,
            )
        if min_precision is not None:
            raise UsageError("min_precision goes with a concept.", fix="Name one: concept=NAME")
        if not directed:
            return self.search_many([query], k, mode=mode)[0]
        from retrieval.query.direction import wish_of

        wish = wish_of(query, also=also, against=against, like=like, more=more, less=less)
        return self.search_direction(self.direction(wish), k)

    def direction(self, wish: Wish) -> Direction:
        """Turn a wish (texts, texts against texts, examples) into a direction to search.

        Raises:
            InputError: An example is not in the index, or has no text.
            UsageError: The parts cancel each other out.
        """
        from retrieval.query.direction import direction_of

        # documents alone can be searched with where no model is known
        encoder = None if wish.like else self.encoder
        return direction_of(wish, encoder, self._store.snapshot)

    def search_direction(self, direction: Direction, k: int = 10) -> list[Hit]:
        """Find the k documents nearest to a direction; see ``search``."""
        from retrieval.query.dense import search_direction

        return search_direction(self._store, direction, k, index=self.name)

    def search_many(
        self,
        queries: Sequence[str],
        k: int = 10,
        *,
        query_ids: Sequence[str] | None = None,
        mode: str | ModeOptions | None = None,
    ) -> list[list[Hit]]:
        """Answer several queries in one batch; each as ``search`` would alone.

        Args:
            queries: Query texts.
            k: Hits a query, at least 1.
            query_ids: Ids for the hits; None numbers the queries from 1.
            mode: By what documents are ranked; see ``search``.

        Returns:
            One list of hits a query, in order.
        """
        from retrieval.query.dense import search_texts

        if k < 1:
            raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
        if mode not in {None, "dense"}:
            from retrieval.query.texts import search_by_mode

            ask = (self._store, lambda: self.encoder, queries, k, mode)
            return search_by_mode(*ask, index=self.name, query_ids=query_ids)
        return search_texts(
            self._store, self.encoder, queries, k, index=self.name, query_ids=query_ids
        )

    def search_vectors(
        self,
        vectors: ArrayLike,
        k: int = 10,
        *,
        query_ids: Sequence[str] | None = None,
        where: GivenFilter = None,
    ) -> list[list[Hit]]:
        """Find the k documents nearest to each of several vectors.

        Args:
            vectors: Numbers (n, dim), made as the index's vectors were; of any length but 0.
            k: Hits each, at least 1.
            query_ids: Ids of the vectors; None numbers them from 1.
            where: A filter, as text or tree, that the documents have to match.

        Raises:
            UsageError: They are not n vectors of this index's dimension, or k < 1.
            FilterError: The filter cannot be read, or does not fit the fields.
        """
        from retrieval.query.filter_parsing import filter_of
        from retrieval.query.vector import query_rows, search_rows

        rows = query_rows(vectors, self._store.describe().model.dim)
        return search_rows(
            self._store,
            rows,
            k,
            index=self.name,
            query_ids=query_ids,
            where=filter_of(where),
        )

    def best_sentences(
        self, hits: Sequence[Hit], *, row: NDArray[np.float32] | None = None
    ) -> list[Span]:
        """Find the sentence of each hit's text that is nearest to its query.

        Args:
            hits: Hits of this index.
            row: float32 (dim,), what they were found with, such as the row of a direction;
                None for the text of their query.

        Returns:
            One span a hit, characters of ``hit.text``.
        """
        from retrieval.query.sentences import best_sentences

        return best_sentences(self.encoder, hits, row=row)

    @property
    def encoder(self) -> Encoder:
        """The model, loaded when first needed and checked against the index."""
        with self._encoder_lock:
            if self._encoder is None:
                from retrieval.engine.wanted_model import open_model

                self._encoder, self._close_encoder = open_model(
                    self._store.describe().model, self._wanted, where=self.path
                )
            return self._encoder

    def upsert(
        self,
        documents: Iterable[Document | Mapping[str, object]],
        *,
        vectors: NDArray[np.floating] | None = None,
    ) -> BuildReport:
        """Add documents; those of a known id replace it, unchanged ones are not encoded.

        Args:
            documents: ``Document`` records, or mappings with the fields of a JSON row
                (``id``, ``text``, ``title``, anything else is metadata). Of one id
                given twice, the last counts.
            vectors: Floating (documents, dim), their vectors in this order, for an index of
                own vectors; None to have them encoded.

        Returns:
            What was done; durable when it is returned.

        Raises:
            InputError: A mapping has no text, or an id of a wrong type; the vectors do not
                fit the documents.
            UsageError: New documents came without vectors, and no model is known.
            LockedError, FileSystemError: Nothing was committed.
        """
        from retrieval.engine.upserting import upsert

        return upsert(self, documents, vectors, self._wanted)

    def delete(self, ids: Iterable[str]) -> DeleteReport:
        """Delete documents by id.

        Returns:
            What was done, unknown ids among it; durable when it is returned.

        Raises:
            UsageError: A single string was given instead of several ids.
            LockedError, FileSystemError: Nothing was committed.
        """
        from retrieval.engine.reports import DeleteReport

        if isinstance(ids, str):
            raise UsageError(f"delete takes several ids; write delete([{ids!r}]).")
        receipt = self._store.delete(ids)
        return DeleteReport(
            index=self.name,
            generation=receipt.generation,
            deleted=receipt.deleted,
            missing=receipt.missing,
        )

    def refresh(self) -> int:
        """Move to the newest generation and return its number."""
        self._store.close()
        return self._store.describe().generation

    def status(self) -> Status:
        """Tell what the index holds on disk now."""
        from retrieval.engine.checks import status

        return status(self.path)

    def verify(self, *, sample: int = 64) -> VerifyReport:
        """Check everything on disk; see ``retrieval.verify``."""
        from retrieval.engine.checks import verify

        return verify(
            self.path,
            sample=sample,
            model=self._wanted.model,
            offline=self._offline,
            observer=self._observer,
        )

    def close(self) -> None:
        """Free the model and the memory maps."""
        with self._encoder_lock:
            if self._encoder is not None:
                self._close_encoder()
                self._encoder = None
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
