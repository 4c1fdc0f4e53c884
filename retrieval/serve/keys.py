"""What tells one helper from another.

The same key means the same package, interpreter, user, index and model as they are named, and
every setting that is read once when a process starts. Whatever else differs travels with each
question.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

import retrieval

_READ_AT_START = (
    "BLIS_",
    "CUDA_",
    "DYLD_",
    "FAISS_",
    "GLIBC_TUNABLES",
    "GOMP_",
    "HF_",
    "HOME=",
    "HUGGINGFACE_",
    "KMP_",
    "LANG",
    "LC_",
    "LD_",
    "LOCPATH",
    "MALLOC_",
    "MKL_",
    "NPY_",
    "NUMEXPR_",
    "NVIDIA_",
    "OMP_",
    "ONNX",
    "OPENBLAS_",
    "ORT_",
    "PYTHON",
    "RAYON_",
    "TMPDIR=",
    "TOKENIZERS_",
    "TORCH",
    "TRANSFORMERS_",
    "TZ",
    "VECLIB_",
    "XDG_",
)
"""First letters of variables that libraries, the C library or Python read but once."""
_PROJECT_FILE = "retrieve.toml"
_SEPARATOR = b"\0"


def resident_key(
    words: Sequence[str], environ: Mapping[str, str], *, folder: str, role: str
) -> bytes:
    """Return what tells the helper of a command line from others.

    Only the quality of the choice depends on it, never an answer: helpers read the command line
    themselves, with everything that goes with it.

    Args:
        words: The arguments of ``retrieve query``.
        environ: The environment.
        folder: The current folder.
        role: What a helper runs, such as a module's name.
    """
    index = _option(words, "index") or environ.get("RETRIEVE_QUERY_INDEX", "")
    model = _setting(words, environ, "model")
    home = _setting(words, environ, "home") or "indexes"
    project = _stamp(_PROJECT_FILE)
    parts = [
        os.path.dirname(retrieval.__file__ or ""),  # noqa: PTH120 -- pathlib costs milliseconds
        sys.executable,
        sys.prefix,
        role,
        f"{os.geteuid()} {os.getegid()} {sorted(os.getgroups())} {_cores()}",
        os.path.realpath(index) if os.sep in index else f"{os.path.realpath(home)}\0{index}",
        model,
        # what a folder is relative to, or a file sets, depends on the current folder
        f"{folder}\0{project}" if project or model else "",
        *sorted(f"{name}={value}" for name, value in environ.items() if _is_read_at_start(name)),
    ]
    return _SEPARATOR.join(map(os.fsencode, parts))


def _is_read_at_start(name: str) -> bool:
    return f"{name}=".startswith(_READ_AT_START)


def _setting(words: Sequence[str], environ: Mapping[str, str], name: str) -> str:
    """Return a shared option as it is set by words or environment; empty for neither."""
    upper = name.upper()
    return (
        _option(words, name)
        or environ.get(f"RETRIEVE_QUERY_{upper}")
        or environ.get(f"RETRIEVE_{upper}")
        or ""
    )


def _option(words: Sequence[str], name: str) -> str:
    """Return the last value given to an option; empty if none is."""
    found = ""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == f"--{name}":
            found = following
        elif word.startswith(f"--{name}="):
            found = word.partition("=")[2]
    return found


def _stamp(path: str) -> str:
    """Return when a file was changed and how long it is; empty where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 -- as above
    except OSError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"


def _cores() -> str:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return str(sorted(os.sched_getaffinity(0)))
    return str(os.cpu_count())
