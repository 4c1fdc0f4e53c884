"""Several options of a command as one decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


def bundle(*options: Decorator) -> Decorator:
    """Return a decorator that adds options to a command, shown in the order given."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
