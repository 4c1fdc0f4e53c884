"""An adapter without its framework says which extra is missing; the package needs none."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

from retrieval.errors import MissingExtraError


@pytest.mark.parametrize(
    ("module", "library", "extra"),
    [
        ("langchain", "langchain_core", "langchain"),
        ("llamaindex", "llama_index", "llamaindex"),
        ("haystack", "haystack", "haystack"),
    ],
)
def test_a_missing_framework_is_named_with_its_extra(
    module: str, library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith("retrieval.adapters.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [one for one in sys.modules if one.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=f"needs {library}") as missing:
        importlib.import_module(f"retrieval.adapters.{module}")
    assert f"'retrieval[{extra}]'" in missing.value.fix


def test_the_package_loads_no_framework() -> None:
    script = "import sys, json, retrieval.adapters.backing; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"langchain_core", "llama_index", "haystack", "pydantic"}
