"""How long work is followed by whoever asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Observer(Protocol):
    """Is told what goes on; the package itself prints nothing."""

    def note(self, text: str) -> None:
        """Take a sentence that a person should read."""
        ...

    def warn(self, text: str) -> None:
        """Take a sentence that a person must not miss."""
        ...

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Take how far a stage has come; called from any thread.

        Args:
            stage: Such as ``encoding``, ``measuring`` or ``verifying``.
            done: Units done.
            total: Units in all, None if unknown.
            unit: ``documents``, ``bytes`` or ``passages``.
        """
        ...


class Silent:
    """An observer that lets everything pass."""

    def note(self, text: str) -> None:
        """Let a note pass."""

    def warn(self, text: str) -> None:
        """Let a warning pass."""

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Let progress pass."""


SILENT: Observer = Silent()


class Findings(Protocol):
    """What reading found that a person is told of, one sentence each."""

    @property
    def notes(self) -> Sequence[str]:
        """What was decided."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """What a reader must know."""
        ...


def tell(observer: Observer, found: Findings) -> None:
    """Pass on all notes, then all warnings."""
    for note in found.notes:
        observer.note(note)
    for warning in found.warnings:
        observer.warn(warning)
