"""What the tests of adapters share: the testing encoder, and coroutines that are just run."""

from __future__ import annotations

import asyncio
import inspect
import os
from pathlib import Path

import pytest

from retrieval.testing.cli import register_fakes

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when haystack is imported


def pytest_configure(config: pytest.Config) -> None:
    """Know the markers of the frameworks' own suites."""
    config.addinivalue_line("markers", "asyncio: a coroutine, run as any test is")
    for name in ("benchmark", "vcr"):
        config.addinivalue_line("markers", f"{name}: of LangChain's suites; not run here")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine to its end, without a plugin."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    given = {name: value for name, value in pyfuncitem.funcargs.items() if name in names}
    asyncio.run(pyfuncitem.obj(**given))
    return True


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has its own current folder, and the testing encoder by name."""
    register_fakes()
    monkeypatch.chdir(tmp_path)
