"""Encoders known by a name: how a test or another package brings its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from retrieval.encode.protocol import Encoder
from retrieval.errors import UsageError

EncoderFactory: TypeAlias = Callable[[], Encoder]


class EncoderRegistry:
    """Names with the functions that open their encoders."""

    def __init__(self) -> None:
        self._factories: dict[str, EncoderFactory] = {}

    def register(self, name: str, factory: EncoderFactory) -> None:
        """Make a name known.

        Args:
            name: What is asked for with ``--model``; wins over a folder or hub name.
            factory: Opens the encoder; called once for each opening.

        Raises:
            UsageError: The name is registered already.
        """
        if name in self._factories:
            raise UsageError(
                f"An encoder named {name!r} is registered already.",
                fix="Register it under another name.",
            )
        self._factories[name] = factory

    def find(self, name: str) -> EncoderFactory | None:
        """Return the factory of a name, or None."""
        return self._factories.get(name)

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._factories)


ENCODERS = EncoderRegistry()
"""The registry ``open_encoder`` looks in first."""
