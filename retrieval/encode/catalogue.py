"""Which models are on this machine, and what each costs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from retrieval.encode.bundled import BUNDLED_NAME, bundled_folder
from retrieval.encode.cache import cache_folder
from retrieval.encode.exported import RECORD_NAME, missing_files, read_exported
from retrieval.encode.places import STAGING, find_exported, models_folder
from retrieval.encode.source import resolve_source
from retrieval.errors import ModelError
from retrieval.fsops import Files, LocalFiles
from retrieval.records import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One model as ``retrieve models`` lists it.

    Attributes:
        name: What to give ``--model``.
        bundled: Whether it came with the package.
        exported: Whether it is ready to run.
        complete: Whether every file of it is there with the size it should have.
        runtime: ``onnxruntime`` or ``torch``; empty before it is exported.
        fingerprint: Compares models; empty before it is exported.
        dim: Length of a vector; None before it is exported.
        max_tokens: The model's window; None before it is exported.
        parity: Least cosine to the original on probe texts; None without an export.
        note: Why it runs through torch, or what is missing; may be empty.
        folder: Where its files are.
        files: Name and size in bytes of each.
        size_bytes: Their sum.
    """

    name: str
    bundled: bool
    exported: bool
    complete: bool
    runtime: str
    fingerprint: str
    dim: int | None
    max_tokens: int | None
    parity: float | None
    note: str
    folder: str
    files: tuple[tuple[str, int], ...]
    size_bytes: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return the record as JSON values; files as a mapping of name to bytes."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["files"] = dict(self.files)
        return fields


def list_models(cache: Path | None = None) -> list[ModelEntry]:
    """List the bundled model and every exported one, by name.

    Args:
        cache: Folder of exported models; None for the usual one.
    """
    files = LocalFiles()
    cache = cache_folder(os.environ)[0] if cache is None else cache
    home = models_folder(cache)
    try:
        names = files.list(home)
    except FileNotFoundError:
        names = []
    entries = [
        _exported_entry(files, home / name)
        for name in names
        if (home / name).is_dir() and not name.startswith(STAGING)
    ]
    if not _bundled_exported(files, cache):
        entries.extend(_bundled_entry(files))
    return sorted(entries, key=lambda entry: (entry.name, entry.folder))


def _bundled_exported(files: Files, cache: Path) -> bool:
    try:
        return find_exported(files, cache, resolve_source(None)) is not None
    except ModelError:
        return False


def _bundled_entry(files: Files) -> list[ModelEntry]:
    """Describe the bundled model before its export; nothing if it is not installed."""
    folder = bundled_folder()
    if folder is None:
        return []
    sizes = _sizes(files, folder)
    return [
        ModelEntry(
            name=BUNDLED_NAME,
            bundled=True,
            exported=False,
            complete=True,
            runtime="",
            fingerprint="",
            dim=None,
            max_tokens=None,
            parity=None,
            note="Not exported yet; the first use does it.",
            folder=str(folder),
            files=sizes,
            size_bytes=sum(size for _, size in sizes),
        )
    ]


def _exported_entry(files: Files, folder: Path) -> ModelEntry:
    exported = read_exported(files, folder)
    sizes = _sizes(files, folder)
    total = sum(size for _, size in sizes)
    if exported is None:
        return ModelEntry(
            name=folder.name,
            bundled=False,
            exported=False,
            complete=False,
            runtime="",
            fingerprint="",
            dim=None,
            max_tokens=None,
            parity=None,
            note=f"{RECORD_NAME} is missing or cannot be read; remove the folder.",
            folder=str(folder),
            files=sizes,
            size_bytes=total,
        )
    missing = missing_files(files, folder, exported)
    note = exported.torch_reason
    if missing:
        note = f"Missing or of a wrong size: {', '.join(missing)}; the next use exports it anew."
    return ModelEntry(
        name=exported.identity.name,
        bundled=exported.identity.name == BUNDLED_NAME,
        exported=not missing,
        complete=not missing,
        runtime="torch" if exported.torch_reason else "onnxruntime",
        fingerprint=exported.identity.fingerprint,
        dim=exported.identity.dim,
        max_tokens=exported.identity.max_tokens,
        parity=exported.parity,
        note=note,
        folder=str(folder),
        files=sizes,
        size_bytes=total,
    )


def _sizes(files: Files, folder: Path) -> tuple[tuple[str, int], ...]:
    """Return each file directly in a folder with its bytes."""
    return tuple(
        (name, files.size(folder / name))
        for name in files.list(folder)
        if (folder / name).is_file()
    )
