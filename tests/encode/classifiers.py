"""Tiny classifiers of both forms, with random weights, made once for all tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from retrieval.rerank.learned import BlendEntry
from retrieval.train.quiet import quiet_libraries
from tests.encode.make_models import HIDDEN, save_transformer
from tests.made_once import made_once

LEARNED = BlendEntry(
    weight=0.6,
    measure="nDCG@10",
    queries=80,
    groups=60,
    first=0.7,
    rerank=0.72,
    value=0.73,
    difference=0.03,
    low=0.01,
    high=0.05,
    candidates=50,
    first_stage="hybrid",
)
"""What the card of ``pairs`` says."""
LABELS = ("bad", "good", "so-so")
_TEXTS = ("the film", "positive review", "a plot about nothing", "negative", "12 plots?", "zz")


def made_classifiers(factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the models of ``make`` and a ``cache`` of their exports."""
    return made_once(factory, "tiny-classifiers", make)


def make(home: Path) -> None:
    """Write ``bert``, ``untrained``, ``sequence``, ``dense`` and ``pairs`` below a folder."""
    with quiet_libraries():
        save_transformer(home / "bert", bert=True)
        save_transformer(home / "untrained", bert=True, spread=0.1)
        save_sequence(home / "bert", home / "sequence")
        save_dense(home / "bert", home / "dense")
        save_sequence(home / "bert", home / "pairs", labels=["score"])
        _join_pairs(home / "pairs")
    card = {"checks": {"reranking": LEARNED.to_json()}}
    (home / "pairs" / "training.json").write_bytes(orjson.dumps(card))


def _join_pairs(folder: Path) -> None:
    """Let a tokenizer tell two texts apart, as BERT's does."""
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    path = str(folder / "tokenizer.json")
    tokenizer = Tokenizer.from_file(path)
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(one, tokenizer.token_to_id(one)) for one in ("[CLS]", "[SEP]")],
    )
    tokenizer.save(path)


def save_sequence(bert: Path, folder: Path, labels: Sequence[str] = LABELS, **config: Any) -> None:
    """Save a sequence classifier with a head of random weights."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(5)
    model = AutoModelForSequenceClassification.from_pretrained(
        bert, num_labels=len(labels), id2label=dict(enumerate(labels)), **config
    )
    tokenizer = AutoTokenizer.from_pretrained(bert)
    tokens = tokenizer(list(_TEXTS), padding=True, return_tensors="pt")
    _spread(model.classifier, lambda: model.eval()(**tokens).logits)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def save_dense(bert: Path, folder: Path, labels: Sequence[str] = LABELS) -> None:
    """Save a dense classifier with a layer of random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer

    torch.manual_seed(6)
    first = Transformer(str(bert), max_seq_length=32)
    first.auto_model.config.id2label = dict(enumerate(labels))
    first.auto_model.config.label2id = {label: at for at, label in enumerate(labels)}
    first.auto_model.config.problem_type = "single_label_classification"
    layer = Dense(HIDDEN, len(labels), activation_function=torch.nn.Identity())
    model = SentenceTransformer(modules=[first, Pooling(HIDDEN, "mean"), layer], device="cpu")
    _spread(layer.linear, lambda: model.encode(list(_TEXTS), convert_to_tensor=True))
    model.save(str(folder))


def _spread(layer: Any, logits: Callable[[], Any]) -> None:
    """Make a layer of random weights say different things of different texts."""
    import torch

    with torch.no_grad():
        layer.weight *= 2.0 / logits().std(dim=0, keepdim=True).T
        layer.bias -= logits().mean(dim=0)
