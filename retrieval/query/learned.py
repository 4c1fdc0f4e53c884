"""Ranking by a concept: documents by the learned direction, fitted ones out of fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.artefact import Concept
from retrieval.concept.promise import Promise, promise
from retrieval.concept.rows import DocumentRows, Unit
from retrieval.errors import UsageError
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.scored import ScoredRanking
from retrieval.store.ranking import Place, Ranking
from retrieval.store.reader import Snapshot
from retrieval.vectors import document_means

if TYPE_CHECKING:
    from retrieval.query.asked import Asked
    from retrieval.store.selection import Selection


def document_rows(snapshot: Snapshot, places: Sequence[Place], unit: Unit) -> DocumentRows:
    """Read the rows of documents, as a concept of this unit sees them.

    Args:
        snapshot: The generation they are in.
        places: Documents that are not empty; at least one.
        unit: Means or passages.

    Returns:
        The documents, in the order given.
    """
    rows, starts = [], [0]
    for place in places:
        segment = snapshot.segments[place.segment]
        start, end = segment.passage_starts[place.ordinal : place.ordinal + 2]
        rows.append(segment.vectors[start:end])
        starts.append(starts[-1] + int(end - start))
    joined, borders = np.concatenate(rows), np.array(starts, dtype=np.int64)
    if unit is Unit.PASSAGE:
        return DocumentRows(rows=joined, starts=borders)
    return DocumentRows.of_means(document_means(joined, borders))


def rank(
    snapshot: Snapshot, concept: Concept, k: int, *, allowed: Selection | None = None
) -> Ranking:
    """Find the k best documents of a concept.

    Scores are cosines to its direction; those of a head, which scans every document, are the
    log-odds of its class.

    Raises:
        UsageError: k < 1.
    """
    if concept.head is not None:
        return snapshot.scan_means(concept.row_scores, k, allowed=allowed)
    direction = concept.ranker.direction
    if concept.unit is Unit.PASSAGE:
        # what a concept promises is of the whole ranking
        return snapshot.exactly().search_vectors(direction[np.newaxis], k, allowed=allowed)[0]
    return snapshot.search_means(direction, k, allowed=allowed)


def standardised(
    snapshot: Snapshot, concept: Concept, ranking: Ranking, *, out_of_fold: bool = True
) -> NDArray[np.float64]:
    """Return scores that are comparable across fold models.

    Args:
        snapshot: The generation that was ranked.
        concept: What ranked it.
        ranking: Its documents.
        out_of_fold: Whether a document that the concept was fitted on is scored by the fold
            model that did not see it.

    Returns:
        float64 (len(ranking),), standard deviations above the mean of the corpus.
    """
    scores = concept.ranker.standardised(ranking.scores)
    if not out_of_fold:
        return scores
    columns = zip(ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True)
    places = [Place(segment, ordinal) for segment, ordinal in columns]
    return _out_of_fold(snapshot, concept, places, scores)[0]


def scores_of(
    snapshot: Snapshot, concept: Concept, places: Sequence[Place]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Score chosen documents by models that did not see them.

    Args:
        snapshot: The generation they are in.
        concept: What scores.
        places: Documents that are not empty; at least one.

    Returns:
        Standardised scores, float64 (documents,), and the number of the fold model of each,
        int32 (documents,); -1 where the final model did not see it.
    """
    rows = document_rows(snapshot, places, concept.unit)
    scores = concept.ranker.standardised(concept.scores(rows))
    return _out_of_fold(snapshot, concept, places, scores)


