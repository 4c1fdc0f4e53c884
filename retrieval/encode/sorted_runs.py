"""Many texts through an exported model: like lengths together, one run a core at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.batches import CORE_RUN_TOKENS, padded, token_batches
from retrieval.encode.onnx_session import OnnxSession

SORTED_TEXTS = 8192
"""Texts whose tokens are held at once; sorting more by length saves no more padding."""


def run_sorted(
    session: OnnxSession,
    ids: Sequence[NDArray[np.int64]],
    padding_id: int,
    rows: NDArray[Any],
    *,
    threads: int,
    types: Sequence[NDArray[np.int64]] | None = None,
) -> None:
    """Fill rows with what a model says of texts.

    Args:
        session: The model, each run on one thread.
        ids: int64 (tokens,) of each of n texts.
        padding_id: Id of the token that fills a batch.
        rows: (n, columns of the model's output); written to, in the order of the texts.
        threads: Runs at the same time.
        types: int64 (tokens,) of each text: which of two texts a token is of; None for one.
    """

    def run(batch: NDArray[np.int64]) -> None:
        tokens, mask = padded([ids[row] for row in batch], padding_id)
        feeds = {"input_ids": tokens, "attention_mask": mask}
        if "token_type_ids" in session.inputs:
            feeds["token_type_ids"] = (
                np.zeros_like(tokens)
                if types is None
                else padded([types[row] for row in batch], 0)[0]
            )
        rows[batch] = session.run(feeds)

    batches = list(token_batches([len(row) for row in ids], CORE_RUN_TOKENS))
    if len(batches) == 1:
        run(batches[0])
        return
    # one run a core at a time beats one run on all cores: nobody waits between two layers
    from concurrent.futures import ThreadPoolExecutor  # milliseconds a query need not pay

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(run, batches):
            pass
