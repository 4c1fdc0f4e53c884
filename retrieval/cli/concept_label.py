"""``retrieve concept label``: documents labelled at the terminal, most informative first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.cli.asking import Answer, Asker
from retrieval.cli.figures import count as counted
from retrieval.errors import InterruptedWorkError

if TYPE_CHECKING:
    from retrieval.concept.artefact import Concept
    from retrieval.concept.asking import Progress
    from retrieval.engine.concepts.labelling import LabelSession

ELSEWHERE = "Label documents in a file, and fit with: retrieve concept fit NAME --labels FILE"


def label(session: LabelSession, asker: Asker, *, most: int | None) -> Concept:
    """Ask until the person stops, then fit.

    Args:
        session: What is labelled.
        asker: Who asks.
        most: Labels after which it ends; None for when the person stops.

    Returns:
        The concept, kept.

    Raises:
        InterruptedWorkError: The person stopped before there was enough.
        UsageError: Every document was asked about, and labels are too few or one-sided.
    """
    told = False
    while True:
        progress = session.progress()
        if most is not None and progress.labels >= most and session.enough:
            break
        if progress.settled and not told:
            told = True
            asker.tell("More labels hardly change what is found: q ends here and fits.")
        document = session.question()
        if document is None:
            asker.tell("Every document was asked about.")
            break
        text = "\n".join(filter(None, (document.title, document.text)))
        answer = asker.ask(f"{_heading(progress)}  {document.doc_id}", text)
        if answer is Answer.QUIT:
            if session.enough:
                break
            raise InterruptedWorkError(
                f"{counted(progress.labels, 'label')} so far, {progress.positives} of them yes; a"
                f" concept needs 20, five of each kind. They are kept in {session.journal.path}."
            )
        if answer is Answer.UNDO:
            asker.tell("Undone." if session.undo() else "There is nothing to undo.")
        else:
            session.answer(None if answer is Answer.SKIP else answer is Answer.YES)
    asker.tell(f"Fitting. Labels are kept in {session.journal.path}.")
    return session.finish()


def _heading(progress: Progress) -> str:
    parts = [
        f"{counted(progress.labels, 'label')}:"
        f" {progress.positives} yes, {progress.labels - progress.positives} no"
    ]
    if progress.average_precision is not None:
        parts.append(f"AP of the labels {progress.average_precision:.2f} out of fold")
    if progress.agreement is not None:
        parts.append(f"agreement with before {progress.agreement:.2f}")
    return "; ".join(parts)
