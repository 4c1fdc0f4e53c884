"""Attention of passages whose tokens lie one behind the other.

It must not cross from one passage to the next, so passages of like length are laid side by side
and filled up to a multiple of ``STEP`` for it alone. Kernels are made for each shape they meet;
with few widths few are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEP = 16
"""Widths are multiples of it: as many tokens as matrix units take at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Passages side by side.

    Attributes:
        width: Tokens of each, with those it is filled up by.
        rows: int64 (passages * width,): the token at each place; any one where it is filled up.
        real: bool (passages, 1, 1, width): which are not filled up; None where none is.
        places: int64 (tokens,): where in ``rows`` each token is.
    """

    width: int
    rows: Any
    real: Any | None
    places: Any


def placed(array: NDArray[Any], device: str) -> Any:
    """Return an array as a tensor on a device, copied while the device goes on."""
    import torch

    tensor = torch.from_numpy(array)
    return tensor if device == "cpu" else tensor.pin_memory().to(device, non_blocking=True)


def attention_blocks(shapes: Sequence[tuple[int, int]], device: str) -> Iterator[Block]:
    """Yield the blocks of passages that lie one behind the other.

    Args:
        shapes: Number and length of passages, longest first.
        device: Where the blocks are put.
    """
    start = 0
    for width, members in groupby(shapes, key=lambda one: -(-one[1] // STEP) * STEP):
        lengths = np.concatenate([np.full(count, length) for count, length in members])
        starts = start + np.cumsum(lengths) - lengths
        start += int(lengths.sum())
        offsets = np.arange(width)
        real = offsets < lengths[:, np.newaxis]
        rows = np.where(real, starts[:, np.newaxis] + offsets, starts[:, np.newaxis])
        seen = None if real.all() else placed(real, device)[:, None, None]
        yield Block(
            width=width,
            rows=placed(rows.ravel(), device),
            real=seen,
            places=placed(np.flatnonzero(real), device),
        )


def attention(projected: Any, blocks: Sequence[Block], heads: int) -> Any:
    """Return what each token attends to: (rows, hidden).

    Args:
        projected: Queries, keys and values, (rows, 3 * hidden); rows behind those of all blocks
            belong to no passage, and get values of no meaning.
        blocks: In the order of the rows.
        heads: Heads of attention.
    """
    import torch
    from torch.nn import functional

    hidden = projected.shape[1] // 3
    found, end = [], 0
    for block in blocks:
        # (3, passages, heads, width, size of a head)
        query, key, value = (
            projected.index_select(0, block.rows)
            .view(-1, block.width, 3, heads, hidden // heads)
            .permute(2, 0, 3, 1, 4)
        )
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=block.real)
        seen = seen.transpose(1, 2).reshape(-1, hidden)
        found.append(seen if block.real is None else seen.index_select(0, block.places))
        end += len(block.places)
    return torch.cat([*found, projected[end:, :hidden]])
