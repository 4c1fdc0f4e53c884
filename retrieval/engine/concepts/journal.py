"""What a person said so far, in a file that is whole after every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from retrieval.engine.concepts.label_file import read_labels
from retrieval.errors import FileSystemError, InputError
from retrieval.fsops import Files, LocalFiles, replace_file

_TRUTHS = {("true",): True, ("false",): False}


class Journal:
    """Labels by id in a file of JSON Lines, which ``concept fit --labels`` reads.

    Each answer is on disk before the next question: the file is written anew beside its
    place, synced and renamed, so a kill or a power cut loses the last answer at most.

    Args:
        path: The file.
        files: The file system; None for this machine's.
    """

    def __init__(self, path: Path, *, files: Files | None = None) -> None:
        self.path = path
        self._files = files or LocalFiles()

    def read(self) -> dict[str, bool]:
        """Return the labels kept so far, in the order they were given; none without a file.

        Raises:
            InputError: The file is not one of these.
        """
        try:
            if not self._files.read(self.path).strip():
                return {}
        except FileNotFoundError:
            return {}
        found: dict[str, bool] = {}
        for row in read_labels(self.path):
            if row.doc_id is None or row.values not in _TRUTHS:
                raise InputError(
                    f"{self.path}, line {row.line}: answers have an id and a label that is true"
                    " or false.",
                    fix="Name another file, or move this one away.",
                )
            if found.setdefault(row.doc_id, _TRUTHS[row.values]) is not _TRUTHS[row.values]:
                raise InputError(
                    f"{self.path} contradicts itself: {row.doc_id!r} is labelled both ways, last"
                    f" in line {row.line}.",
                    fix="Keep one label a document.",
                )
        return found

    def keep(self, labels: Mapping[str, bool]) -> None:
        """Write these labels in place of those before; durable on return.

        No labels leave no file.

        Raises:
            FileSystemError: They could not be written; the file has those of before.
        """
        if not labels:
            self.remove()
            return
        rows = (json.dumps({"id": one, "label": label}) for one, label in labels.items())
        try:
            replace_file(self._files, self.path, "".join(row + "\n" for row in rows).encode())
        except FileNotFoundError:
            raise FileSystemError(
                f"There is no folder {self.path.parent} to write {self.path.name} to."
            ) from None

    def remove(self) -> None:
        """Remove the file; a missing one is fine."""
        try:
            self._files.unlink(self.path)
        except FileNotFoundError:
            return


def usual_path(index: str, name: str, kind: str) -> Path:
    """Return where answers about a concept are kept by default: in the current folder."""
    plain = re.sub(r"[^\w-]+", "-", f"{index}.{name}".replace(".", " ")).strip("-") or "concept"
    return Path(f"{plain[:100]}.{kind}.jsonl")
