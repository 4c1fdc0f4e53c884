"""Places to ask from, cold and warm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.house import House, house


@pytest.fixture(scope="module")
def warm_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with a concept and a helper that is ready."""
    with house(tmp_path_factory.mktemp("warm")) as one:
        fitted = one.run(
            "concept", "fit", "praise", "--labels", _labels(one.folder), "--positive", "yes"
        )
        assert fitted.code == 0, fitted
        one.warm()
        yield one


@pytest.fixture
def new_house(tmp_path: Path) -> Iterator[House]:
    """A house of this test alone, without a helper."""
    with house(tmp_path) as one:
        yield one


def _labels(folder: Path) -> str:
    rows = ["id,label", *(f"n{n:02},{'yes' if n % 2 else 'no'}" for n in range(20))]
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return "labels.csv"
