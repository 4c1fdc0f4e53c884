"""Only fsops writes, so that the crash tests see every byte."""

from __future__ import annotations

import ast

from tests.house.sources import parsed

WRITERS = {
    "write_text",
    "write_bytes",
    "save",
    "savez",
    "tofile",
    "rename",
    "replace",
    "unlink",
    "rmdir",
    "mkdir",
    "makedirs",
    "rmtree",
    "touch",
    "symlink",
    "link",
}
PATH_OWNERS = {"os", "shutil", "tempfile", "np", "numpy"}
ALLOWED = {
    "retrieval/fsops.py": "the one place that writes",
    "retrieval/encode/export_child.py": "a child process; libraries write into its staging folder",
    "retrieval/encode/graph.py": "runs in that child",
    "retrieval/encode/exporting.py": "runs in that child; syncs what libraries wrote",
    "retrieval/train/library_files.py": "syncs what libraries wrote into a private folder",
    "retrieval/encode/cache.py": "makes an empty folder for this user alone, mode and all",
    "retrieval/serve/places.py": "makes an empty folder for this user alone, mode and all",
    "retrieval/cli/streams.py": "points standard output at the null device",
}


def suspicious(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name) and function.id == "open" and _writes(node, 1):
            found.append(f"line {node.lineno}: open(..., write)")
        if isinstance(function, ast.Attribute):
            owner = function.value.id if isinstance(function.value, ast.Name) else ""
            if function.attr == "open" and _writes(node, 0):
                found.append(f"line {node.lineno}: .open(write)")
            if function.attr in {"write_text", "write_bytes", "tofile"} or (
                owner in PATH_OWNERS and function.attr in WRITERS
            ):
                found.append(f"line {node.lineno}: {owner}.{function.attr}")
            if owner == "os" and function.attr in {"open", "write", "fsync", "ftruncate"}:
                found.append(f"line {node.lineno}: os.{function.attr}")
    return found


def _writes(call: ast.Call, place: int) -> bool:
    """Tell whether a call of ``open`` has a writing mode, its argument number ``place``."""
    modes = [
        *call.args[place : place + 1],
        *(one.value for one in call.keywords if one.arg == "mode"),
    ]
    values = [one.value for one in modes if isinstance(one, ast.Constant)]
    return any(isinstance(one, str) and set(one) & set("wax+") for one in values)


def test_only_fsops_writes() -> None:
    found = {path.as_posix(): suspicious(tree) for path, tree in parsed()}
    assert {path: lines for path, lines in found.items() if lines and path not in ALLOWED} == {}


def test_the_check_sees_a_writer() -> None:
    for line in (
        "open('a', 'w')",
        "p.open('xb')",
        "p.write_text('')",
        "os.replace(a, b)",
        "np.save(a, b)",
    ):
        assert suspicious(ast.parse(line)), line
    assert not suspicious(ast.parse("open('a', 'rb'); text.replace('a', 'b'); p.open()"))
