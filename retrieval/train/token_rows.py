"""Texts, or pairs of them, as tokens that are made once and padded step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.batches import padded, token_batches

_RUN_TOKENS = 4096
"""Tokens of a run without gradients, padding included."""
_TEXTS = 1024
"""Texts tokenized at once."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenRows:
    """Rows of tokens.

    Attributes:
        ids: int64 (tokens,) of each row, special tokens included.
        types: int64 (tokens,) of each row: 0 for the first text, 1 for the second; None
            where the model does not ask.
        padding_id: Id of the token that fills a batch.
    """

    ids: tuple[NDArray[np.int64], ...]
    types: tuple[NDArray[np.int64], ...] | None
    padding_id: int

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each row, int64 (rows,)."""
        return np.array([len(one) for one in self.ids], dtype=np.int64)

    def tensors(self, rows: Sequence[int], device: Any) -> dict[str, Any]:
        """Return some rows as a model takes them, padded to the longest of them."""
        import torch

        ids, mask = padded([self.ids[row] for row in rows], self.padding_id)
        arrays = {"input_ids": ids, "attention_mask": mask}
        if self.types is not None:
            arrays["token_type_ids"], _ = padded([self.types[row] for row in rows], 0)
        return {name: torch.from_numpy(one).to(device) for name, one in arrays.items()}


def tokenize(
    tokenizer: Any, texts: Sequence[str], others: Sequence[str] | None = None, *, max_length: int
) -> TokenRows:
    """Turn texts, or pairs of texts, into tokens.

    Args:
        tokenizer: Of transformers.
        texts: n texts.
        others: The second text of each pair; None for no pairs.
        max_length: Most tokens of a row, special ones included; of a pair the longer text is
            cut first.
    """
    ids: list[NDArray[np.int64]] = []
    types: list[NDArray[np.int64]] = []
    asked = "token_type_ids" in tokenizer.model_input_names
    for start in range(0, len(texts), _TEXTS):
        stop = start + _TEXTS
        found = tokenizer(
            list(texts[start:stop]),
            None if others is None else list(others[start:stop]),
            truncation=True,
            max_length=max_length,
            padding=False,
            return_token_type_ids=asked,
        )
        ids.extend(np.array(one, dtype=np.int64) for one in found["input_ids"])
        if asked:
            types.extend(np.array(one, dtype=np.int64) for one in found["token_type_ids"])
    padding = tokenizer.pad_token_id
    return TokenRows(
        tuple(ids), tuple(types) if asked else None, 0 if padding is None else int(padding)
    )


def every_output(
    rows: TokenRows, forward: Callable[[dict[str, Any]], Any], device: Any
) -> NDArray[np.float32]:
    """Run a model over all rows without gradients, like lengths together.

    Args:
        rows: At least one.
        forward: From tensors to (rows, outputs).
        device: Where the model is.

    Returns:
        float32 (rows, outputs), in the order of the rows.
    """
    import torch

    found: NDArray[np.float32] | None = None
    for batch in token_batches(rows.lengths.tolist(), _RUN_TOKENS):
        with torch.no_grad():
            part = forward(rows.tensors(batch.tolist(), device)).float().cpu().numpy()
        if found is None:
            found = np.empty((len(rows.ids), part.shape[1]), dtype=np.float32)
        found[batch] = part
    if found is None:
        raise ValueError("there are no rows")
    return found
