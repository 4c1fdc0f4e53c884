"""sentence-transformers, as the yardstick and as the way out; the one door to it here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encode.batches import MAX_RUN_TOKENS
from retrieval.vectors import FloatRows, unit_rows

_POSITIONS_WITHOUT_LIMIT = 1_000_000
_COMMON_WINDOW = 512


def load_reference(folder: Path) -> Any:
    """Load a ``SentenceTransformer`` from a folder: CPU, single precision, no code, no pickle."""
    import torch
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(folder),
        device="cpu",
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={
            "use_safetensors": True,
            "dtype": torch.float32,  # else whatever the weights were saved in
            "attn_implementation": "eager",
        },
    )


def load_crossencoder(folder: Path) -> Any:
    """Load a ``CrossEncoder`` from a folder: CPU, single precision, no code, no pickle."""
    import torch
    from sentence_transformers import CrossEncoder

    return CrossEncoder(
        str(folder),
        device="cpu",
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={
            "use_safetensors": True,
            "dtype": torch.float32,
            "attn_implementation": "eager",
        },
    )


def window(model: Any) -> int:
    """Return the most tokens a model sees, special tokens included."""
    declared = model.max_seq_length
    if declared is None:
        declared = getattr(model.tokenizer, "model_max_length", None)
    if declared is None or declared > _POSITIONS_WITHOUT_LIMIT:
        config = model[0].auto_model.config
        declared = getattr(config, "max_position_embeddings", _COMMON_WINDOW)
    return int(declared)


def pooling(model: Any) -> str:
    """Name what happens between the transformer and the vector, such as ``mean+dense``."""
    names: list[str] = []
    for module in list(model)[1:]:
        kind = type(module).__name__.lower()
        if kind == "pooling":
            modes = module.pooling_mode
            names.append(modes if isinstance(modes, str) else "_".join(modes))
        elif kind != "normalize":  # rows are unit in any case
            names.append(kind)
    return "+".join(names)


def reference_rows(model: Any, texts: Sequence[str], prompt: str) -> FloatRows:
    """Encode with sentence-transformers itself: float32 (n, dim), unit rows."""
    rows = model.encode(
        list(texts),
        prompt=prompt,
        batch_size=max(1, min(32, MAX_RUN_TOKENS // window(model))),
        show_progress_bar=False,
        convert_to_numpy=True,
    )
    return np.ascontiguousarray(unit_rows(rows))
