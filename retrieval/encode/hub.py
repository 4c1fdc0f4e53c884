"""Models by name, from the hub or from what was fetched from it before."""

from __future__ import annotations

from pathlib import Path

from retrieval.encode.source import WAYS
from retrieval.errors import ModelNotFoundError

_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors"]
_UNWANTED = ["onnx/*", "openvino/*", "checkpoint-*/*"]


def snapshot(name: str, *, offline: bool) -> Path:
    """Return the folder of a hub model's files, fetched if need be; never a pickle.

    Raises:
        ModelNotFoundError: The hub does not have it, cannot be reached, or may not be
            asked and it was not fetched before.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_OFFLINE

    silent = offline or HF_HUB_OFFLINE
    try:
        found = snapshot_download(
            name,
            allow_patterns=_WANTED,
            ignore_patterns=_UNWANTED,
            local_files_only=silent,
        )
    except Exception as error:  # network libraries raise a dozen kinds
        where = "was not fetched before, and work is offline" if silent else "could not be fetched"
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ModelNotFoundError(f"The model {name} {where} ({reason}).", fix=WAYS) from error
    return Path(found)
