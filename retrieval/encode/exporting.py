"""Making an exported model, from its source to a folder ready to be published.

Runs in the child process of ``export_child``. Everything is written below the staging
folder. torch and onnx write their own files there, the one exception to the rule that
every byte goes through ``fsops``; so each of them is synced here by its name.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from retrieval.encode import identity as read
from retrieval.encode.exported import (
    GRAPH_NAME,
    RECORD_NAME,
    TOKENIZER_NAME,
    ExportedModel,
)
from retrieval.encode.graph import write_graph
from retrieval.encode.hub import snapshot
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.parity import measure_parity
from retrieval.encode.reference import load_reference, pooling, window
from retrieval.encode.source import ModelSource, SourceState, look_at
from retrieval.errors import FileSystemError, ModelAlteredError, ModelExportError
from retrieval.fsops import Files, write_file
from retrieval.records import ModelIdentity

_LIBRARIES = (
    "torch",
    "transformers",
    "sentence-transformers",
    "onnx",
    "onnxscript",
    "onnxruntime",
    "tokenizers",
)


def export_model(
    source: ModelSource, staging: Path, *, offline: bool, files: Files
) -> ExportedModel:
    """Export a model into a staging folder and write its record last.

    A model that cannot be one ONNX graph, or does not give the same vectors as one, gets a
    record that says so and is run through torch; the reason is printed with its traceback.

    Args:
        source: The model.
        staging: An empty folder.
        offline: Whether the hub may not be asked.
        files: Writes what we write ourselves.

    Returns:
        The record, as written to ``model.json``.

    Raises:
        ModelNotFoundError: The source holds no model, or the hub does not have it.
        ModelAlteredError: Its files are not the expected ones or changed meanwhile.
        ModelExportError: It cannot be used at all.
    """
    folder = source.folder or snapshot(source.name, offline=offline)
    before = look_at(folder)
    read.require_safe(folder, before, source.name)
    weights = read.weights_sha256(source.kind, folder, before)
    query_prompt, passage_prompt = read.prompts(folder)
    model = load_reference(folder)
    write_file(files, staging / TOKENIZER_NAME, tokenizer_json(model.tokenizer, source.name))
    identity = ModelIdentity(
        name=source.name,
        weights_sha256=weights,
        tokenizer_sha256=read.tokenizer_sha256(folder),
        pooling=pooling(model),
        normalized=True,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        dim=_dim(model),
        max_tokens=window(model),
    )
    draft = draft_record(identity, before, model.tokenizer)

    def write() -> float:
        write_graph(model, staging, files)
        encoder = OnnxEncoder(draft, staging)
        try:
            return measure_parity(encoder, model)
        finally:
            encoder.close()

    return complete(draft, staging, write, files=files)


def draft_record(identity: ModelIdentity, before: SourceState, tokenizer: Any) -> ExportedModel:
    """Return the record of an export that has only begun."""
    padding = getattr(tokenizer, "pad_token_id", None)
    return ExportedModel(
        identity=identity,
        source=before,
        padding_id=0 if padding is None else int(padding),
        parity=None,
        torch_reason="",
        files={},
        versions={name: version(name) for name in _LIBRARIES},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def complete(
    draft: ExportedModel, staging: Path, write: Callable[[], float], *, files: Files
) -> ExportedModel:
    """Write the graph of a drafted export, sync everything and write its record last.

    Args:
        draft: The record, without parity, reason and files.
        staging: Folder with the tokenizer in it.
        write: Writes the graph there and returns the parity it reaches.
        files: The file operations.

    Returns:
        The finished record.

    Raises:
        ModelAlteredError: The source's files changed meanwhile.
    """
    parity, reason = _written(write, staging, files)
    folder, name = Path(draft.source.folder), draft.identity.name
    if look_at(folder) != draft.source:
        raise ModelAlteredError(
            f"The files of {name} changed while it was exported ({folder}).",
            fix="Run the same command again when they are complete.",
        )
    sizes = {name: files.size(staging / name) for name in files.list(staging)}
    finished = replace(draft, parity=parity, torch_reason=reason, files=sizes)
    for name in sizes:
        sync_file(staging / name)
    text = orjson.dumps(finished.to_json(), option=orjson.OPT_INDENT_2)
    write_file(files, staging / RECORD_NAME, text)
    files.sync_folder(staging)
    return finished


def _written(write: Callable[[], float], staging: Path, files: Files) -> tuple[float | None, str]:
    """Return the parity reached, or why the model has to run through torch."""
    try:
        return write(), ""
    except (OSError, MemoryError, ImportError, FileSystemError):
        raise  # this machine's trouble and not the model's
    except Exception as error:  # exporters fail in ways of their own
        traceback.print_exc()
        for name in files.list(staging):
            if name.startswith(GRAPH_NAME):
                files.unlink(staging / name)
        return None, f"{type(error).__name__}: {str(error).strip()[:300]}"


def _dim(model: Any) -> int:
    whole = int(model.get_embedding_dimension())
    return min(whole, model.truncate_dim) if model.truncate_dim else whole


def tokenizer_json(tokenizer: Any, name: str) -> bytes:
    """Return a tokenizer as its model uses it, without limits of its own.

    Raises:
        ModelExportError: It is not one of the tokenizers library.
    """
    from tokenizers import Tokenizer

    inner = getattr(tokenizer, "backend_tokenizer", None)
    if inner is None:
        raise ModelExportError(
            f"The model {name} has no tokenizer in the format of the tokenizers library.",
            fix="Choose a model that has a tokenizer.json.",
        )
    plain = Tokenizer.from_str(inner.to_str())
    plain.no_truncation()
    plain.no_padding()
    return plain.to_str().encode()


def sync_file(path: Path) -> None:
    """Make a file that a library wrote survive a power cut."""
    descriptor = os.open(path, os.O_RDWR)  # fsync needs a writable file on Windows
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
