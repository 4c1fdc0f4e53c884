"""What an open index can be asked about concepts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import DamagedIndexError, InputError, UsageError
from retrieval.records import fold

if TYPE_CHECKING:
    from retrieval.concept.artefact import Concept, Method
    from retrieval.encode.protocol import Encoder
    from retrieval.engine.concepts.options import FitOptions
    from retrieval.engine.concepts.tuning import TuneOptions
    from retrieval.observer import Observer
    from retrieval.store.concepts import ConceptContent
    from retrieval.store.local import LocalStore


class ConceptMethods:
    """The part of ``Index`` that learns and keeps concepts."""

    name: str
    path: Path
    _store: LocalStore
    _observer: Observer
    _offline: bool

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
        method: str = "logistic",
        tuning: TuneOptions | None = None,
    ) -> Concept:
        """Learn a query from labels, measure it out of fold, and keep it in the index.

        By ``dummy-cosine`` and ``dummy-softmax`` the model learns, too: a fine-tuned one is
        published beside the index, every document is encoded anew into a sibling index
        ``NAME--CONCEPT``, which keeps the concept, and this one stays as it is.

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
            seed: Of folds and intervals, and of a training.
            method: ``logistic``, ``dummy-cosine`` or ``dummy-softmax``.
            tuning: How a model is fine-tuned; None for the usual way.

        Returns:
            The concept, kept; ``report`` says what it was worth, ``index`` where it is.

        Raises:
            UsageError: Labels are too few or one-sided, or options do not go together.
            InputError: The file of labels is malformed, contradicts itself, or names
                documents that are not there.
            ModelError, ModelMismatchError: The index's model cannot be had.
            LockedError, FileSystemError: Nothing was kept.
        """
        from retrieval.concept.artefact import LabelsAre, Method
        from retrieval.concept.rows import Unit
        from retrieval.engine.concepts.fitting import learn
        from retrieval.engine.concepts.options import FitOptions

        if unit not in tuple(Unit) or labels_are not in tuple(LabelsAre):
            raise UsageError(
                f"unit is {unit!r} and labels_are {labels_are!r}; they are"
                f" {' or '.join(Unit)}, and {' or '.join(LabelsAre)}."
            )
        if method not in tuple(Method):
            raise UsageError(f"method is {method!r}; expected one of {', '.join(Method)}.")
        if tuning is not None and method == Method.LOGISTIC:
            raise UsageError("A training was described for a concept of a frozen model.")
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
        if Method(method).fine_tunes:
            return self._tune(options, Method(method), tuning)
        learned = learn(
            self._store.snapshot,
            self.encoder,
            options,
            index=self.name,
            observer=self._observer,
        )
        return replace(learned, version=self._store.put_concept(content_of(learned)))

    def _tune(self, options: FitOptions, method: Method, tuning: TuneOptions | None) -> Concept:
        """Learn a concept with the model, and keep it in the sibling index."""
        from retrieval.engine.concepts.tuning import TuneOptions, tune
        from retrieval.store.local import LocalStore

        folder, learned = tune(
            self.path,
            self._store.snapshot,
            self.encoder,
            options,
            method=method,
            tuning=tuning or TuneOptions(),
            offline=self._offline,
            observer=self._observer,
        )
        store = LocalStore(folder)
        try:
            return replace(learned, version=store.put_concept(content_of(learned)))
        finally:
            store.close()

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
