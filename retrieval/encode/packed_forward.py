"""Passages through a BERT without padding: their tokens lie one behind the other.

Matrix products, which are nearly all of the work, see only real tokens (Zhai et al., 2023), but
for a few rows that bring their number to a multiple of ``ROWS``. Passages are sorted by length,
so those of a batch attend in few blocks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.packed_attention import attention, attention_blocks, placed
from retrieval.encode.packed_model import PackedModel
from retrieval.errors import UsageError
from retrieval.records import Numerics
from retrieval.vectors import FloatRows

CPU_TOKENS = 2048
"""Tokens of a batch that one core does alone."""

DEVICE_TOKENS = 65_536
"""Tokens of a batch of an accelerator: enough to fill it."""

ROWS = 64
"""Rows of a product are multiples of it: kernels are made for each number they meet."""


class PackedForward:
    """A BERT on torch, unpadded.

    Args:
        model: Gives the weights; called once, when there is something to compute: torch takes
            seconds to import, which a run that finds nothing new does not pay.
        precision: What they are in, for the record.
        device: Where they are, as torch names it.
        threads: Batches at the same time; 1 on an accelerator.
        tokens: Tokens of a batch, unless one passage has more.
    """

    def __init__(
        self,
        model: Callable[[], PackedModel],
        *,
        precision: str,
        device: str = "cpu",
        threads: int = 1,
        tokens: int | None = None,
    ) -> None:
        self._precision = precision
        self._device = device
        self._threads = threads
        self._tokens = tokens or (CPU_TOKENS if device == "cpu" else DEVICE_TOKENS)
        self._load: Callable[[], PackedModel] | None = model
        self._model: PackedModel | None = None
        self._swap = threading.Lock()
        self._threads_before = 0

    @property
    def numerics(self) -> Numerics:
        """The precision of the weights, on torch."""
        return Numerics(precision=self._precision, runtime=f"torch {version('torch')} packed")

    def fill(self, ids: Sequence[NDArray[np.int64]], rows: FloatRows) -> None:
        """Compute the vectors of passages; see ``Forward``."""
        from concurrent.futures import ThreadPoolExecutor

        import torch

        model = self._loaded()
        groups = list(packed_batches([len(one) for one in ids], self._tokens))

        def start(batch: list[NDArray[np.int64]]) -> Any:
            with torch.inference_mode():
                return _forward(model, batch, ids, self._device)

        def run(batch: list[NDArray[np.int64]]) -> None:
            rows[np.concatenate(batch)] = start(batch).cpu().numpy()

        if self._device != "cpu":
            # the next batch is queued before the last is fetched: the device never waits
            before: tuple[list[NDArray[np.int64]], Any] | None = None
            for batch in groups:
                found = start(batch)
                if before is not None:
                    rows[np.concatenate(before[0])] = before[1].cpu().numpy()
                before = (batch, found)
            if before is not None:
                rows[np.concatenate(before[0])] = before[1].cpu().numpy()
            return
        # one batch a core: within a batch torch would wait between any two products
        with ThreadPoolExecutor(
            self._threads, initializer=torch.set_num_threads, initargs=(1,)
        ) as pool:
            for _ in pool.map(run, groups):
                pass

    def _loaded(self) -> PackedModel:
        """Return the weights, read now if they were not before."""
        with self._swap:
            if self._load is None:
                raise UsageError("The model was closed.", fix="Open it again with open_encoder.")
            if self._model is None:
                import torch

                self._threads_before = torch.get_num_threads()
                self._model = self._load()
            return self._model

    def close(self) -> None:
        """Free the weights and give torch its threads back."""
        with self._swap:
            if self._model is not None:
                import torch

                torch.set_num_threads(self._threads_before)
            self._model = self._load = None


def packed_batches(lengths: Sequence[int], budget: int) -> Iterator[list[NDArray[np.int64]]]:
    """Yield batches of passages in groups of one length, longest first.

    Args:
        lengths: Tokens of each passage.
        budget: Tokens of a batch; one passage with more is a batch of its own.

    Yields:
        Groups, each int64 (passages,) of one length; every number is in exactly one.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    order = np.argsort(-sizes, kind="stable")
    start = 0
    while start < len(order):
        ends = np.cumsum(sizes[order[start:]])
        stop = start + max(1, int(np.searchsorted(ends, budget, side="right")))
        batch = order[start:stop]
        yield np.split(batch, np.flatnonzero(np.diff(sizes[batch])) + 1)
        start = stop


def _forward(
    model: PackedModel,
    groups: Sequence[NDArray[np.int64]],
    ids: Sequence[NDArray[np.int64]],
    device: str,
) -> Any:
    """Return unit rows on the device, float32 (passages, hidden), in the order of the groups."""
    import torch
    from torch.nn import functional

    shapes = [(len(group), len(ids[group[0]])) for group in groups]
    packed = np.concatenate([ids[row] for group in groups for row in group])
    behind = (0, -len(packed) % ROWS)
    numbers = np.concatenate([np.tile(np.arange(width), count) for count, width in shapes])
    tokens, places = (placed(np.pad(one, behind), device) for one in (packed, numbers))
    blocks = list(attention_blocks(shapes, device))
    hidden = model.words.shape[1]

    def norm(given: Any, pair: tuple[Any, Any]) -> Any:
        return functional.layer_norm(given, (hidden,), *pair, model.epsilon)

    # sums and their normalisation stay single precision: rounding would add up over the layers
    state = norm(model.words[tokens] + model.places[places], model.norm)
    for layer in model.layers:
        attended = attention(layer.projected(state), blocks, model.heads)
        state = norm(state + layer.attended(attended), layer.attended_norm)
        state = norm(state + layer.outer(layer.inner(state, gelu=True)), layer.outer_norm)
    pooled = torch.cat(
        [
            _pooled(part.view(count, width, hidden), model.pooling)
            for part, (count, width) in zip(
                state[: len(packed)].split([count * width for count, width in shapes]),
                shapes,
                strict=True,
            )
        ]
    )
    return functional.normalize(pooled, dim=1)


def _pooled(states: Any, pooling: str) -> Any:
    """Return one float32 row a passage of states (passages, tokens, hidden)."""
    wide = states.float()
    if pooling == "mean":
        return wide.mean(dim=1)
    return wide[:, 0] if pooling == "cls" else wide.amax(dim=1)
