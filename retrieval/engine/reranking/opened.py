"""The rerankers of an open index: each opened when first needed, and kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.encode.loading import Loading
    from retrieval.rerank.opening import OpenReranker


class Rerankers:
    """Opens rerankers by name, once; safe to use from several threads.

    Args:
        offline: Never ask a model hub.
        note: Told what a person should know, such as of an export.
        loading: Loads the parts of models; None for anew each time.
    """

    def __init__(
        self, *, offline: bool, note: Callable[[str], None], loading: Loading | None = None
    ) -> None:
        self._offline = offline
        self._note = note
        self._loading = loading
        self._lock = threading.Lock()
        self._opened: dict[str, OpenReranker] = {}

    def get(self, model: str) -> OpenReranker:
        """Return a reranker.

        Raises:
            ModelError: As ``open_reranker``.
        """
        with self._lock:
            if model not in self._opened:
                from retrieval.encode.loading import ANEW
                from retrieval.rerank.opening import open_reranker

                self._opened[model] = open_reranker(
                    model,
                    offline=self._offline,
                    note=self._note,
                    loading=self._loading or ANEW,
                )
            return self._opened[model]

    def close(self) -> None:
        """Free the memory of all."""
        with self._lock:
            for one in self._opened.values():
                one.model.close()
            self._opened.clear()
