"""A model so small that the study's own functions run in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.train.models import save_tiny_base


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_base(tmp_path_factory.mktemp("base") / "tiny")
