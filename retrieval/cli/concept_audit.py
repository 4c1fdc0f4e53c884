"""``retrieve concept audit``: a random sample judged at the terminal or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.cli.asking import KEYS, Answer, Asker, open_asker
from retrieval.cli.figures import count as counted
from retrieval.cli.observer import CommandObserver
from retrieval.errors import InputError, InterruptedWorkError

if TYPE_CHECKING:
    from retrieval.concept.artefact import Concept
    from retrieval.engine import Index
    from retrieval.records import Document

AT_THE_TERMINAL = "at the terminal"
_ELSEWHERE = (
    "Write the documents to a file with --sample FILE, judge them there, and read them back with"
    " --judgments FILE."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a person said.

    Attributes:
        judgments: By id; None for what was skipped.
        asked: Documents of the draw that were come to, from its beginning.
    """

    judgments: Mapping[str, bool | None]
    asked: int


def judge(
    documents: Sequence[Document],
    known: Mapping[str, bool],
    asker: Asker,
    keep: Callable[[Mapping[str, bool]], None],
) -> Judged:
    """Ask about each document that is not known yet, in the order of the draw.

    Args:
        documents: The draw.
        known: What is judged already.
        asker: Who asks.
        keep: Called with everything judged, after each answer.

    Returns:
        The judgments; of fewer documents where the person quit.
    """
    judged: dict[str, bool | None] = dict(known)
    came: list[int] = []
    at = 0
    while at < len(documents):
        document = documents[at]
        if document.doc_id in judged and at not in came:
            at += 1
            continue
        said = [one for one in judged.values() if one is not None]
        heading = (
            f"{at + 1} of {len(documents)}  ({sum(said)} yes, {len(said) - sum(said)} no)"
            f"  {document.doc_id}"
        )
        answer = asker.ask(heading, "\n".join(filter(None, (document.title, document.text))))
        if answer is Answer.QUIT:
            break
        if answer is Answer.UNDO:
            if not came:
                asker.tell("There is nothing to undo.")
                continue
            at = came.pop()
            del judged[documents[at].doc_id]
            asker.tell("Undone.")
        else:
            judged[document.doc_id] = None if answer is Answer.SKIP else answer is Answer.YES
            came.append(at)
            at += 1
        keep({one: label for one, label in judged.items() if label is not None})
    begun = {one.doc_id for one in documents[:at]}
    return Judged(judgments={one: label for one, label in judged.items() if one in begun}, asked=at)


def audit_at_terminal(
    index: Index, name: str, *, count: int, seed: int, observer: CommandObserver
) -> Concept:
    """Have a sample judged at the terminal and keep what it says.

    Answers are kept in a file until the audit is, so that an interrupted one goes on where
    it was; those of an earlier audit with the same seed count as well.

    Raises:
        UsageError: There is nobody to ask, or too little to draw.
        InterruptedWorkError: The person stopped before there was enough.
        InputError: The file of an interrupted audit is of another draw.
    """
    from retrieval.concept.audit import LEAST_JUDGED
    from retrieval.engine.concepts.journal import Journal, usual_path

    concept = index.concept(name)
    asker = open_asker(f"Is it {concept.name!r}?", otherwise=_ELSEWHERE)
    before = concept.audit
    if before is not None and before.seed == seed:
        count = max(count, before.drawn)  # what was judged is not thrown away
    documents = index.audit_sample(name, count=count, seed=seed)
    journal = Journal(usual_path(index.name, concept.name, "audit"))
    begun = journal.read()
    known = {**_judged_before(concept, seed), **begun}
    drawn = {one.doc_id for one in documents}
    if strange := [one for one in begun if one not in drawn]:
        raise InputError(
            f"{journal.path} has answers of an interrupted audit with another draw; {strange[0]!r}"
            " was not drawn now.",
            fix="Give the --seed and --count it began with, or remove the file.",
        )
    known = {one: label for one, label in known.items() if one in drawn}
    if known:
        observer.note(f"{counted(len(known), 'document')} judged before.")
    observer.note(f"{counted(len(documents), 'document')} drawn at random. Answer {KEYS}.")
    done = judge(documents, known, asker, journal.keep)
    judged = sum(one is not None for one in done.judgments.values())
    if judged < LEAST_JUDGED and done.asked < len(documents):
        raise InterruptedWorkError(
            f"{counted(judged, 'document')} judged; {LEAST_JUDGED} are the least. The answers are"
            f" kept in {journal.path}."
        )
    audited = index.audit_concept(
        name, done.judgments, count=done.asked, seed=seed, source=AT_THE_TERMINAL
    )
    journal.remove()
    return audited


def _judged_before(concept: Concept, seed: int) -> dict[str, bool]:
    audit = concept.audit
    if audit is None or audit.seed != seed:
        return {}
    return dict(zip(audit.doc_ids, audit.labels, strict=True))
