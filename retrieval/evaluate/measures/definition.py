"""What a measure is made of, and the registry of those there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.parameters import Parameters


class At(StrEnum):
    """What stands behind the ``@`` of a measure's name."""

    NOTHING = "nothing"
    CUTOFF_OR_NOTHING = "a cutoff or nothing"
    CUTOFF = "a cutoff"
    LEVEL = "a recall level"


class Takes(StrEnum):
    """What may stand in the parentheses of a measure's name."""

    GAIN = "gain"
    P = "p"
    REL = "rel"
    TIES = "ties"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A kind of measure.

    Attributes:
        name: As it is printed; unique whatever its case.
        summary: What it says, in words.
        at: What stands behind the ``@``.
        takes: What may stand in parentheses.
        full_depth: Whether a run that was cut gives another figure, without a cutoff.
        values: Returns float64 (n_queries,), in [0, 1], in the judgments' order.
    """

    name: str
    summary: str
    at: At
    takes: frozenset[Takes]
    full_depth: bool
    values: Callable[[JudgedRun, Parameters], NDArray[np.float64]]


class Registry:
    """Definitions by name.

    Args:
        definitions: The first ones.

    Raises:
        UsageError: A name comes twice.
    """

    def __init__(self, definitions: Iterable[Definition] = ()) -> None:
        self._by_name: dict[str, Definition] = {}
        for definition in definitions:
            self.add(definition)

    def add(self, definition: Definition) -> None:
        """Take one more definition.

        Raises:
            UsageError: Its name is taken, in whatever case.
        """
        key = definition.name.casefold()
        if key in self._by_name:
            raise UsageError(f"A measure named {self._by_name[key].name} is registered already.")
        self._by_name[key] = definition

    def find(self, name: str) -> Definition | None:
        """Return the definition of this name, in any case; None if there is none."""
        return self._by_name.get(name.casefold())

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._by_name.values())
