"""What an open index can be asked about concepts with a person's judgments."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.engine.concepts.methods import ConceptMethods, content_of, several
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.concept.artefact import Concept
    from retrieval.engine.concepts.labelling import LabelSession
    from retrieval.records import Document

AUDIT_COUNT = 50
"""Documents that an audit draws by default."""


class JudgingMethods(ConceptMethods):
    """The part of ``Index`` in which documents are judged."""

    def label_session(
        self,
        name: str,
        path: str | os.PathLike[str] | None = None,
        *,
        texts: Sequence[str] = (),
        against: Sequence[str] = (),
        unit: str = "document",
        seed: int = 0,
    ) -> LabelSession:
        """Begin to label documents for a concept, or go on with it, most informative first.

        Args:
            name: What the concept is called.
            path: File that labels are kept in, and found in again; None for one in the
                current folder, named after index and concept.
            texts: Texts of what is looked for; none for the name.
            against: Texts of what is not.
            unit: ``document`` or ``passage``, as in ``fit_concept``.
            seed: Of folds, and of the documents asked about where there are very many.

        Raises:
            UsageError: The index has too few documents, or options do not go together.
            InputError: The file is malformed, or names documents that are not there.
            ModelError, ModelMismatchError: The index's model cannot be had.
        """
        from retrieval.concept.rows import Unit
        from retrieval.engine.concepts.journal import Journal, usual_path
        from retrieval.engine.concepts.labelling import LabelSession, begin
        from retrieval.engine.concepts.options import FitOptions

        if unit not in tuple(Unit):
            raise UsageError(f"unit is {unit!r}; it is {' or '.join(Unit)}.")
        journal = Journal(Path(path) if path else usual_path(self.name, name, "labels"))
        options = FitOptions(
            name=name,
            labels=journal.path,
            texts=several(texts, "texts"),
            against=several(against, "against"),
            unit=Unit(unit),
            seed=seed,
        )
        begun = begin(self._store.snapshot, self.encoder, options, journal)

        def fit() -> Concept:
            return self.fit_concept(
                name,
                labels=journal.path,
                texts=options.texts,
                against=options.against,
                unit=unit,
                seed=seed,
            )

        return LabelSession(begun, journal, fit)

    def audit_sample(self, name: str, *, count: int = AUDIT_COUNT, seed: int = 0) -> list[Document]:
        """Draw documents at random, to be judged for an audit of a concept.

        A larger draw begins with a smaller one of the same seed.

        Args:
            name: The concept.
            count: Documents wanted, at least 20; all where there are fewer.
            seed: Of the draw.

        Raises:
            UsageError: There is no such concept, or too few documents are wanted or there.
        """
        from retrieval.engine.concepts.auditing import sample

        return sample(self._store.snapshot, self.concept(name), count, seed)

    def audit_concept(
        self,
        name: str,
        judgments: Mapping[str, bool | None] | str | os.PathLike[str] | None = None,
        *,
        count: int = AUDIT_COUNT,
        seed: int = 0,
        prevalence: float | None = None,
        source: str = "",
    ) -> Concept:
        """Keep what a judged random sample says of a concept, as its next version.

        Concepts that were fitted on chosen labels have probabilities from then on.

        Args:
            name: The concept.
            judgments: What each document of ``audit_sample`` is, by id (None: skipped), or a
                file of judgments.
            count: Documents that were drawn.
            seed: Of the draw.
            prevalence: Share of positives in the index, instead of judgments.
            source: Where judgments came from, in words.

        Returns:
            The concept, kept; its ``audit`` says what was found.

        Raises:
            UsageError: There is no such concept, or fewer than 20 documents were judged.
            InputError: The file is malformed or contradicts itself, or documents were judged
                that were not drawn.
            LockedError, FileSystemError: Nothing was kept.
        """
        from retrieval.engine.concepts.auditing import audited, given_prevalence
        from retrieval.engine.concepts.judgment_file import read_judgments

        if (judgments is None) == (prevalence is None):
            raise UsageError("An audit takes judgments or a prevalence: one of them.")
        concept = self.concept(name)
        if prevalence is not None:
            done = given_prevalence(concept, prevalence)
        elif judgments is not None:
            told = source
            if not isinstance(judgments, Mapping):
                told = told or f"file {os.fspath(judgments)}"
                judgments = read_judgments(judgments, concept)
            done = audited(
                self._store.snapshot,
                concept,
                judgments,
                count=count,
                seed=seed,
                source=told or "judgments given",
            )
        return replace(done, version=self._store.put_concept(content_of(done)))

    def write_audit_sample(
        self,
        name: str,
        path: str | os.PathLike[str],
        *,
        count: int = AUDIT_COUNT,
        seed: int = 0,
    ) -> int:
        """Write the documents of ``audit_sample`` to a new file with an empty label each.

        Returns:
            How many were drawn.

        Raises:
            UsageError: As ``audit_sample``; or the file is there already, or its name does not
                end in ``.jsonl``, ``.csv`` or ``.tsv``.
            FileSystemError: It cannot be written.
        """
        from retrieval.engine.concepts.judgment_file import write_sample

        drawn = self.audit_sample(name, count=count, seed=seed)
        write_sample(path, drawn)
        return len(drawn)
