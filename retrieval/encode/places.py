"""Names of exported models within the cache folder, and finding one."""

from __future__ import annotations

from pathlib import Path

from retrieval.encode.exported import FORMAT, ExportedModel, missing_files, read_exported
from retrieval.encode.source import ModelSource, SourceState, look_at
from retrieval.fsops import Files

STAGING = "staging-"
"""First letters of a folder being made."""


def models_folder(cache: Path) -> Path:
    """Return the folder of exported models within a cache."""
    return cache / "models"


def stem(source: ModelSource) -> str:
    """Return the first part of the names of everything kept for a source."""
    return f"{source.slug}-{source.key}"


def folder_name(source: ModelSource, state: SourceState) -> str:
    """Return the folder's name: another one as soon as a file of the source changes."""
    place = state.key if source.folder else "hub"
    return f"{stem(source)}-{place}-{FORMAT}"


def find_exported(
    files: Files, cache: Path, source: ModelSource
) -> tuple[Path, ExportedModel] | None:
    """Find a source's exported model, complete and not outdated.

    Only sizes and times are looked at, no content: this is on the way of every query.

    Raises:
        ModelNotFoundError: The source is a folder without a model.
    """
    if source.folder is not None:
        state = look_at(source.folder)
    else:
        state = SourceState("", ())
    folder = models_folder(cache) / folder_name(source, state)
    exported = read_exported(files, folder)
    if exported is None or missing_files(files, folder, exported):
        return None
    return folder, exported
