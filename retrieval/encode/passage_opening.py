"""An encoder for many passages: which precision, where, and what has to be made for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

from retrieval.encode import calibration
from retrieval.encode.cache import cache_folder, preferred_cache
from retrieval.encode.devices import Devices, present_accelerators
from retrieval.encode.exported import GRAPH_NAME, ExportedModel
from retrieval.encode.forward import Forward
from retrieval.encode.forward_plan import ForwardPlan, open_forward
from retrieval.encode.int8 import quantised_graph
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.packed_model import why_not_packed
from retrieval.encode.parity import PROBES
from retrieval.encode.passage_encoder import PassageEncoder
from retrieval.encode.precision import Precision
from retrieval.encode.protocol import Encoder
from retrieval.encode.shared_forward import SharedForward
from retrieval.encode.worker_forward import WorkerForward
from retrieval.errors import UsageError
from retrieval.fsops import LocalFiles
from retrieval.processor import BF16_FEATURES, processor_features, processor_name, usable_cores

_TRIAL_PASSAGES = 48
_TRIAL_WORDS = 12


def for_passages(
    exact: OnnxEncoder,
    exported: ExportedModel,
    folder: Path,
    *,
    precision: Precision,
    devices: Devices | None,
    cache: Path | None,
    note: Callable[[str], None],
) -> Encoder:
    """Return an encoder whose passages are computed as asked.

    Args:
        exact: The model in single precision; closed with what is returned.
        exported: Its record.
        folder: The folder of both.
        precision: What to compute in; ``auto`` for the fastest of the exact class.
        devices: Where; None for one process on the processor.
        cache: Folder of exported models; None for the usual one.
        note: Told what takes time.

    Raises:
        UsageError: They do not go together, or a device is not there.
        ModelExportError: The model cannot be run so.
    """
    home = cache or _writable_cache()
    devices = devices or Devices()
    accelerators = present_accelerators(devices.accelerators) if devices.accelerators else ()
    if precision is Precision.AUTO:
        precision = exact_precision(
            is_packable=not why_not_packed(exported),
            on_accelerators=bool(accelerators),
            features=processor_features(),
            tried=lambda: _tried(exact, exported, folder, home, note),
        )
    _require(exported, precision, accelerators)
    graph = folder / GRAPH_NAME
    if precision is Precision.INT8:
        graph = quantised_graph(exported, folder, home / "int8", files=LocalFiles(), note=note)
    places = accelerators or ("cpu",) * devices.processes
    if precision is Precision.FP32 and places == ("cpu",):
        return exact
    threads = 1 if accelerators else max(1, usable_cores() // len(places))
    plans = [
        ForwardPlan(folder=folder, graph=graph, precision=precision, device=place, threads=threads)
        for place in places
    ]
    if len(plans) > 1 and not accelerators:
        forwards: list[Forward] = [WorkerForward(plan) for plan in plans]
    else:
        forwards = [open_forward(plan, exported) for plan in plans]
    return PassageEncoder(exact, forwards[0] if len(forwards) == 1 else SharedForward(forwards))


def exact_precision(
    *,
    is_packable: bool,
    on_accelerators: bool,
    features: Collection[str],
    tried: Callable[[], Precision],
) -> Precision:
    """Return the fastest precision of the exact class, as far as that has to be found out.

    Args:
        is_packable: Whether the model has a forward pass of ours.
        on_accelerators: Whether passages are computed there.
        features: Of the processor, as ``processor_features`` gives them.
        tried: Tries bf16 on this processor; called where it may be faster.
    """
    if not is_packable:
        return Precision.FP32
    if on_accelerators:
        return Precision.BF16
    return tried() if BF16_FEATURES & set(features) else Precision.FP32


def calibrations_folder(cache: Path) -> Path:
    """Return the folder of what was found out about machines, within a cache."""
    return cache / "calibration"


def _require(exported: ExportedModel, precision: Precision, accelerators: tuple[str, ...]) -> None:
    if precision is Precision.INT8 and accelerators:
        raise UsageError(
            "int8 runs on the processor alone.", fix="Leave out --precision, or --devices."
        )
    reason = why_not_packed(exported)
    if reason and (accelerators or precision is Precision.BF16):
        raise UsageError(
            f"The model {exported.identity.name} runs in single precision on the processor alone:"
            f" {reason}.",
            fix="Leave out --precision and --devices.",
        )


def _tried(
    exact: OnnxEncoder,
    exported: ExportedModel,
    folder: Path,
    cache: Path,
    note: Callable[[str], None],
) -> Precision:
    """Return the precision of the exact class that is faster here, tried now if need be."""
    files, home = LocalFiles(), calibrations_folder(cache)
    machine = calibration.this_machine(
        processor_name(), usable_cores(), exported.identity.fingerprint
    )
    kept = calibration.kept_calibration(files, home, machine)
    if kept is not None:
        return kept.chosen
    note("Trying out which precision is faster on this machine, once; it takes a few seconds.")
    forwards = {
        precision: open_forward(
            ForwardPlan(
                folder=folder,
                graph=folder / GRAPH_NAME,
                precision=precision,
                device="cpu",
                threads=usable_cores(),
            ),
            exported,
        )
        for precision in (Precision.FP32, Precision.BF16)
    }
    words = " ".join(PROBES).split()
    texts = [*PROBES] + [
        " ".join(words[at % len(words) :][:_TRIAL_WORDS] * (1 + at % 5))
        for at in range(_TRIAL_PASSAGES)
    ]
    found = calibration.calibrate(
        machine,
        {precision: one.fill for precision, one in forwards.items()},
        exact.passage_ids(texts),
        exported.identity.dim,
        clock=time.perf_counter,
        now=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    for one in forwards.values():
        one.close()
    calibration.keep_calibration(files, home, found)
    return found.chosen


def _writable_cache() -> Path:
    wanted = preferred_cache(os.environ)
    return wanted if wanted.is_dir() and os.access(wanted, os.W_OK) else cache_folder(os.environ)[0]
