"""Where a training runs, and in which numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from retrieval.errors import UsageError
from retrieval.processor import BF16_FEATURES, processor_features
from retrieval.train.options import Device, Precision

_LEAST_GAIN = 1.2
"""How many times faster bf16 has to be before its rounding is worth it."""


def choose_device(wanted: Device) -> str:
    """Return torch's name of the device to train on.

    Raises:
        UsageError: The one asked for is not there.
    """
    import torch

    there = {
        Device.CPU: True,
        Device.CUDA: torch.cuda.is_available(),
        Device.MPS: torch.backends.mps.is_available(),
    }
    if wanted is Device.AUTO:
        return next(one for one in (Device.CUDA, Device.MPS, Device.CPU) if there[one]).value
    if not there[wanted]:
        raise UsageError(
            f"The device {wanted} was asked for; this machine (or this torch) has none.",
            fix="Leave the device out, or use cpu.",
        )
    return wanted.value


def choose_precision(
    wanted: Precision, device: str, *, clock: Callable[[], float] = time.perf_counter
) -> Precision:
    """Return the precision to train in, never ``auto``.

    On a processor bf16 is taken only if it has instructions for it, and a product of the size
    that training consists of is measured to be faster: 1.7 times with AVX512_BF16.

    Args:
        wanted: What was asked for.
        device: As ``choose_device`` returned it.
        clock: Seconds from any start.

    Raises:
        UsageError: fp16 was asked for elsewhere than on CUDA, whose small gradients only a
            scaler of losses keeps.
    """
    if wanted is Precision.FP16 and device != Device.CUDA:
        raise UsageError(
            f"fp16 was asked for on {device}; it needs CUDA.", fix="Use bf16, fp32 or auto."
        )
    if wanted is not Precision.AUTO:
        return wanted
    if device == Device.CUDA:
        import torch

        return Precision.BF16 if torch.cuda.is_bf16_supported() else Precision.FP16
    if (
        device == Device.CPU
        and BF16_FEATURES & set(processor_features())
        and _gain_of_bf16(clock) >= _LEAST_GAIN
    ):
        return Precision.BF16
    return Precision.FP32


def autocast(device: str, precision: Precision) -> Any:
    """Return the context in which a forward pass is computed."""
    import torch

    kinds = {Precision.BF16: torch.bfloat16, Precision.FP16: torch.float16}
    kind = kinds.get(precision)
    return torch.autocast(device, dtype=kind or torch.bfloat16, enabled=kind is not None)


def _gain_of_bf16(clock: Callable[[], float]) -> float:
    """Return how many times faster a layer of a usual size is in bf16 than in fp32."""
    import torch

    rows, layer = torch.ones(1024, 384), torch.nn.Linear(384, 1536)
    best = {}
    for precision in (Precision.FP32, Precision.BF16):
        times = []
        for _ in range(5):
            started = clock()
            with autocast("cpu", precision):
                layer(rows).sum().backward()
            times.append(clock() - started)
        best[precision] = min(times)
    return best[Precision.FP32] / max(best[Precision.BF16], 1e-9)
