"""The use case of labelling documents of an index, most informative first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.concept.artefact import Concept
from retrieval.concept.asking import Labelling, Progress
from retrieval.concept.fit import contrast_direction
from retrieval.engine.concepts.drawing import draw
from retrieval.engine.concepts.journal import Journal
from retrieval.engine.concepts.labelled import LEAST_LABELS, LEAST_OF_A_KIND
from retrieval.engine.concepts.options import FitOptions
from retrieval.errors import InputError, UsageError
from retrieval.query.learned import document_rows
from retrieval.records import Document
from retrieval.store.ranking import Place
from retrieval.store.reader import Snapshot

if TYPE_CHECKING:
    from retrieval.encode.protocol import Encoder

MOST_ASKED_OF = 20_000
"""Documents that questions are chosen among; of more, so many are drawn at random."""
_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Begun:
    """What a session works on.

    Attributes:
        snapshot: The generation.
        places: Where the documents are that may be asked about.
        doc_ids: Their ids.
        labelling: Chooses among them.
    """

    snapshot: Snapshot
    places: tuple[Place, ...]
    doc_ids: tuple[str, ...]
    labelling: Labelling


def begin(snapshot: Snapshot, encoder: Encoder, options: FitOptions, journal: Journal) -> Begun:
    """Prepare to ask, with what was labelled before.

    Args:
        snapshot: The generation to ask about.
        encoder: Its model, for the texts alone.
        options: Texts, unit and seed.
        journal: Labels of before.

    Raises:
        UsageError: The index has fewer documents than a concept needs labels.
        InputError: The journal is malformed, or names documents that are not there.
    """
    places, population = draw(snapshot, MOST_ASKED_OF, seed=options.seed)
    if population < LEAST_LABELS:
        raise UsageError(
            f"The index has {population} documents with a text; a concept needs {LEAST_LABELS}"
            " labels."
        )
    ids = [snapshot.doc_id(one) for one in places]
    labels = journal.read()
    drawn = set(ids)
    unknown = []
    for doc_id in labels:
        place = snapshot.find(doc_id)
        if place is None or snapshot.segments[place.segment].empty[place.ordinal]:
            unknown.append(doc_id)
        elif doc_id not in drawn:
            places.append(place)
            ids.append(doc_id)
    if unknown:
        told = ", ".join(map(repr, unknown[:_TOLD])) + (", ..." if unknown[_TOLD:] else "")
        raise InputError(
            f"{journal.path} labels {len(unknown)} documents that the index does not have with a"
            f" text: {told}.",
            fix="Take them out of the file, or name another file.",
        )
    texts = encoder.encode_queries(list(options.texts or (options.name,)))
    against = encoder.encode_queries(list(options.against)) if options.against else texts[:0]
    first = contrast_direction(texts, against)
    labelling = Labelling(
        document_rows(snapshot, places, options.unit),
        first,
        prior=first if options.against else None,
        seed=options.seed,
    )
    numbers = {doc_id: number for number, doc_id in enumerate(ids)}
    labelling.begin_with({numbers[doc_id]: label for doc_id, label in labels.items()})
    return Begun(snapshot=snapshot, places=tuple(places), doc_ids=tuple(ids), labelling=labelling)


class LabelSession:
    """Asks about one document after another; every answer is on disk before the next.

    Args:
        begun: What it works on.
        journal: Where labels are kept.
        fit: Fits the concept from the journal.
    """

    def __init__(self, begun: Begun, journal: Journal, fit: Callable[[], Concept]) -> None:
        self.journal = journal
        self._begun = begun
        self._fit = fit
        self._said: list[int] = []
        self._current: int | None = None

    def question(self) -> Document | None:
        """Return the document to be labelled next; None when every one was asked about."""
        begun = self._begun
        if self._current is None:
            self._current = begun.labelling.choose()
        if self._current is None:
            return None
        place = begun.places[self._current]
        return begun.snapshot.segments[place.segment].document(place.ordinal)

    def answer(self, label: bool | None) -> None:
        """Take the label of the document asked about; None skips it.

        Raises:
            UsageError: Nothing was asked.
            FileSystemError: It could not be kept.
        """
        if self._current is None:
            raise UsageError("Nothing was asked.")
        number, self._current = self._current, None
        self._said.append(number)
        self._begun.labelling.answer(number, label)
        self._keep()

    def undo(self) -> bool:
        """Take back the last answer of this session and ask again; tell whether there was one."""
        if not self._said:
            return False
        number = self._said.pop()
        self._begun.labelling.undo(number)
        self._current = number
        self._keep()
        return True

    def progress(self) -> Progress:
        """Tell how far labelling has come."""
        return self._begun.labelling.progress()

    @property
    def enough(self) -> bool:
        """Whether a concept can be fitted: 20 labels, five of each kind."""
        labels = self._begun.labelling.labels
        positives = sum(labels.values())
        least = min(positives, len(labels) - positives)
        return len(labels) >= LEAST_LABELS and least >= LEAST_OF_A_KIND

    def finish(self) -> Concept:
        """Fit the concept, its labels marked as chosen, and keep it in the index.

        Raises:
            UsageError: Labels are too few or one-sided.
            LockedError, FileSystemError: Nothing was kept but the labels.
        """
        if not self._begun.labelling.labels:
            raise UsageError("Nothing was labelled.", fix=f"Label {LEAST_LABELS} documents.")
        return self._fit()

    def _keep(self) -> None:
        ids, labels = self._begun.doc_ids, self._begun.labelling.labels
        self.journal.keep({ids[number]: label for number, label in labels.items()})
