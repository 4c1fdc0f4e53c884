"""What the commands of ``retrieve concept`` share: opening an index, and telling what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retrieval.cli.answer import write_report
from retrieval.cli.call import Call
from retrieval.cli.observer import CommandObserver
from retrieval.cli.streams import stdout_is_terminal

if TYPE_CHECKING:
    from retrieval.concept.artefact import Concept
    from retrieval.engine import Index


def opened_index(
    name: str | None,
    home: str,
    observer: CommandObserver,
    *,
    changes: bool = False,
    model: str | None = None,
    offline: bool = False,
) -> Index:
    """Open the index that is named, or the one that is meant.

    Args:
        name: As typed; None to choose.
        home: Folder of the indexes.
        observer: Told what was chosen.
        changes: Whether the command changes the index.
        model: Bi-encoder by name or folder; None for the index's own.
        offline: Never ask a model hub.
    """
    from retrieval import engine

    # what changes an index is never aimed at one by guessing
    path, note = engine.find_index(name, home, interactive=stdout_is_terminal() and not changes)
    if note and not changes:
        observer.note(note)
    return engine.open(path, model=model, offline=offline, observer=observer)


def write(call: Call, concept: Concept) -> None:
    """Write a concept as the answer."""
    if call.as_json:
        write_report(concept.to_json())
        return
    from retrieval.cli.concept_table import write_concept

    write_concept(concept)


def tell(call: Call, done: str, told: dict[str, Any]) -> None:
    """Write what was done as the answer; ``told`` has a ``name``."""
    if call.as_json:
        write_report(told)
        return
    from retrieval.cli.answer import write_table

    shown = {key: str(value) for key, value in told.items() if key != "name"}
    write_table([(done, told["name"]), *shown.items()])
