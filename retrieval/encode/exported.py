"""What is known of an exported model: the ``model.json`` beside its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from retrieval.encode.source import SourceState
from retrieval.fsops import Files
from retrieval.records import JsonValue, ModelIdentity

RECORD_NAME = "model.json"
FAILURE_NAME = "failure.json"
GRAPH_NAME = "model.onnx"
TOKENIZER_NAME = "tokenizer.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedModel:
    """One model in the cache.

    Attributes:
        identity: Which model it is.
        source: Where it was exported from, and what its files looked like then.
        padding_id: Id of the token that fills a batch.
        parity: Least cosine to sentence-transformers over the probe texts, or 1 less the
            greatest difference of a probability for a classifier, or of a score for a
            cross-encoder; None when the model runs through torch.
        torch_reason: Why it could not be exported and runs through torch; empty if it could.
        files: Each file's name and size in bytes, this record excepted.
        versions: Libraries that made it.
        created: When, ISO 8601 UTC.
    """

    identity: ModelIdentity
    source: SourceState
    padding_id: int
    parity: float | None
    torch_reason: str
    files: Mapping[str, int]
    versions: Mapping[str, str]
    created: str

    @property
    def size_bytes(self) -> int:
        """What its files take on disk."""
        return sum(self.files.values())

    def to_json(self) -> dict[str, JsonValue]:
        """Return the record as JSON values."""
        return {
            "format": FORMAT,
            "identity": self.identity.to_json(),
            "source": self.source.to_json(),
            "padding_id": self.padding_id,
            "parity": self.parity,
            "torch_reason": self.torch_reason,
            "files": dict(self.files),
            "versions": dict(self.versions),
            "created": self.created,
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote; raises KeyError, TypeError or ValueError on others."""
        if fields["format"] != FORMAT:
            raise ValueError(fields["format"])
        return cls(
            identity=ModelIdentity.from_json(fields["identity"]),
            source=SourceState.from_json(fields["source"]),
            padding_id=int(fields["padding_id"]),
            parity=fields["parity"],
            torch_reason=str(fields["torch_reason"]),
            files={str(name): int(size) for name, size in fields["files"].items()},
            versions=dict(fields["versions"]),
            created=str(fields["created"]),
        )


def read_exported(files: Files, folder: Path) -> ExportedModel | None:
    """Read a folder's record; None where there is none that can be read."""
    try:
        return ExportedModel.from_json(orjson.loads(files.read(folder / RECORD_NAME)))
    except (FileNotFoundError, NotADirectoryError, KeyError, TypeError, ValueError):
        return None


def missing_files(files: Files, folder: Path, exported: ExportedModel) -> list[str]:
    """Return the names of files that are missing or of another size than recorded."""
    missing: list[str] = []
    for name, size in exported.files.items():
        try:
            found = files.size(folder / name)
        except FileNotFoundError:
            found = -1
        if found != size:
            missing.append(name)
    return missing
