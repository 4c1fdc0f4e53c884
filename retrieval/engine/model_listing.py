"""The use case of listing models."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.encode.catalogue import ModelEntry


def models() -> list[ModelEntry]:
    """List the bi-encoders on this machine: the bundled one and every exported one.

    Returns:
        One entry a model, with its files and what they cost on disk.
    """
    from retrieval.encode.catalogue import list_models

    return list_models()
