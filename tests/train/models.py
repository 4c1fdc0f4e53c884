"""A tiny BERT whose words can be learned from in a few steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.made_once import made_once

GOOD = ("good", "great", "fine", "lovely", "bright")
BAD = ("bad", "awful", "dull", "poor", "grim")
TOPICS = {
    "film": ("film", "plot", "actor", "scene", "screen"),
    "food": ("soup", "bread", "salt", "plate", "taste"),
    "sport": ("ball", "goal", "team", "match", "score"),
}
PLAIN = ("the", "a", "was", "and", "with", "it", "one", "very", "some", "of")
HIDDEN = 32


def shared_tiny_base(factory: pytest.TempPathFactory) -> Path:
    """Return the tiny model of this run of the tests, for whoever only reads it."""
    return made_once(factory, "tiny-base", lambda home: save_tiny_base(home / "tiny")) / "tiny"


def shared_cache(factory: pytest.TempPathFactory) -> Path:
    """Return a cache of models for this run of the tests: each is exported into it once."""
    return made_once(factory, "model-cache", lambda home: None)


def save_tiny_base(folder: Path) -> Path:
    """Save a sentence-transformers folder of two random layers; return it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from retrieval.train.loop import seeded
    from retrieval.train.quiet import quiet_libraries

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [*GOOD, *BAD, *PLAIN, *(word for group in TOPICS.values() for word in group)]
    pieces = [*special, *words, "<", "s", ">", *(f"u{one}" for one in range(40))]
    inner = Tokenizer(
        models.WordPiece({piece: at for at, piece in enumerate(pieces)}, unk_token="[UNK]")
    )
    inner.normalizer = normalizers.BertNormalizer(lowercase=True)
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    with quiet_libraries(), seeded(11):
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=inner,
            unk_token="[UNK]",
            pad_token="[PAD]",
            cls_token="[CLS]",
            sep_token="[SEP]",
            mask_token="[MASK]",
            model_max_length=64,
            model_input_names=["input_ids", "attention_mask", "token_type_ids"],
        )
        config = BertConfig(
            vocab_size=len(pieces),
            hidden_size=HIDDEN,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=70,
            initializer_range=0.2,
            pad_token_id=0,
        )
        plain = folder.with_name(f"{folder.name}-plain")
        BertModel(config).save_pretrained(plain, safe_serialization=True)
        tokenizer.save_pretrained(plain)
        first = Transformer(str(plain), max_seq_length=48)
        model = SentenceTransformer(modules=[first, Pooling(HIDDEN, "mean")], device="cpu")
        model.to(torch.float32).save(str(folder), create_model_card=False)
    return folder


def labelled_lines(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return texts with ``pos`` or ``neg``, told by one word each."""
    generator = np.random.default_rng(seed)
    rows = []
    for at in range(count):
        words = list(generator.choice(PLAIN, 4))
        told = GOOD if at % 2 else BAD
        words.insert(int(generator.integers(4)), str(generator.choice(told)))
        rows.append((f"{' '.join(words)} u{generator.integers(40)}", "pos" if at % 2 else "neg"))
    return rows


def topic_lines(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return texts with one of three topics, told by two words each."""
    generator = np.random.default_rng(seed)
    names = sorted(TOPICS)
    rows = []
    for at in range(count):
        name = names[at % len(names)]
        words = [*generator.choice(PLAIN, 3), *generator.choice(TOPICS[name], 2)]
        generator.shuffle(words)
        rows.append((f"{' '.join(map(str, words))} u{generator.integers(40)}", name))
    return rows
