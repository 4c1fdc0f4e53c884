"""Which precision of the exact class is faster here: a short trial, kept for this machine."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.encode.precision import Precision
from retrieval.errors import FileSystemError
from retrieval.fsops import Files, replace_file
from retrieval.records import JsonValue
from retrieval.vectors import FloatRows

FORMAT = 1
LEAST_COSINE = 0.9999
"""What a precision has to keep of single precision's vectors to be chosen."""

_GAIN = 1.05
_SECONDS = 0.8
_LIBRARIES = ("onnxruntime", "torch", "numpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a trial holds for.

    Attributes:
        processor: Its name.
        cores: Those this process may use.
        versions: Libraries that do the work.
        model: Fingerprint of the model.
    """

    processor: str
    cores: int
    versions: Mapping[str, str]
    model: str

    @property
    def key(self) -> str:
        """Hex digits, equal for equal machines."""
        text = orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(text).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one precision did.

    Attributes:
        precision: Which.
        tokens_per_second: Of passages, all cores at work.
        least_cosine: To single precision's vectors.
    """

    precision: Precision
    tokens_per_second: float
    least_cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The outcome of a trial.

    Attributes:
        machine: What it holds for.
        trials: What each precision did.
        chosen: The one that is used.
        measured: When, ISO 8601 UTC.
    """

    machine: Machine
    trials: tuple[Trial, ...]
    chosen: Precision
    measured: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return the record as JSON values."""
        return {"format": FORMAT, **asdict(self), "trials": [asdict(one) for one in self.trials]}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote; raises KeyError, TypeError or ValueError on others."""
        if fields["format"] != FORMAT:
            raise ValueError(fields["format"])
        trials = ({**one, "precision": Precision(one["precision"])} for one in fields["trials"])
        return cls(
            machine=Machine(**fields["machine"]),
            trials=tuple(Trial(**one) for one in trials),
            chosen=Precision(fields["chosen"]),
            measured=str(fields["measured"]),
        )


def this_machine(processor: str, cores: int, model: str) -> Machine:
    """Return what a trial made now holds for."""
    versions = {}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return Machine(processor=processor, cores=cores, versions=versions, model=model)


def calibrate(
    machine: Machine,
    fills: Mapping[Precision, Callable[[Sequence[NDArray[np.int64]], FloatRows], None]],
    passages: Sequence[NDArray[np.int64]],
    dim: int,
    *,
    clock: Callable[[], float],
    now: str,
) -> Calibration:
    """Try precisions on the same passages, each for under a second.

    Args:
        machine: What it holds for.
        fills: ``Forward.fill`` of each precision, single precision among them.
        passages: int64 (tokens,) of each passage.
        dim: Length of a vector.
        clock: Seconds from any start.
        now: The time of day, for the record.

    Returns:
        What each did; a precision is chosen over single precision if it is a twentieth
        faster and keeps its vectors to ``LEAST_COSINE``.
    """
    exact = np.empty((len(passages), dim), dtype=np.float32)
    fills[Precision.FP32](passages, exact)
    tokens = sum(map(len, passages))
    trials: list[Trial] = []
    for precision, fill in fills.items():
        rows = np.empty_like(exact)
        fill(passages, rows)  # the first run is slower, and shows how exact it is
        runs, began = 0, clock()
        while (spent := clock() - began) < _SECONDS:
            fill(passages, rows)
            runs += 1
        trials.append(
            Trial(
                precision=precision,
                tokens_per_second=round(runs * tokens / spent, 1),
                least_cosine=round(float(np.einsum("ij,ij->i", rows, exact).min()), 6),
            )
        )
    own = next(one for one in trials if one.precision is Precision.FP32)
    fit = [
        one
        for one in trials
        if one.least_cosine >= LEAST_COSINE
        and one.tokens_per_second >= _GAIN * own.tokens_per_second
    ]
    best = max(fit, key=lambda one: one.tokens_per_second, default=own)
    return Calibration(machine=machine, trials=tuple(trials), chosen=best.precision, measured=now)


def kept_calibration(files: Files, home: Path, machine: Machine) -> Calibration | None:
    """Return what was found out before; None if nothing was, or on another machine."""
    found = _read(files, home / f"{machine.key}.json")
    return found if found is not None and found.machine == machine else None


def keep_calibration(files: Files, home: Path, calibration: Calibration) -> None:
    """Keep an outcome; a cache that cannot be written to only costs a trial next time."""
    text = orjson.dumps(calibration.to_json(), option=orjson.OPT_INDENT_2)
    with contextlib.suppress(FileSystemError):
        files.make_folder(home)
        replace_file(files, home / f"{calibration.machine.key}.json", text)


def list_calibrations(files: Files, home: Path) -> list[Calibration]:
    """Return every outcome that is kept, the newest first."""
    try:
        names = files.list(home)
    except FileNotFoundError:
        return []
    found = [_read(files, home / name) for name in names if name.endswith(".json")]
    return sorted((one for one in found if one), key=lambda one: one.measured, reverse=True)


def _read(files: Files, path: Path) -> Calibration | None:
    try:
        return Calibration.from_json(orjson.loads(files.read(path)))
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return None
