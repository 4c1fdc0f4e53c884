"""A model so small that the study's own functions run in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.train.models import shared_cache, shared_tiny_base


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_tiny_base(tmp_path_factory)


@pytest.fixture(autouse=True)
def _exported_once(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep what is exported out of the person's own cache, and share it."""
    monkeypatch.setenv("RETRIEVE_CACHE", str(shared_cache(tmp_path_factory)))
