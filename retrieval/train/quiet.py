"""Libraries that are not to write on the terminal of whoever trains."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

_TALKATIVE = ("sentence_transformers", "transformers", "torch")


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep warnings, bars and remarks of libraries off standard error; errors stay."""
    from transformers.utils import logging as library

    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    levels = [one.level for one in loggers]
    bars = library.is_progress_bar_enabled()
    library.disable_progress_bar()
    for one in loggers:
        one.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
        if bars:
            library.enable_progress_bar()
