"""The process that quantises one model: ``python -m retrieval.encode.quantise_child``.

A process of its own because the library prints, writes files and takes memory that
indexing needs for itself. It ends when its parent does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from retrieval.encode.parent import run_for_parent
from retrieval.encode.quantising import quantise_model
from retrieval.fsops import LocalFiles


def main(words: Sequence[str] | None = None) -> int:
    """Quantise the model the arguments name; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m retrieval.encode.quantise_child")
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--staging", required=True, type=Path)
    chosen = parser.parse_args(words)
    files = LocalFiles()
    return run_for_parent(
        lambda: quantise_model(chosen.folder, chosen.staging, files=files), chosen.staging, files
    )


if __name__ == "__main__":
    sys.exit(main())
