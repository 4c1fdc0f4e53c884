"""Which optional part is missing, and the line that installs it."""

from __future__ import annotations

import importlib
from types import ModuleType

from retrieval.errors import MissingExtraError

EXTRAS: dict[str, tuple[str, ...]] = {
    "parquet": ("pyarrow",),
    "plots": ("matplotlib",),
    "langchain": ("langchain_core",),
    "llamaindex": ("llama_index",),
    "haystack": ("haystack",),
}
"""Each extra of the package with the modules it brings."""


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import a module of an optional extra.

    Args:
        module: Dotted name of the module, for instance ``"pyarrow.parquet"``.
        extra: Name of the extra that installs it; a key of ``EXTRAS``.
        purpose: What it is needed for, as the message's first words.

    Returns:
        The imported module.

    Raises:
        MissingExtraError: The module is not installed; the message has the pip line.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise missing_extra(module, extra=extra, purpose=purpose) from error


def missing_extra(module: str, *, extra: str, purpose: str) -> MissingExtraError:
    """Return the error that says which extra is missing; the arguments are those of ``require``."""
    return MissingExtraError(
        f"{purpose} needs {module.partition('.')[0]}, which is not installed.",
        fix=f"Install it with: pip install 'retrieval[{extra}]'",
    )
