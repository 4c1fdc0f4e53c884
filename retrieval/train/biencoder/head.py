"""The softmax over (u, v, |u - v|) that some objectives learn beside the model.

It is learned on unit vectors times the root of their length, so that a component is of about 1,
as a new layer expects: on unit vectors as they are it learns too slowly beside the model, which
is bent in its stead. The factor goes into the weights that are kept.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from retrieval.concept.head import SoftmaxHead
from retrieval.errors import DamagedIndexError, InputError
from retrieval.fsops import Files, write_file
from retrieval.store.container import open_container, whole, write_container
from retrieval.store.parts import PartWriter
from retrieval.train.optimiser import as_array

FOLDER = "head"
"""A folder of its own, so that it counts as no part of the model's weights."""
_WEIGHTS = "weights.safetensors"
_LABELS = "labels.json"


def make_head(dim: int, classes: int) -> Any:
    """Return a new linear layer from (u, v, |u - v|) to classes."""
    import torch

    return torch.nn.Linear(3 * dim, classes)


def head_logits(head: Any, rows: Any, other: Any) -> Any:
    """Return a layer's logits to learn through: a tensor (n, classes).

    Args:
        head: The layer.
        rows: Vectors u of any length, a tensor (n, dim).
        other: Vectors v, alike.
    """
    import torch

    unit = torch.nn.functional.normalize
    first, second = unit(rows), unit(other)
    features = torch.cat([first, second, (first - second).abs()], dim=1)
    return head(features * math.sqrt(rows.shape[1]))


def trained_head(head: Any, labels: tuple[str, ...]) -> SoftmaxHead:
    """Return what a layer has learned, as weights on unit vectors."""
    weight = as_array(head.weight)
    return SoftmaxHead(
        labels=labels,
        weight=weight * np.float32(math.sqrt(weight.shape[1] // 3)),
        bias=as_array(head.bias).copy(),
    )


def write_head(files: Files, folder: Path, head: SoftmaxHead) -> None:
    """Write a head into a model's folder."""
    inside = folder / FOLDER
    files.make_folder(inside)
    with PartWriter(files, inside / _WEIGHTS) as output:
        write_container(output, {"weight": whole(head.weight), "bias": whole(head.bias)})
    write_file(files, inside / _LABELS, orjson.dumps(list(head.labels)))


def read_head(folder: Path) -> SoftmaxHead:
    """Read the head of a model's folder.

    Raises:
        InputError: There is none, or it cannot be read.
    """
    inside = folder / FOLDER
    try:
        arrays = open_container(memoryview((inside / _WEIGHTS).read_bytes()), _WEIGHTS)
        labels = tuple(str(one) for one in orjson.loads((inside / _LABELS).read_bytes()))
        head = SoftmaxHead(labels=labels, weight=arrays["weight"], bias=arrays["bias"])
    except (OSError, KeyError, TypeError, orjson.JSONDecodeError, DamagedIndexError) as error:
        raise InputError(
            f"{inside} holds no head of a softmax that can be read: {error}."
        ) from error
    classes = (len(labels),)
    if head.bias.shape != classes or head.weight.shape[:1] != classes or head.weight.shape[1] % 3:
        raise InputError(f"{inside}: its weights do not fit its {len(labels)} labels.")
    return head
