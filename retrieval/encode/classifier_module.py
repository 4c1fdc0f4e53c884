"""A classifier as a torch module, from token ids to one number a class (its logits)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.classifier_folder import ClassifierFolder, ClassifierForm
from retrieval.encode.graph import sequence_logits, taken_inputs
from retrieval.encode.onnx_classifier import probabilities_of
from retrieval.encode.reference import load_reference, window

_LARGEST_WINDOW = 1_000_000
_TEXTS = 32


@dataclass(frozen=True, slots=True)
class ClassifierModule:
    """A loaded classifier.

    Attributes:
        module: ``torch.nn.Module``: int64 (texts, tokens) of each input to float32
            (texts, classes).
        tokenizer: As transformers loads it.
        inputs: What the module takes, in order.
        max_tokens: Its window, special tokens included.
        pooling: What its layer sees: ``cls`` or what a sentence-transformers folder says.
    """

    module: Any
    tokenizer: Any
    inputs: tuple[str, ...]
    max_tokens: int
    pooling: str


def load_classifier_module(found: ClassifierFolder) -> ClassifierModule:
    """Load a classifier: CPU, single precision, evaluation mode, no code, no pickle."""
    if found.form is ClassifierForm.DENSE:
        model = load_reference(found.folder)
        inputs = taken_inputs(model.tokenizer, model[0].auto_model)
        pooling = str(getattr(model[1], "pooling_mode", "mean"))
        return ClassifierModule(
            _dense_logits(model).eval(), model.tokenizer, tuple(inputs), window(model), pooling
        )
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    place = str(found.folder)
    model = AutoModelForSequenceClassification.from_pretrained(
        place,
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
        dtype=torch.float32,
        attn_implementation="eager",
    )
    tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False, local_files_only=True)
    inputs = taken_inputs(tokenizer, model)
    return ClassifierModule(
        sequence_logits(model).eval(), tokenizer, tuple(inputs), _window(model, tokenizer), "cls"
    )


def module_probabilities(loaded: ClassifierModule, texts: Sequence[str]) -> NDArray[np.float64]:
    """Classify with the module itself: float64 (texts, classes), rows that sum to 1."""
    import torch

    rows: list[NDArray[np.float64]] = []
    for start in range(0, len(texts), _TEXTS):
        tokens = loaded.tokenizer(
            list(texts[start : start + _TEXTS]),
            padding=True,
            truncation=True,
            max_length=loaded.max_tokens,
            return_tensors="pt",
        )
        with torch.no_grad():
            logits = loaded.module(*(tokens[name] for name in loaded.inputs))
        rows.append(probabilities_of(logits.numpy()))
    return np.concatenate(rows)


def _window(model: Any, tokenizer: Any) -> int:
    """Return the most tokens a sequence classifier sees, special tokens included."""
    positions = getattr(model.config, "max_position_embeddings", None)
    declared = int(tokenizer.model_max_length)
    if declared <= _LARGEST_WINDOW:
        return declared
    return int(positions or 512)


def _dense_logits(model: Any) -> Any:
    import torch

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.steps = torch.nn.ModuleList(list(model))

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                features["token_type_ids"] = token_type_ids
            for step in self.steps:
                features = step(features)
            return features["sentence_embedding"]

    return Logits()
