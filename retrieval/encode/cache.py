"""Where exported models are kept."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path


def preferred_cache(environ: Mapping[str, str]) -> Path:
    """Return the cache folder by the rules, whether or not it can be written to.

    ``RETRIEVE_CACHE``, else the user's cache folder as the system has it.
    """
    if environ.get("RETRIEVE_CACHE"):
        return Path(environ["RETRIEVE_CACHE"]).expanduser().absolute()
    if sys.platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return (Path(local) if local else _home(environ) / "AppData" / "Local") / "retrieve"
    if sys.platform == "darwin":
        return _home(environ) / "Library" / "Caches" / "retrieve"
    caches = environ.get("XDG_CACHE_HOME", "")
    # a relative path there is to be ignored (XDG Base Directory Specification)
    return (Path(caches) if caches.startswith("/") else _home(environ) / ".cache") / "retrieve"


def cache_folder(environ: Mapping[str, str]) -> tuple[Path, str | None]:
    """Return a cache folder that can be written to.

    Args:
        environ: The environment.

    Returns:
        The folder, and None or a sentence saying why it is not the usual one.
    """
    wanted = preferred_cache(environ)
    if _writable(wanted):
        return wanted, None
    private = _private_folder()
    return private, (
        f"The cache folder {wanted} cannot be written to; models are kept in {private} instead."
        " Set RETRIEVE_CACHE to a folder that can."
    )


def _home(environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(home) if home else Path.home()


def _writable(folder: Path) -> bool:
    """Tell whether a folder is there, or can be made, and may be written to."""
    place = folder
    while not place.exists():
        if place.parent == place:
            return False
        place = place.parent
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


def _private_folder() -> Path:
    """Return a folder under the temporary one that only this user can write to.

    The same one each time, so that a model is not exported for every command; if someone
    else made a folder of that name, a fresh one is taken.
    """
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"retrieve-cache-{user}"
    try:
        os.mkdir(folder, 0o700)  # noqa: PTH102 -- the mode must hold from the first moment
    except FileExistsError:
        found = folder.lstat()
        ours = not hasattr(os, "getuid") or found.st_uid == user
        closed = os.name == "nt" or not found.st_mode & 0o077
        if stat.S_ISDIR(found.st_mode) and ours and closed:
            return folder
        return Path(tempfile.mkdtemp(prefix="retrieve-cache-"))
    return folder
