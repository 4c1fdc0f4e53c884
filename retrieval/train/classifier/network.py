"""A classifier as it learns: built on a base, saved as the folder that its library reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from retrieval.encode.classifier_folder import PROBLEM
from retrieval.encode.graph import taken_inputs
from retrieval.encode.source import module_types
from retrieval.train.base import Base
from retrieval.train.classifier.options import Head

_DROPOUT = 0.1
"""Share of the pooled vector that is left out at random in training, as BERT does."""


class Network:
    """A transformer with a layer of classes.

    Args:
        base: The model to start from; what is missing of it is drawn from torch's generator.
        head: What the layer of classes sees.
        classes: Their names, in the order of the outputs.
        max_length: Tokens of a text that are seen, in training and later.
    """

    def __init__(self, base: Base, *, head: Head, classes: Sequence[str], max_length: int) -> None:
        self.head = head
        build = _sequence if head is Head.CLS else _dense
        self.module, self._model, self.tokenizer, self.missing = build(
            transformer_folder(base.folder), list(classes)
        )
        inner = getattr(self.tokenizer, "backend_tokenizer", None)
        if inner is not None:  # a file may carry limits that are not the model's
            inner.no_truncation()
            inner.no_padding()
        config = self._model.config if head is Head.CLS else self._model[0].auto_model.config
        self.max_length = min(max_length, self._positions(config))
        self.tokenizer.model_max_length = self.max_length

    def save(self, folder: Path) -> None:
        """Write the model into an empty folder, in its library's own format."""
        if self.head is Head.CLS:
            self._model.save_pretrained(str(folder), safe_serialization=True)
            self.tokenizer.save_pretrained(str(folder))
            return
        self._model.max_seq_length = self.max_length
        self._model.save(str(folder), safe_serialization=True, create_model_card=False)

    def _positions(self, config: Any) -> int:
        known = int(self.tokenizer.model_max_length)
        return min(known, int(getattr(config, "max_position_embeddings", known)))


def transformer_folder(folder: Path) -> Path:
    """Return where the transformer of a folder lies: in it, or in its first module's folder."""
    first = next(iter(module_types(folder)), "")
    return folder / first if first and ".." not in first else folder


def _config(classes: Sequence[str]) -> dict[str, Any]:
    return {
        "id2label": dict(enumerate(classes)),
        "label2id": {name: number for number, name in enumerate(classes)},
        "problem_type": PROBLEM,
    }


def _sequence(folder: Path, classes: list[str]) -> tuple[Any, Any, Any, tuple[str, ...]]:
    """Build what ``AutoModelForSequenceClassification`` is for a base."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model, told = AutoModelForSequenceClassification.from_pretrained(
        str(folder),
        num_labels=len(classes),
        ignore_mismatched_sizes=True,  # the base may be a classifier of other classes
        output_loading_info=True,
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
        dtype=torch.float32,
        **_config(classes),
    )
    tokenizer = AutoTokenizer.from_pretrained(
        str(folder), trust_remote_code=False, local_files_only=True
    )
    inputs = taken_inputs(tokenizer, model)

    class Classes(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tensors: dict[str, Any]) -> Any:
            return self.model(**{name: tensors[name] for name in inputs}).logits

    missing = tuple(
        sorted(one for one in told["missing_keys"] if not one.startswith("classifier."))
    )
    return Classes(), model, tokenizer, missing


def _dense(folder: Path, classes: list[str]) -> tuple[Any, Any, Any, tuple[str, ...]]:
    """Build transformer, mean pooling and a dense layer of sentence-transformers."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer

    transformer = Transformer(
        str(folder),
        model_kwargs={"use_safetensors": True, "dtype": torch.float32, "local_files_only": True},
        config_kwargs={"local_files_only": True},
        processor_kwargs={"local_files_only": True},
    )
    config = transformer.auto_model.config
    for name, value in _config(classes).items():
        setattr(config, name, value)
    width = int(config.hidden_size)
    layer = Dense(width, len(classes), activation_function=torch.nn.Identity())
    torch.nn.init.normal_(
        layer.linear.weight, std=float(getattr(config, "initializer_range", 0.02))
    )
    torch.nn.init.zeros_(layer.linear.bias)
    model = SentenceTransformer(modules=[transformer, Pooling(width, "mean"), layer], device="cpu")
    inputs = taken_inputs(model.tokenizer, transformer.auto_model)

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model
            self.dropout = torch.nn.Dropout(_DROPOUT)

        def forward(self, tensors: dict[str, Any]) -> Any:
            read, pool, last = self.model
            found = pool(read({name: tensors[name] for name in inputs}))
            found["sentence_embedding"] = self.dropout(found["sentence_embedding"])
            return last(found)["sentence_embedding"]

    return Pooled(), model, model.tokenizer, ()
