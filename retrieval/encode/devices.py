"""Where passages are encoded: on the processor, by several processes, or on accelerators."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.errors import UsageError

_ACCELERATOR = re.compile(r"cuda(:\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """Where passages are encoded.

    Attributes:
        processes: Processes on the processor that share its cores; not used with accelerators.
        accelerators: Names as torch has them: ``cuda`` for each there is, or ``cuda:0``.

    Raises:
        UsageError: Less than one process.
    """

    processes: int = 1
    accelerators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.processes < 1:
            raise UsageError(f"Encoding by {self.processes} processes is not possible.")


def read_devices(given: str | int | None) -> Devices | None:
    """Read what a caller said: ``cpu``, a number of processes, or accelerators.

    Args:
        given: ``cpu``, ``4``, ``cuda`` or names joined by commas; None for ``cpu``.

    Returns:
        None for one process on the processor.

    Raises:
        UsageError: It is none of these.
    """
    if given is None or given in {"cpu", "1", 1}:
        return None
    if isinstance(given, int) or given.isdecimal():
        return Devices(processes=int(given))
    names = tuple(dict.fromkeys(name.strip() for name in given.split(",")))
    if not all(_ACCELERATOR.fullmatch(name) for name in names):
        raise UsageError(
            f"There is no device {given!r}.",
            fix="Give cpu, a number of processes, cuda, or names such as cuda:0,cuda:1.",
        )
    return Devices(accelerators=names)


def present_accelerators(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the accelerators meant, one by one.

    Raises:
        UsageError: One of them is not there.
    """
    import torch

    there = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    named = [one for name in wanted for one in (there if name == "cuda" else [name])]
    missing = [name for name in named if name not in there]
    if missing or not named:
        raise UsageError(
            f"There is no accelerator {', '.join(missing or wanted)};"
            f" torch finds {', '.join(there) or 'none'}.",
            fix="Leave --devices out to encode on the processor.",
        )
    return tuple(dict.fromkeys(named))
