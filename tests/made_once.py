"""What takes long to make is made once for all tests, whichever process asks first."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.errors import LockedError
from retrieval.fsops import LocalFiles


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder of this run of the tests, filled by the first who asks for it.

    Args:
        factory: Knows the folder of the run; the workers of one run share it.
        name: Name of the folder.
        make: Fills it; the others wait meanwhile.
    """
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    home = shared / name
    while not (home / "finished").exists():
        with (
            contextlib.suppress(LockedError),
            LocalFiles().lock(home.with_suffix(".lock"), f"making {name}"),
        ):
            if not (home / "finished").exists():
                home.mkdir()
                make(home)
                (home / "finished").touch()
        time.sleep(0.05)
    return home
