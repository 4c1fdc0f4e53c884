"""``retrieve query`` by a learned concept: asked for, or meant by its exact name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.call import Call
from retrieval.cli.observer import CommandObserver
from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.query_options.lookup import Answered
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.combination import Combination
    from retrieval.query.search_options import Refinements

concept_options = bundle(
    click.option("--concept", metavar="NAME", help="Rank by this learned concept."),
    click.option(
        "--and-concept",
        "and_concepts",
        multiple=True,
        metavar="NAME",
        help="With --concept: another one that is wanted as well.",
    ),
    click.option(
        "--not-concept",
        "not_concepts",
        multiple=True,
        metavar="NAME",
        help="With --concept: one that is not wanted.",
    ),
    click.option(
        "--and-text",
        "and_texts",
        multiple=True,
        metavar="TEXT",
        help="With --concept: what is wanted as well, in words.",
    ),
    click.option(
        "--not-text",
        "not_texts",
        multiple=True,
        metavar="TEXT",
        help="With --concept: what is not wanted, in words.",
    ),
    click.option(
        "--min-precision",
        type=float,
        metavar="P",
        help="With --concept: the largest top set whose precision is at least P, with 90 %"
        " confidence.",
    ),
    click.option(
        "--text-only", is_flag=True, help="Ask for TEXT even if a concept has exactly that name."
    ),
)
_COMBINED = ("and_concepts", "not_concepts", "and_texts", "not_texts")


def combined_parts(given: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Take what a concept is combined with out of the keywords of a command; empty for nothing."""
    parts = {name: given.pop(name) for name in _COMBINED}
    return parts if any(parts.values()) else {}


def check_concept_options(
    words: Sequence[str],
    queries: str | None,
    concept: str | None,
    *,
    min_precision: float | None,
    combined: bool,
) -> None:
    """Refuse options that do not go with a concept.

    Raises:
        UsageError: A text or a batch is asked for as well, a precision without a concept, or
            of a combination; or a combination without a concept to begin with.
    """
    if concept is None and combined:
        raise UsageError(
            "--and-concept, --not-concept, --and-text and --not-text go with a concept.",
            fix="Name one that is wanted with --concept NAME.",
        )
    if combined and min_precision is not None:
        raise UsageError(
            "--min-precision is what the labels of one concept promise; a combination promises"
            " nothing.",
            fix="Leave it out, or ask for the concept alone.",
        )
    if concept is None and min_precision is not None:
        raise UsageError(
            "--min-precision is what a concept's labels promise; a text promises nothing.",
            fix="Name a concept with --concept NAME.",
        )
    if concept is not None and (words or queries):
        raise UsageError(
            f"{'TEXT' if words else '--queries'} and --concept both say what to look for.",
            fix="Leave one of them out; words go with a concept as --and-text or --not-text.",
        )


def concept_meant(
    call: Call, index: Index, words: Sequence[str], observer: CommandObserver
) -> str | None:
    """Return the concept that a person means by typing its exact name; None for no concept.

    Only where a person watches: a pipe, a batch and a program get what they ask for.
    """
    if call.as_json or not stdout_is_terminal() or len(words) != 1:
        return None
    from retrieval.records import fold

    for entry in index.snapshot.manifest.concepts:
        if fold(entry.name) == fold(words[0].strip()):
            observer.note(
                f"Ranked by the concept {entry.name!r}, version {entry.version}, learned from"
                f" {entry.part.rows:,} labels; --text-only asks for the text."
            )
            return entry.name
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptLookup:
    """A concept.

    Attributes:
        name: Its name.
        min_precision: What the set of hits has to promise; None for nothing.
        is_open: Whether all of the promised set is wanted, however many hits that are.
    """

    name: str
    min_precision: float | None
    is_open: bool

    def search(
        self, index: Index, k: int, refine: Refinements, observer: CommandObserver
    ) -> list[Answered]:
        """Rank by the concept; see ``Lookup.search``."""
        most = None if self.is_open else k
        hits = index.search_concept(self.name, most, min_precision=self.min_precision, **refine)
        concept = index.concept(self.name)
        since = concept.generation if concept.audit is None else concept.audit.generation
        if self.min_precision is not None and since + 1 < index.snapshot.generation:
            observer.note(
                f"The promise is for the documents of generation {since}; the index is at"
                f" {index.snapshot.generation}."
            )
        why = concept.why_no_probability
        return [
            Answered(
                hits=hits,
                query=self.name,
                # a head has no direction that a sentence could be near to
                row=concept.ranker.direction if concept.head is None else None,
                name=f"for the concept {self.name!r}",
                remark=f"No probabilities: {why}." if why else "",
            )
        ]


@dataclass(frozen=True, slots=True)
class CombinationLookup:
    """Several concepts and texts."""

    wish: Combination

    def search(
        self, index: Index, k: int, refine: Refinements, observer: CommandObserver
    ) -> list[Answered]:
        """Rank by the combination; see ``Lookup.search``."""
        combined = index.combination(self.wish)
        hits = index.search_combination(combined, k, **refine)
        return [Answered(hits=hits, query=self.wish.told, row=combined.row)]


def combination_of(concept: str, parts: dict[str, tuple[str, ...]]) -> Combination:
    """Return what was asked for as a record."""
    from retrieval.query.combination import Combination

    return Combination(concept=concept, **parts)
