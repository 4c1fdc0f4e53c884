"""AdamW with a linear warm-up and decay, and its state as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOMENTS = ("exp_avg", "exp_avg_sq", "step")
MAX_NORM = 1.0
"""Longest gradient of a step; longer ones are shortened to it."""


def make_optimiser(module: Any, *, weight_decay: float) -> Any:
    """Return AdamW (Loshchilov and Hutter (2019)) on a module's parameters.

    Biases and the scales of normalisations, which have one axis, are not decayed.
    """
    import torch

    learned = [one for one in module.parameters() if one.requires_grad]
    groups = [
        {"params": [one for one in learned if one.ndim > 1], "weight_decay": weight_decay},
        {"params": [one for one in learned if one.ndim <= 1], "weight_decay": 0.0},
    ]
    fused = learned[0].device.type in {"cpu", "cuda"}
    return torch.optim.AdamW([one for one in groups if one["params"]], lr=0.0, fused=fused)


def learning_rate(step: int, steps: int, *, peak: float, warmup: float) -> float:
    """Return the learning rate of a step.

    ``peak * s / w`` while s <= w, then ``peak * (S - s) / (S - w)``; s: this step, from 1; S:
    steps + 1, so that the last one still learns; w: steps of the warm-up.

    Args:
        step: From 0.
        steps: Steps in all.
        peak: The highest rate.
        warmup: Share of the steps in which it rises.
    """
    rising = warmup * steps
    if step + 1 <= rising:
        return peak * (step + 1) / rising
    return peak * (steps - step) / (steps + 1 - rising)


def optimiser_arrays(module: Any, optimiser: Any) -> dict[str, NDArray[Any]]:
    """Return what an optimiser remembers, by parameter."""
    return {
        f"{moment}/{name}": as_array(optimiser.state[one][moment])
        for name, one in module.named_parameters()
        if optimiser.state.get(one)
        for moment in _MOMENTS
    }


def restore_optimiser(module: Any, optimiser: Any, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Give an optimiser back what ``optimiser_arrays`` returned."""
    for name, one in module.named_parameters():
        if f"step/{name}" in arrays:
            optimiser.state[one] = {
                moment: as_tensor(arrays[f"{moment}/{name}"], _home(one, moment, optimiser))
                for moment in _MOMENTS
            }


def module_arrays(module: Any) -> dict[str, NDArray[Any]]:
    """Return a module's weights and buffers by name."""
    return {f"module/{name}": as_array(one) for name, one in module.state_dict().items()}


def restore_module(module: Any, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Give a module back what ``module_arrays`` returned; names have to be the same."""
    start = "module/"
    weights = {
        name.removeprefix(start): as_tensor(one, "cpu")
        for name, one in arrays.items()
        if name.startswith(start)
    }
    module.load_state_dict(weights)


def as_array(tensor: Any) -> NDArray[Any]:
    """Return a tensor as an array, on the same memory where it lies on the processor."""
    found: NDArray[Any] = tensor.detach().cpu().numpy()
    return found


def as_tensor(array: NDArray[Any], device: Any) -> Any:
    """Return an array as a tensor of its own memory."""
    import torch

    return torch.from_numpy(np.array(array)).to(device)


def _home(parameter: Any, moment: str, optimiser: Any) -> Any:
    """Return where a moment has to lie: counts lie on the processor unless fused."""
    fused = optimiser.param_groups[0].get("fused")
    return parameter.device if moment != "step" or fused else "cpu"
