"""A model's graph in whole numbers of eight bits: made once, kept beside the exported one."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from retrieval.encode.child import child_failure, run_child
from retrieval.encode.exported import GRAPH_NAME, ExportedModel
from retrieval.errors import FileSystemError, LockedError
from retrieval.fsops import Files, remove_tree
from retrieval.records import JsonValue

RECORD_NAME = "int8.json"
FORMAT = 1

CHILD: tuple[str, ...] = (sys.executable, "-P", "-m", "retrieval.encode.quantise_child")
"""The command that quantises; ``-P`` keeps the working folder's modules out of it."""

_POLL_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantisedModel:
    """One quantised graph in the cache.

    Attributes:
        fingerprint: Identity of the model it was made from.
        least_cosine: Between its vectors and single precision's, over the probe texts.
        files: Each file's name and size in bytes, this record excepted.
        versions: Libraries that made it.
        created: When, ISO 8601 UTC.
    """

    fingerprint: str
    least_cosine: float
    files: Mapping[str, int]
    versions: Mapping[str, str]
    created: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return the record as JSON values."""
        return {
            "format": FORMAT,
            "fingerprint": self.fingerprint,
            "least_cosine": self.least_cosine,
            "files": dict(self.files),
            "versions": dict(self.versions),
            "created": self.created,
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote; raises KeyError, TypeError or ValueError on others."""
        if fields["format"] != FORMAT:
            raise ValueError(fields["format"])
        return cls(**{name: fields[name] for name in cls.__dataclass_fields__})


def quantised_graph(
    exported: ExportedModel,
    folder: Path,
    home: Path,
    *,
    files: Files,
    note: Callable[[str], None],
    child: Sequence[str] = CHILD,
    pause: Callable[[float], None] = time.sleep,
) -> Path:
    """Return a model's quantised graph, made now if it is not there.

    One process makes it, the others wait. Those of what the model was before are removed.

    Args:
        exported: The model's record.
        folder: The folder of its graph.
        home: Folder of quantised graphs; made if missing.
        files: The file operations.
        note: Told in a sentence what takes so long.
        child: Command of the process that quantises.
        pause: Waits for so many seconds between two looks at the lock.

    Raises:
        ModelExportError: It cannot be made; the message names the log.
        FileSystemError: The cache cannot be written to.
    """
    final = home / folder.name
    told = False
    while True:
        if _is_there(files, final, exported):
            return final / GRAPH_NAME
        files.make_folder(home)
        name = exported.identity.name
        try:
            with files.lock(home / f"{folder.name}.lock", f"process {os.getpid()}, {name}"):
                if not _is_there(files, final, exported):
                    note(f"Preparing the model {name} in int8, once for all that follows.")
                    _make(folder, home, name, files=files, child=child)
        except LockedError:
            if not told:
                note(f"Another process is preparing the model {name} in int8; waiting for it.")
                told = True
            pause(_POLL_S)


def read_quantised(files: Files, folder: Path) -> QuantisedModel | None:
    """Read a folder's record; None where there is none that can be read."""
    try:
        return QuantisedModel.from_json(orjson.loads(files.read(folder / RECORD_NAME)))
    except (FileNotFoundError, NotADirectoryError, KeyError, TypeError, ValueError):
        return None


def _is_there(files: Files, folder: Path, exported: ExportedModel) -> bool:
    record = read_quantised(files, folder)
    if record is None or record.fingerprint != exported.identity.fingerprint:
        return False
    try:
        return all(files.size(folder / name) == size for name, size in record.files.items())
    except FileNotFoundError:
        return False


def _make(folder: Path, home: Path, name: str, *, files: Files, child: Sequence[str]) -> None:
    """Run the child and publish what it made; the caller holds the lock."""
    model = folder.name.rsplit("-", 2)[0]  # without what its files looked like
    for other in files.list(home):
        is_ours = other == folder.name or other.startswith((f"{model}-", f"staging-{model}-"))
        if is_ours and not other.endswith(".lock"):
            with contextlib.suppress(FileSystemError, NotADirectoryError):
                remove_tree(files, home / other)
    staging = home / f"staging-{folder.name}-{uuid.uuid4().hex}"
    log = home / f"{model}.log"
    files.make_folder(staging)
    try:
        words = [f"--folder={folder}", f"--staging={staging}"]
        code = run_child([*child, *words], files, log, offline=True)
        if code != 0 or read_quantised(files, staging) is None:
            raise child_failure(files, staging, name, log)
        files.rename(staging, home / folder.name)
        files.sync_folder(home)
    finally:
        with contextlib.suppress(FileSystemError):
            remove_tree(files, staging)
