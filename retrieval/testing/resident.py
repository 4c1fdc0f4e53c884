"""Resident helpers that know the fakes."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.cli import resident
from retrieval.testing.cli import register_fakes


def serve(arguments: Sequence[str]) -> None:
    """Be a helper with the fakes registered; see ``retrieval.cli.resident.serve``."""
    register_fakes()
    resident.serve(arguments)
