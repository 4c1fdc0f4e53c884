"""The model that a training starts from: its files, hashes and prompts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.encode.hub import snapshot
from retrieval.encode.identity import prompts, require_safe, tokenizer_sha256, weights_sha256
from retrieval.encode.source import look_at, resolve_source
from retrieval.train.plan import BaseFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A model to start from.

    Attributes:
        facts: Its name and hashes.
        folder: Its files.
        query_prompt: What it puts before queries; may be empty.
        passage_prompt: What it puts before passages; may be empty.
    """

    facts: BaseFacts
    folder: Path
    query_prompt: str
    passage_prompt: str


def find_base(model: str | None, *, offline: bool) -> Base:
    """Find a model to start from and check that reading it is safe.

    Args:
        model: None for the bundled one, else its name, a folder, or a name on the hub.
        offline: Never ask the hub.

    Raises:
        ModelNotFoundError: There is none of this name.
        ModelAlteredError: Its bytes are not those expected.
        ModelExportError: It has weights that are a pickle, or code of its own.
    """
    source = resolve_source(model)
    folder = source.folder or snapshot(source.name, offline=offline)
    state = look_at(folder)
    require_safe(folder, state, source.name)
    query_prompt, passage_prompt = prompts(folder)
    facts = BaseFacts(
        name=source.name,
        weights_sha256=weights_sha256(source.kind, folder, state),
        tokenizer_sha256=tokenizer_sha256(folder),
    )
    return Base(
        facts=facts, folder=folder, query_prompt=query_prompt, passage_prompt=passage_prompt
    )


def load_base(base: Base) -> Any:
    """Load a ``SentenceTransformer`` to train: CPU, single precision, no code, no pickle."""
    import torch
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(base.folder),
        device="cpu",
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True, "dtype": torch.float32},
    )
