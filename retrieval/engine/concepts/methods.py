"""What an open index can be asked about concepts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import DamagedIndexError, InputError, UsageError
from retrieval.records import Hit, fold

if TYPE_CHECKING:
    from retrieval.concept.artefact import Concept
    from retrieval.encode.protocol import Encoder
    from retrieval.engine.observer import Observer
    from retrieval.query.combination import Combination, Combined
    from retrieval.store.concepts import ConceptContent
    from retrieval.store.local import LocalStore


class ConceptMethods:
    """The part of ``Index`` that learns, keeps and uses concepts."""

    name: str
    _store: LocalStore
    _observer: Observer

    if TYPE_CHECKING:

        @property
        def encoder(self) -> Encoder: ...

    def fit_concept(
        self,
        name: str,
        *,
        label_field: str | None = None,
        labels: str | os.PathLike[str] | None = None,
        positive: str | None = None,
        negative: Sequence[str] = (),
        texts: Sequence[str] = (),
        against: Sequence[str] = (),
        unit: str = "document",
        labels_are: str = "chosen",
        prevalence: float | None = None,
        seed: int = 0,
    ) -> Concept:
        """Learn a query from labels, measure it out of fold, and keep it in the index.

        Args:
            name: What it is called; fitting again under a name makes its next version.
            label_field: Field whose values are labels, or field of the label in ``labels``.
            labels: File of labels by id or text; None to take them from the documents.
            positive: Value that counts as positive; None where labels are true and false.
            negative: Values that count as negative; none for all others.
            texts: Texts of what is looked for; none for the name.
            against: Texts of what is not; the concept is then shrunk towards the contrast.
            unit: ``document`` to rank means of documents, ``passage`` for best passages.
            labels_are: ``random`` if labelled documents are a random sample of the index,
                else ``chosen``.
            prevalence: Share of positives in the index, for chosen labels.
            seed: Of folds and intervals.

        Returns:
            The concept, kept; ``report`` says what it was worth.

        Raises:
            UsageError: Labels are too few or one-sided, or options do not go together.
            InputError: The file of labels is malformed, contradicts itself, or names
                documents that are not there.
            ModelError, ModelMismatchError: The index's model cannot be had.
            LockedError, FileSystemError: Nothing was kept.
        """
        from retrieval.concept.artefact import LabelsAre
        from retrieval.concept.rows import Unit
        from retrieval.engine.concepts.fitting import learn
        from retrieval.engine.concepts.options import FitOptions

        if unit not in tuple(Unit) or labels_are not in tuple(LabelsAre):
            raise UsageError(
                f"unit is {unit!r} and labels_are {labels_are!r}; they are"
                f" {' or '.join(Unit)}, and {' or '.join(LabelsAre)}."
            )
        options = FitOptions(
            name=name,
            label_field=label_field,
            labels=labels,
            positive=positive,
            negative=several(negative, "negative"),
            texts=several(texts, "texts"),
            against=several(against, "against"),
            unit=Unit(unit),
            labels_are=LabelsAre(labels_are),
            prevalence=prevalence,
            seed=seed,
        )
        learned = learn(
            self._store.snapshot,
            self.encoder,
            options,
            index=self.name,
            observer=self._observer,
        )
        return replace(learned, version=self._store.put_concept(content_of(learned)))

    def concepts(self) -> list[Concept]:
        """Return the concepts of the index, by name.

        Raises:
            DamagedIndexError: The file of one is missing or not what was written.
        """
        names = [one.name for one in self._store.describe().concepts]
        return [self.concept(name) for name in names]

    def concept(self, name: str) -> Concept:
        """Return a concept; names are compared after NFKC and case folding.

        Raises:
            UsageError: There is none of this name.
            DamagedIndexError: Its file is missing or not what was written.
        """
        found = self.find_concept(name)
        if found is None:
            known = [one.name for one in self._store.describe().concepts]
            raise UsageError(f"{self.name} has no concept {name!r}.", fix=_there_are(name, known))
        return found

    def find_concept(self, name: str) -> Concept | None:
        """Return a concept, or None if there is none of this name; see ``concept``."""
        from retrieval.concept.artefact import Concept

        content = self._store.read_concept(name)
        return None if content is None else Concept.from_parts(content.record, content.arrays)

    def search_concept(
        self, name: str, k: int | None = 10, *, min_precision: float | None = None
    ) -> list[Hit]:
        """Find the documents that a concept ranks first.

        Args:
            name: The concept.
            k: Hits wanted, at least 1; None for all.
            min_precision: Give only the largest top set whose precision is at least this, with
                90 % confidence.

        Raises:
            UsageError: No such concept, k < 1, or the precision cannot be promised.
            DamagedIndexError: The concept's file is missing or not what was written.
        """
        from retrieval.query.learned import search_concept

        if k is not None and k < 1:
            raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
        concept = self.concept(name)
        return search_concept(
            self._store,
            self._store.snapshot,
            concept,
            k,
            index=self.name,
            min_precision=min_precision,
        )

    def _search_concepts(
        self,
        concept: str | None,
        k: int,
        *,
        with_others: bool,
        and_concepts: Sequence[str],
        not_concepts: Sequence[str],
        and_texts: Sequence[str],
        not_texts: Sequence[str],
        min_precision: float | None,
    ) -> list[Hit]:
        """Rank by a concept, or by a combination that begins with one."""
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
        wish = Combination(
            concept=concept,
            and_concepts=several(and_concepts, "and_concepts"),
            not_concepts=several(not_concepts, "not_concepts"),
            and_texts=several(and_texts, "and_texts"),
            not_texts=several(not_texts, "not_texts"),
        )
        if wish.is_single:
            return self.search_concept(concept, k, min_precision=min_precision)
        if min_precision is not None:
            raise UsageError("min_precision is for one concept alone, not for a combination.")
        return self.search_combination(self.combination(wish), k)

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

    def search_combination(self, combined: Combined, k: int = 10) -> list[Hit]:
        """Find the k documents that a combination ranks first; see ``search``.

        Raises:
            UsageError: k < 1.
        """
        from retrieval.query.combination import search_combined

        if k < 1:
            raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
        return search_combined(self._store, self._store.snapshot, combined, k, index=self.name)

    def delete_concept(self, name: str) -> None:
        """Remove a concept; durable on return.

        Raises:
            UsageError: There is none of this name.
            LockedError, FileSystemError: Nothing was changed.
        """
        if not self._store.delete_concept(name):
            self.concept(name)  # says which there are

    def export_concept(self, name: str, path: str | os.PathLike[str]) -> None:
        """Write a concept to a file of its own, which ``import_concept`` reads.

        Raises:
            UsageError: There is none of this name, or the file is there already.
            FileSystemError: The file cannot be written.
        """
        from retrieval.engine.concepts.files import write_concept_file

        write_concept_file(Path(path), content_of(self.concept(name)))

    def import_concept(self, path: str | os.PathLike[str]) -> Concept:
        """Take a concept from a file into the index, as the next version of its name.

        A concept of another index ranks here, but promises nothing and has no probabilities.

        Raises:
            InputError: The file is missing or no concept.
            ModelMismatchError: It was fitted for another model.
            LockedError, FileSystemError: Nothing was kept.
        """
        from retrieval.concept.artefact import Concept
        from retrieval.engine.concepts.files import read_concept_file

        try:
            content = read_concept_file(Path(path), self._store.describe().model.dim)
        except DamagedIndexError as error:
            raise InputError(error.what, fix="Export it again.") from error
        learned = Concept.from_parts(content.record, content.arrays)
        snapshot = self._store.snapshot
        known = all(snapshot.find(one) is not None for one in learned.doc_ids)
        if not known or learned.index != self.name:
            learned = replace(learned, imported=True)
        return replace(learned, version=self._store.put_concept(content_of(learned)))


def several(given: Sequence[str], name: str) -> tuple[str, ...]:
    """Return several strings, or refuse a single one, whose letters would be taken for them.

    Raises:
        UsageError: It is a single string.
    """
    if isinstance(given, str):
        raise UsageError(f"{name} takes several strings; write {name}=[{given!r}].")
    return tuple(given)


def _there_are(name: str, known: Sequence[str]) -> str:
    """Say which concepts there are, those of a similar name first."""
    if not known:
        return "Learn one with: retrieve concept fit NAME"
    import difflib

    folded = {fold(one): one for one in known}
    near = [folded[one] for one in difflib.get_close_matches(fold(name), folded, n=2)]
    meant = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"{meant}It has: {', '.join(map(repr, known))}."


def content_of(concept: Concept) -> ConceptContent:
    """Return a concept as the store keeps it."""
    from retrieval.store.concepts import ConceptContent

    return ConceptContent(record=concept.record(), arrays=concept.arrays())
