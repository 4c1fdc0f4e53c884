"""The process that quantises one model: ``python -m retrieval.encode.quantise_child``.

A process of its own because the library prints, writes files and takes memory that
indexing needs for itself. It ends when its parent does.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import orjson

from retrieval.encode.exported import FAILURE_NAME
from retrieval.encode.parent import end_with_parent
from retrieval.encode.quantising import quantise_model
from retrieval.errors import RetrievalError
from retrieval.fsops import LocalFiles, write_file


def main(words: Sequence[str] | None = None) -> int:
    """Quantise the model the arguments name; return the exit code.

    An error of ours is written to ``failure.json`` in the staging folder; any other
    leaves a traceback on standard error.
    """
    parser = argparse.ArgumentParser(prog="python -m retrieval.encode.quantise_child")
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--staging", required=True, type=Path)
    chosen = parser.parse_args(words)
    threading.Thread(target=end_with_parent, daemon=True).start()
    files = LocalFiles()
    try:
        quantise_model(chosen.folder, chosen.staging, files=files)
    except RetrievalError as error:
        failure = {"code": error.code, "what": error.what, "fix": error.fix}
        write_file(files, chosen.staging / FAILURE_NAME, orjson.dumps(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
