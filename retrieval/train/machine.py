"""What a training ran on and with, for its card."""

from __future__ import annotations

import importlib.metadata
import platform

from retrieval.processor import processor_name, usable_cores
from retrieval.records import JsonValue

_LIBRARIES = ("torch", "transformers", "sentence-transformers", "tokenizers", "numpy")


def machine(device: str) -> dict[str, JsonValue]:
    """Describe what a training runs on: ``system``, ``processor``, ``cores``, ``card``."""
    card = None
    if device == "cuda":
        import torch

        card = torch.cuda.get_device_name()
    return {
        "system": platform.platform(terse=True),
        "processor": processor_name(),
        "cores": usable_cores(),
        "card": card,
    }


def versions() -> dict[str, str]:
    """Return the versions of the libraries that a result depends on."""
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }
