"""Nothing learned is graded on what it learned from: which judgments a system has seen.

A learned part of a system (a concept, a tuned weight, a trained model) carries a
``Seen``. Before it is graded, the judgments it saw are taken out for every system of
the comparison, or, where the part was fitted in folds, scored by models that did not
see them. If nothing is left the grading is refused; the flattering figure is had only by
asking for it, and every output marks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from retrieval.errors import InputError, UsageError
from retrieval.evaluate.qrels import Qrels


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a learned part of a system was fitted on.

    Attributes:
        queries: Ids of queries whose judgments it saw.
        documents: Ids of documents whose label it saw.
        digests: ``Qrels.digest`` of judgments it saw whole.
        folds: Whether its artefact keeps fold models, so that what it saw can be scored
            by one that did not.
    """

    queries: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    folds: bool = False

    @classmethod
    def of(cls, qrels: Qrels) -> Self:
        """Return what a system has seen that was fitted on these judgments."""
        return cls(queries=frozenset(qrels.query_ids), digests=frozenset({qrels.digest}))

    def union(self, other: Seen) -> Seen:
        """Return what either saw; folds count only if both have them."""
        return Seen(
            queries=self.queries | other.queries,
            documents=self.documents | other.documents,
            digests=self.digests | other.digests,
            folds=self.folds and other.folds,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values, for an artefact's file."""
        return {
            "queries": sorted(self.queries),
            "documents": sorted(self.documents),
            "digests": sorted(self.digests),
            "folds": self.folds,
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            InputError: It is not such a record.
        """
        try:
            return cls(
                queries=frozenset(map(str, fields["queries"])),
                documents=frozenset(map(str, fields["documents"])),
                digests=frozenset(map(str, fields["digests"])),
                folds=bool(fields["folds"]),
            )
        except (KeyError, TypeError) as error:
            raise InputError(f"Not a record of what a system has seen: {error!r}.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What judgments are left to grade systems on, and what became of the others.

    Attributes:
        qrels: The judgments to grade on, the same for every system.
        left_out: Judgments taken out.
        left_out_documents: Documents whose label was seen: no system may rank them.
        out_of_fold: Judgments that stay because fold models score them.
        in_sample: Whether seen judgments were kept on request.
    """

    qrels: Qrels
    left_out: int
    left_out_documents: frozenset[str]
    out_of_fold: int
    in_sample: bool


def hold_out(
    qrels: Qrels, seen: Sequence[Seen], *, documents_are_labelled: bool, in_sample: bool
) -> HeldOut:
    """Take out what any of the systems has seen.

    Args:
        qrels: All judgments.
        seen: What each learned system saw; none for systems that learned nothing.
        documents_are_labelled: Whether judgments are labels of documents, so that a
            seen label of a document tells its relevance to every query.
        in_sample: Keep seen judgments, and say so, instead of taking them out.

    Returns:
        The judgments left. A system with ``folds`` answers for seen documents itself;
        seen queries are left out for it as for others.

    Raises:
        UsageError: A system saw these very judgments and does not say which queries, or
            nothing would be left.
    """
    queries = frozenset().union(*(one.queries for one in seen)) & set(qrels.query_ids)
    documents = frozenset().union(*(one.documents for one in seen if not one.folds))
    folded = frozenset().union(*(one.documents for one in seen if one.folds)) - documents
    if not documents_are_labelled:
        documents = folded = frozenset()
    by_digest = any(qrels.digest in one.digests and not one.queries for one in seen)
    if in_sample:
        touched = bool(queries or documents or by_digest)
        return HeldOut(
            qrels=qrels,
            left_out=0,
            left_out_documents=frozenset(),
            out_of_fold=0,
            in_sample=touched,
        )
    if by_digest:
        raise UsageError(
            "A system learned from these very judgments; grading it on them would flatter it.",
            fix="Grade it on others (--split, --qrels), or show the in-sample figure with"
            " --in-sample.",
        )
    kept = {
        query: {one: grade for one, grade in grades.items() if one not in documents}
        for query, grades in qrels.to_mapping().items()
        if query not in queries
    }
    left = Qrels.from_mapping(kept)
    if not len(left):
        raise UsageError(
            f"Every one of the {len(qrels):,} judgments was seen in training by a system that is"
            " to be graded; nothing is left to grade it on.",
            fix="Grade it on others (--split, --qrels), or show the in-sample figure with"
            " --in-sample.",
        )
    return HeldOut(
        qrels=left,
        left_out=len(qrels) - len(left),
        left_out_documents=documents,
        out_of_fold=sum(one in folded for one in left.doc_ids),
        in_sample=False,
    )