def _out_of_fold(
    snapshot: Snapshot,
    concept: Concept,
    places: Sequence[Place],
    scores: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return scores with those of fitted documents by fold models, and which those are."""
    if concept.method.fine_tunes:  # which has no fold models
        return scores, np.full(len(scores), -1, dtype=np.int32)
    fold_of = dict(zip(concept.doc_ids, concept.fold_of.tolist(), strict=True))
    models = [fold_of.get(snapshot.doc_id(place), -1) for place in places]
    scored_by = np.array(models, dtype=np.int32)
    found = scores.copy()
    for number, model in enumerate(concept.folds):
        own = np.flatnonzero(scored_by == number).tolist()
        if own:
            rows = document_rows(snapshot, [places[at] for at in own], concept.unit)
            found[own] = model.standardised(rows.exact_scores(model.direction))
    return found, scored_by


def promised(concept: Concept, precision: float) -> Promise:
    """Return the largest top set whose precision the concept's labels can promise.

    Raises:
        UsageError: They cannot, or the precision lies outside (0, 1).
    """
    if concept.why_no_probability:
        raise UsageError(
            f"Nothing can be promised of {concept.name!r}: {concept.why_no_probability}.",
            fix="Leave --min-precision out, or fit it again on labels drawn at random.",
        )
    cuts, prevalence = concept.evidence
    found = promise(cuts, precision, prevalence=prevalence)
    if found is None:
        told = _evidence_in_words(concept)
        raise UsageError(
            f"Not enough labels to promise this: with {told}, no top set of {concept.name!r} has a"
            f" precision of at least {precision:g} with 90 % confidence.",
            fix="Label more documents drawn at random, or ask for less.",
        )
    return found


def _evidence_in_words(concept: Concept) -> str:
    audit = concept.audit
    if audit is not None and concept.evidence[0] is audit.cuts:
        return (
            f"{len(audit.labels):,} judged documents of the audit, {sum(audit.labels):,} of them"
            " positive"
        )
    return f"{concept.report.labels:,} labels, {concept.report.positives:,} of them positive"


class ConceptStage:
    """A concept as the first stage.

    The score is the cosine similarity to the concept of the document's mean (or best passage),
    of a head the log-odds of its class. Probabilities of documents the concept was fitted on
    are out of fold; so they need not fall with the rank.

    Args:
        concept: What ranks.
        min_precision: Give only the largest top set whose precision is at least this, with
            90 % confidence.

    Raises:
        UsageError: The precision cannot be promised.
    """

    def __init__(self, concept: Concept, *, min_precision: float | None = None) -> None:
        why = concept.why_no_probability or None
        self.questions = [
            Question(
                query=concept.name,
                kind=QueryKind.CONCEPT,
                concept=concept.name,
                concept_version=concept.version,
                no_probability=why,
            )
        ]
        self._concept = concept
        self._cut = None if min_precision is None else promised(concept, min_precision).cut

    def rank(
        self, snapshot: Snapshot, k: int, *, allowed: Selection | None = None
    ) -> list[ScoredRanking]:
        """Rank documents by the concept; see ``FirstStage.rank``.

        Raises:
            UsageError: A precision is asked for among some of the documents only.
        """
        if self._cut is not None and allowed is not None:
            raise UsageError(
                "A precision is promised for the whole index, not for the documents that a filter"
                " lets through.",
                fix="Leave the filter or the precision out.",
            )
        concept = self._concept
        ranking = rank(snapshot, concept, k, allowed=allowed)
        if self._cut is not None:
            above = concept.ranker.standardised(ranking.scores) >= self._cut.score
            ranking = ranking.take(slice(int(above.sum())))
        chances = None
        if not concept.why_no_probability:
            chances = concept.probabilities(standardised(snapshot, concept, ranking))
        return [ScoredRanking(ranking, {"dense": ranking.scores}, chances)]

    def rank_passages(
        self,
        snapshot: Snapshot,
        k: int,
        *,
        max_per_doc: int | None = None,
        allowed: Selection | None = None,
    ) -> list[ScoredRanking]:
        """Rank passages by their cosine to the concept; see ``FirstStage.rank_passages``.

        Raises:
            UsageError: The concept is a head, which scores documents, or a precision is asked
                for, which is promised of documents.
        """
        concept = self._concept
        if concept.head is not None:
            raise UsageError(
                f"{concept.name!r} was learned by {concept.method}: it is a head that scores"
                " documents, and ranks no passages.",
                fix="Ask it for documents, or fit it by another method.",
            )
        if self._cut is not None:
            raise UsageError(
                "A precision is promised of documents; passages were asked for.",
                fix="Leave one of them out.",
            )
        from retrieval.query.passages import PassageRanker

        ranker = PassageRanker(
            snapshot.exactly(), max_per_doc=max_per_doc, allowed=snapshot.rows_allowed(allowed)
        )
        return ranker.nearest(concept.ranker.direction[np.newaxis], k)

    def asked(self) -> list[Asked]:
        """Return the concept as the one part of what was asked; see ``FirstStage.asked``."""
        from retrieval.query.asked import Asked
        from retrieval.query.parts import Part, PartKind

        concept = self._concept
        if concept.head is not None:
            return [Asked(text=concept.name, by_mean=True)]
        row = concept.ranker.direction
        part = Part(kind=PartKind.CONCEPT, name=concept.name, weight=1.0, row=row)
        by_mean = concept.unit is Unit.DOCUMENT
        return [Asked(text=concept.name, row=row, parts=(part,), by_mean=by_mean)]
