"""The weights of a BERT, as torch tensors, for a forward pass of our own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from retrieval.encode.exported import ExportedModel
from retrieval.encode.packed_product import Product
from retrieval.errors import ModelExportError

POOLINGS = ("mean", "cls", "max")
"""What can come after the last layer."""

_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedLayer:
    """One layer: query, key and value are one product; normalisations are weight and bias.

    The matrices are in the model's precision, the normalisations in single.
    """

    projected: Product
    attended: Product
    attended_norm: tuple[Any, Any]
    inner: Product
    outer: Product
    outer_norm: tuple[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedModel:
    """A BERT on a device, in one precision.

    Attributes:
        words: Embeddings of tokens, (vocabulary, hidden).
        places: Embeddings of positions, that of the one token type added, (positions, hidden).
        norm: Weight and bias of the first normalisation.
        layers: The layers in order.
        heads: Heads of attention.
        epsilon: Added to variances.
        pooling: One of ``POOLINGS``.
    """

    words: Any
    places: Any
    norm: tuple[Any, Any]
    layers: tuple[PackedLayer, ...]
    heads: int
    epsilon: float
    pooling: str


def why_not_packed(exported: ExportedModel) -> str:
    """Say why a model has no forward pass of ours; empty if it has one."""
    folder = Path(exported.source.folder)
    try:
        config = orjson.loads((folder / "config.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return f"{folder} has no config.json that can be read"
    wanted = {"model_type": "bert", "hidden_act": "gelu"}
    for name, value in wanted.items():
        if config.get(name) != value:
            return f"its {name} is {config.get(name)!r}, not {value!r}"
    if config.get("position_embedding_type", "absolute") != "absolute":
        return "its positions are not absolute"
    if exported.identity.pooling not in POOLINGS:
        return f"its pooling is {exported.identity.pooling}, not one of {', '.join(POOLINGS)}"
    if exported.identity.dim != config.get("hidden_size"):
        return "its vectors are cut short"
    return "" if (folder / "model.safetensors").is_file() else "its weights are several files"


def load_packed(exported: ExportedModel, *, precision: str, device: str) -> PackedModel:
    """Read the weights of a model.

    Args:
        exported: The model's record, ``why_not_packed`` of which is empty.
        precision: ``bf16`` or ``fp32``.
        device: As torch names it, such as ``cpu`` or ``cuda:0``.

    Raises:
        ModelExportError: The weights are not those of a BERT.
    """
    import torch
    from safetensors import safe_open

    folder = Path(exported.source.folder)
    config = orjson.loads((folder / "config.json").read_bytes())
    kept = torch.bfloat16 if precision == "bf16" else torch.float32
    with safe_open(folder / "model.safetensors", framework="pt") as opened:
        names = set(opened.keys())
        start = "bert." if "bert.embeddings.word_embeddings.weight" in names else ""

        def read(name: str) -> Any:
            if start + name not in names:
                raise ModelExportError(f"The weights of {folder} have no {start}{name}.")
            return opened.get_tensor(start + name).to(torch.float32)

        def put(tensor: Any, dtype: Any = torch.float32) -> Any:
            return tensor.to(device=device, dtype=dtype).contiguous()

        def pair(name: str) -> tuple[Any, Any]:
            return put(read(f"{name}.weight")), put(read(f"{name}.bias"))

        def product(*names: str) -> Product:
            weight, bias = (
                put(torch.cat([read(f"{name}.{part}") for name in names]), kept)
                for part in ("weight", "bias")
            )
            return Product(weight, bias)

        def layer(number: int) -> PackedLayer:
            names = {key: f"encoder.layer.{number}.{name}" for key, name in _LAYER.items()}
            return PackedLayer(
                projected=product(names["query"], names["key"], names["value"]),
                attended=product(names["attended"]),
                attended_norm=pair(names["attended_norm"]),
                inner=product(names["inner"]),
                outer=product(names["outer"]),
                outer_norm=pair(names["outer_norm"]),
            )

        types = read("embeddings.token_type_embeddings.weight")
        return PackedModel(
            words=put(read("embeddings.word_embeddings.weight")),
            places=put(read("embeddings.position_embeddings.weight") + types[0]),
            norm=pair("embeddings.LayerNorm"),
            layers=tuple(layer(number) for number in range(config["num_hidden_layers"])),
            heads=config["num_attention_heads"],
            epsilon=config.get("layer_norm_eps", 1e-12),
            pooling=exported.identity.pooling,
        )
