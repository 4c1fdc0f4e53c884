"""The written form of a measure: a name, ``@`` and a cutoff, parameters in parentheses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any

from retrieval.errors import UsageError
from retrieval.evaluate.measures.catalogue import MEASURES
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.parameters import Gain, Parameters, Ties

_WRITTEN = re.compile(
    r"\s*(?P<name>\w+)\s*(?:\((?P<before>[^()]*)\))?\s*(?:@\s*(?P<at>[^()@\s]+))?"
    r"\s*(?:\((?P<after>[^()]*)\))?\s*"
)
_COUNT = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
_FORMS = {
    At.NOTHING: "{}",
    At.CUTOFF: "{}@k",
    At.CUTOFF_OR_NOTHING: "{0}, {0}@k",
    At.LEVEL: "{}@recall",
}
_VALUES = {
    Takes.GAIN: "gain=linear or gain=exp",
    Takes.P: "p=0.8, between 0 and 1",
    Takes.REL: "rel=2, a grade of at least 1",
    Takes.TIES: "ties=group or ties=id",
}


def read(text: str) -> tuple[str, Parameters]:
    """Return the name and the parameters that a text spells, in any case.

    Raises:
        UsageError: It spells none; the message says what there is.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None or (written["before"] is not None and written["after"] is not None):
        raise UsageError(
            f"{text!r} is not the name of a measure; a name, a cutoff behind @ and"
            " parameters in parentheses were expected, as in nDCG@10 or P(rel=2)@5.",
            fix=f"The measures are {every_form()}.",
        )
    definition = defined(written["name"])
    inside = written["before"] or written["after"] or ""
    told = _told(definition, inside, text) | _at(definition, written["at"], text)
    return definition.name, Parameters(**told)


def printed(definition: Definition, told: Parameters) -> str:
    """Return the one spelling that is printed: defaults left out, but for p of RBP."""
    default = Parameters()
    inside = [
        f"{name}={getattr(told, name)}"
        for name in sorted(definition.takes)
        if name is Takes.P or getattr(told, name) != getattr(default, name)
    ]
    words = f"({','.join(inside)})" if inside else ""
    if definition.at is At.LEVEL:
        return f"{definition.name}{words}@{told.level!r}"
    return f"{definition.name}{words}" + ("" if told.cutoff is None else f"@{told.cutoff}")


def every_form() -> str:
    """Return the forms of all measures, such as ``AP, AP@k, P@k``."""
    return ", ".join(form(one) for one in MEASURES)


def form(definition: Definition) -> str:
    """Return how a measure is written, such as ``P@k``."""
    return _FORMS[definition.at].format(definition.name)


def parameters_of(definition: Definition) -> str:
    """Return a sentence that names the parameters of a measure with examples."""
    return f"It takes {'; '.join(_VALUES[one] for one in sorted(definition.takes))}."


def defined(name: str) -> Definition:
    """Return the definition of this name, in any case.

    Raises:
        UsageError: There is none; the nearest names are suggested.
    """
    definition = MEASURES.find(name)
    if definition is None:
        names = {one.name.casefold(): one.name for one in MEASURES}
        near = difflib.get_close_matches(name.casefold(), names, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(names[one] for one in near)}? " if near else ""
        raise UsageError(
            f"There is no measure {name!r}.", fix=f"{hint}The measures are {every_form()}."
        )
    return definition


def _told(definition: Definition, inside: str, text: str) -> dict[str, Any]:
    """Read what stands in parentheses."""
    told: dict[str, Any] = {}
    readers: dict[Takes, Callable[[str], object]] = {
        Takes.GAIN: lambda value: Gain(value.casefold()),
        Takes.P: _number,
        Takes.REL: _count,
        Takes.TIES: lambda value: Ties(value.casefold()),
    }
    for part in inside.split(",") if inside.strip() else []:
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals and Takes.P in definition.takes:
            name, value = Takes.P.value, name
        name = name.casefold()
        if name not in definition.takes:
            raise UsageError(
                f"{definition.name} takes no parameter {name!r} (in {text!r}).",
                fix=parameters_of(definition),
            )
        if name in told:
            raise UsageError(f"{name} is given twice in {text!r}.", fix="Give it once.")
        try:
            told[name] = readers[Takes(name)](value)
        except ValueError as error:
            raise UsageError(
                f"{value!r} is no value of {name} (in {text!r}).", fix=parameters_of(definition)
            ) from error
    return told


def _at(definition: Definition, behind: str | None, text: str) -> dict[str, Any]:
    """Read what stands behind the ``@``."""
    if behind is None:
        if definition.at in {At.CUTOFF, At.LEVEL}:
            wanted = "a cutoff, as in @10" if definition.at is At.CUTOFF else "a level, as in @0.1"
            raise UsageError(f"{definition.name} needs {wanted}; {text!r} has none.")
        return {}
    if definition.at is At.NOTHING:
        raise UsageError(f"{definition.name} takes no cutoff (in {text!r}).")
    name, read = ("level", _number) if definition.at is At.LEVEL else ("cutoff", _count)
    try:
        return {name: read(behind)}
    except ValueError as error:
        expected = "a number from 0 to 1" if definition.at is At.LEVEL else "a whole number"
        raise UsageError(f"{behind!r} in {text!r} is not {expected}.") from error


def _count(text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text)
