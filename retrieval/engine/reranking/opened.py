"""The rerankers of an open index: each opened when first needed, and kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.rerank.opening import OpenReranker


class Rerankers:
    """Opens rerankers by name, once; safe to use from several threads.

    Args:
        offline: Never ask a model hub.
        note: Told what a person should know, such as of an export.
    """

    def __init__(self, *, offline: bool, note: Callable[[str], None]) -> None:
        self._offline = offline
        self._note = note
        self._lock = threading.Lock()
        self._opened: dict[str, OpenReranker] = {}

    def get(self, model: str) -> OpenReranker:
        """Return a reranker.

        Raises:
            ModelError: As ``open_reranker``.
        """
        with self._lock:
            if model not in self._opened:
                from retrieval.rerank.opening import open_reranker

                self._opened[model] = open_reranker(model, offline=self._offline, note=self._note)
            return self._opened[model]

    def close(self) -> None:
        """Free the memory of all."""
        with self._lock:
            for one in self._opened.values():
                one.model.close()
            self._opened.clear()
