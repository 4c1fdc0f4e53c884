"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import settings

# how long an example takes says something of the machine, not of the code
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

LONG = (
    "tests/crash/",
    "tests/house/test_documents.py",
    "tests/test_docs_cli.py::test_the_examples",
    "tests/train/test_killed.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest, so that no worker waits for the last of them."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
