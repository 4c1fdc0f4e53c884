"""Models known by a name: how a test or another package brings its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from retrieval.encode.protocol import Encoder
from retrieval.errors import UsageError

Opened = TypeVar("Opened")

EncoderFactory: TypeAlias = Callable[[], Encoder]


class ModelRegistry(Generic[Opened]):
    """Names with the functions that open their models.

    Args:
        kind: What these are, for messages, with its article: ``An encoder``.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._factories: dict[str, Callable[[], Opened]] = {}

    def register(self, name: str, factory: Callable[[], Opened]) -> None:
        """Make a name known.

        Args:
            name: What is asked for, such as with ``--model``; wins over a folder or hub name.
            factory: Opens the model; called once for each opening.

        Raises:
            UsageError: The name is registered already.
        """
        if name in self._factories:
            raise UsageError(
                f"{self._kind} named {name!r} is registered already.",
                fix="Register it under another name.",
            )
        self._factories[name] = factory

    def find(self, name: str) -> Callable[[], Opened] | None:
        """Return the factory of a name, or None."""
        return self._factories.get(name)

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._factories)


class EncoderRegistry(ModelRegistry[Encoder]):
    """Names with the functions that open their encoders."""

    def __init__(self) -> None:
        super().__init__("An encoder")


ENCODERS = EncoderRegistry()
"""The registry ``open_encoder`` looks in first."""
