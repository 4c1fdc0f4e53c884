"""A measure as a value: it parses from its name and prints to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.parameters import Parameters
from retrieval.evaluate.measures.spelling import defined, form, parameters_of, printed, read


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure with its parameters, such as ``nDCG@10`` or ``AP(rel=2)``.

    Attributes:
        name: Name of its definition, such as ``nDCG``.
        parameters: What it was told; parameters it does not take have their defaults.

    Raises:
        UsageError: No such measure, a cutoff or level missing or out of range, or a
            parameter that it does not take.
    """

    name: str
    parameters: Parameters

    def __post_init__(self) -> None:
        definition = defined(self.name)
        object.__setattr__(self, "name", definition.name)
        _check(definition, self.parameters)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a measure from its name, in any case.

        Args:
            text: Such as ``AP``, ``p@5``, ``P(rel=2)@5``, ``P@5(rel=2)``,
                ``nDCG(gain=exp)@10``, ``RBP(0.8)``, ``IPrec@0.1``, ``AP(rel=2,ties=id)``.

        Raises:
            UsageError: It is no measure; the message says what there is.
        """
        return cls(*read(text))

    def __str__(self) -> str:
        return printed(defined(self.name), self.parameters)

    @property
    def summary(self) -> str:
        """What the measure says, in words."""
        return defined(self.name).summary

    @property
    def needs_full_depth(self) -> bool:
        """Whether a run that was cut gives another figure than the whole ranking."""
        return defined(self.name).full_depth and self.parameters.cutoff is None

    def values(self, judged: JudgedRun) -> NDArray[np.float64]:
        """Return its value of each judged query: float64 (n_queries,), in [0, 1]."""
        return defined(self.name).values(judged, self.parameters)


def _check(definition: Definition, told: Parameters) -> None:
    """Refuse parameters that are out of range, or that the measure does not take."""
    name, default = definition.name, Parameters()
    if told.cutoff is not None and told.cutoff < 1:
        raise UsageError(f"The cutoff of {name} is {told.cutoff}; 1 is the least.")
    if not 0.0 <= told.level <= 1.0:
        raise UsageError(f"The recall level of {name} is {told.level}; it goes from 0 to 1.")
    if told.rel < 1:
        raise UsageError(f"A document cannot be relevant from grade {told.rel}; 1 is the least.")
    if not 0.0 < told.p < 1.0:
        raise UsageError(f"p of {name} is {told.p}; it lies between 0 and 1.")
    for parameter in set(Takes) - definition.takes:
        if getattr(told, parameter) != getattr(default, parameter):
            raise UsageError(
                f"{name} takes no parameter {parameter.value!r}.", fix=parameters_of(definition)
            )
    if told.cutoff is None:
        fits = definition.at is not At.CUTOFF
    else:
        fits = definition.at in {At.CUTOFF, At.CUTOFF_OR_NOTHING}
    if not fits:
        raise UsageError(f"{name} is written {form(definition)}.")
    if told.level != default.level and definition.at is not At.LEVEL:
        raise UsageError(f"{name} takes no recall level.")
