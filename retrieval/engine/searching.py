"""What an open index can be asked: the part of ``Index`` that searches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from retrieval.engine.answering import AnswerMethods
from retrieval.errors import UsageError
from retrieval.query.search_options import Refinements, SearchOptions
from retrieval.records import Hit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from retrieval.concept.artefact import Concept
    from retrieval.query.combination import Combination, Combined
    from retrieval.query.direction import Direction, Wish
    from retrieval.query.modes import ModeOptions


class SearchMethods(AnswerMethods):
    """The part of ``Index`` that searches.

    Every method takes the options of ``Refinements`` as keywords.
    """

    if TYPE_CHECKING:

        def concept(self, name: str) -> Concept: ...

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
        syntax: bool = False,
        vector: ArrayLike | None = None,
        **refine: Unpack[Refinements],
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
            syntax: Read the query with operators: "quoted phrase", +word, -word, -"phrase".
            vector: Numbers (dim,), made as the index's vectors were, instead of a text; with
                a text and ``hybrid``, instead of its meaning.
            **refine: See ``Refinements``.

        Returns:
            At most k hits, best first, each document by its best passage; documents named
            as examples are left out.

        Raises:
            EmptyQueryError, UsageError: An empty query, k < 1, or parts that do not go
                together.
            InputError: An example is not in the index.
            ModelError, ModelMismatchError: The index's model cannot be had.
        """
        by_concept = concept is not None or and_concepts or not_concepts or and_texts or not_texts
        directed = also or against or like or more or less
        if (by_concept or directed) and mode not in {None, "dense"}:
            raise UsageError("Concepts, examples and several texts are searched by meaning alone.")
        if (by_concept or directed) and syntax:
            raise UsageError(
                "syntax is for one text alone, without concepts, examples and other texts.",
                fix="Say with phrases=[...] and without=[...] which words are asked for.",
            )
        if by_concept:
            wish = _combination(
                concept,
                with_others=bool(query or directed) or vector is not None,
                and_concepts=and_concepts,
                not_concepts=not_concepts,
                and_texts=and_texts,
                not_texts=not_texts,
            )
            if wish.is_single:
                return self.search_concept(wish.concept, k, min_precision=min_precision, **refine)
            if min_precision is not None:
                raise UsageError("min_precision is for one concept alone, not for a combination.")
            return self.search_combination(self.combination(wish), k, **refine)
        if min_precision is not None:
            raise UsageError("min_precision goes with a concept.", fix="Name one: concept=NAME")
        if vector is not None:
            if directed or syntax:
                raise UsageError("A vector is asked as it is, without other texts or examples.")
            return self._search_vector(vector, query, k, mode, **refine)
        if not directed:
            return self.search_many([query], k, mode=mode, syntax=syntax, **refine)[0]
        from retrieval.query.direction import wish_of

        parts = wish_of(query, also=also, against=against, like=like, more=more, less=less)
        return self.search_direction(self.direction(parts), k, **refine)

    def search_many(
        self,
        queries: Sequence[str],
        k: int = 10,
        *,
        query_ids: Sequence[str] | None = None,
        mode: str | ModeOptions | None = None,
        syntax: bool = False,
        **refine: Unpack[Refinements],
    ) -> list[list[Hit]]:
        """Answer several queries in one batch; each as ``search`` would alone.

        Args:
            queries: Query texts.
            k: Hits a query, at least 1.
            query_ids: Ids for the hits; None numbers the queries from 1.
            mode: By what documents are ranked; see ``search``.
            syntax: Whether queries are read with operators; see ``search``. Each is then searched
                by itself, among the documents that its own operators leave.
            **refine: See ``Refinements``.

        Returns:
            One list of hits a query, in order.

        Raises:
            EmptyQueryError, UsageError: A query is empty or its operators cannot be read,
                k < 1, or another number of ids than of queries.
            WordsMissingError: The mode needs words, and the index has none.
            ModelError, ModelMismatchError: The index's model cannot be had.
        """
        from retrieval.query.texts import TextStage, parsed_stages

        options, encoder = SearchOptions.of(k, **refine), lambda: self.encoder
        if syntax:
            stages = parsed_stages(queries, query_ids=query_ids, mode=mode, encoder=encoder)
            return [
                self._answer(one, options.and_words(own), questions=len(stages))[0]
                for one, own in stages
            ]
        first = TextStage(queries, query_ids=query_ids, mode=mode, encoder=encoder)
        return self._answer(first, options)

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

    def _search_vector(
        self,
        vector: ArrayLike,
        query: str,
        k: int,
        mode: str | ModeOptions | None,
        **refine: Unpack[Refinements],
    ) -> list[Hit]:
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

    def search_direction(
        self, direction: Direction, k: int = 10, **refine: Unpack[Refinements]
    ) -> list[Hit]:
        """Find the k documents nearest to a direction; see ``search``.

        Raises:
            UsageError: k < 1.
        """
        from retrieval.query.direction import DirectionStage

        options = SearchOptions.of(k, **refine)
        return self._answer(DirectionStage(direction), options)[0]

    def search_concept(
        self,
        name: str,
        k: int | None = 10,
        *,
        min_precision: float | None = None,
        **refine: Unpack[Refinements],
    ) -> list[Hit]:
        """Find the documents that a concept ranks first.

        Args:
            name: The concept.
            k: Hits wanted, at least 1; None for all.
            min_precision: Give only the largest top set whose precision is at least this, with
                90 % confidence.
            **refine: See ``Refinements``.

        Raises:
            UsageError: No such concept, k < 1, or the precision cannot be promised.
            DamagedIndexError: The concept's file is missing or not what was written.
        """
        from retrieval.query.learned import ConceptStage

        options = SearchOptions.of(k, **refine)
        first = ConceptStage(self.concept(name), min_precision=min_precision)
        return self._answer(first, options)[0]

    def combination(self, wish: Combination) -> Combined:
        """Turn concepts and texts, wanted and unwanted, into one direction to search.

        Raises:
            UsageError: There is no such concept, or parts do not go together.
            ModelError, ModelMismatchError: There are texts and the model cannot be had.
        """
        from retrieval.query.combination import combine

        concepts = {name: self.concept(name) for name in wish.concepts}
        texts = wish.and_texts or wish.not_texts
        return combine(wish, concepts, self.encoder if texts else None)

    def search_combination(
        self, combined: Combined, k: int = 10, **refine: Unpack[Refinements]
    ) -> list[Hit]:
        """Find the k documents that a combination ranks first; see ``search``.

        Raises:
            UsageError: k < 1.
        """
        from retrieval.query.combination import CombinationStage

        options = SearchOptions.of(k, **refine)
        return self._answer(CombinationStage(combined), options)[0]


def _combination(concept: str | None, *, with_others: bool, **parts: Sequence[str]) -> Combination:
    """Return the combination that was asked for, or refuse what goes with none."""
    from retrieval.engine.concepts.methods import several
    from retrieval.query.combination import Combination

    if concept is None:
        raise UsageError(
            "A combination begins with a concept that is wanted.", fix="Name it: concept=NAME"
        )
    if with_others:
        raise UsageError(
            "A concept and something else were given; a search takes one.",
            fix="Words go with a concept as and_texts or not_texts.",
        )
    return Combination(
        concept=concept, **{name: several(given, name) for name, given in parts.items()}
    )
