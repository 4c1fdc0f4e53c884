"""Make tiny random models, export them, and write what sentence-transformers makes of texts.

Runs as a process of its own (``python -m tests.encode.make_models FOLDER``), because its
libraries warn and tests turn warnings into errors. For each model the folder gets
``NAME/model``, ``NAME/export`` (as the export child makes it) and ``NAME/passages.npy`` and
``NAME/queries.npy``, from sentence-transformers alone; for the bundled model the vectors only.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encode.bundled import bundled_folder
from retrieval.encode.exporting import export_model
from retrieval.encode.packed_model import POOLINGS
from retrieval.encode.reference import load_reference
from retrieval.encode.source import ModelSource, SourceKind
from retrieval.encode.torch_encoder import TorchEncoder
from retrieval.fsops import LocalFiles
from tests.encode.texts import varied_texts

PROMPTS = {"query": "search for: ", "document": "text: "}
HIDDEN = 32


def _tokenizer(pad_first: bool) -> Any:
    """Make a WordPiece tokenizer of single characters and a few words."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    if not pad_first:  # as RoBERTa has it, which counts positions by it
        special = ["[CLS]", "[PAD]", "[UNK]", "[SEP]", "[MASK]"]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,:!?'-"
    words = ["the", "review", "positive", "negative", "film", "plot", "日", "本", "text", "search"]
    pieces = [*special, *letters, *(f"##{letter}" for letter in letters), *words]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    inner = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer(lowercase=True)
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    names = ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=64,
        model_input_names=[*names, "token_type_ids"] if pad_first else names,
    )


def save_transformer(folder: Path, *, bert: bool, spread: float = 0.5) -> None:
    """Save a transformer of random weights, a BERT or a RoBERTa, with its tokenizer."""
    import torch
    from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

    torch.manual_seed(11)
    tokenizer = _tokenizer(pad_first=bert)
    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": HIDDEN,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 70,
        "initializer_range": spread,  # else random vectors are all alike
        "pad_token_id": tokenizer.pad_token_id,
    }
    model = BertModel(BertConfig(**sizes)) if bert else RobertaModel(RobertaConfig(**sizes))
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)


def _save_models(home: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import (
        Dense,
        Pooling,
        Transformer,
    )

    for bert in (True, False):
        save_transformer(home / ("bert" if bert else "roberta"), bert=bert)

    def save(name: str, base: str, *modules: Any, **options: Any) -> None:
        first = Transformer(str(home / base), max_seq_length=48)
        model = SentenceTransformer(modules=[first, *modules], device="cpu", **options)
        model.save(str(home / name / "model"), safe_serialization=True)

    save("cls-dense", "bert", Pooling(HIDDEN, "cls"), Dense(HIDDEN, 16), prompts=PROMPTS)
    save("max", "roberta", Pooling(HIDDEN, "max"), prompts=PROMPTS, default_prompt_name="query")
    apart = Pooling(HIDDEN, "mean", include_prompt=False)
    save("apart", "bert", apart, prompts=PROMPTS)
    for pooling in POOLINGS:
        first = Transformer(str(home / "bert"), max_seq_length=48)
        model = SentenceTransformer(modules=[first, Pooling(HIDDEN, pooling)], device="cpu")
        rows = model.encode(varied_texts(), show_progress_bar=False)
        np.save(
            home / "bert" / f"{pooling}.npy", rows / np.linalg.norm(rows, axis=1, keepdims=True)
        )


def main(home: Path) -> None:
    """Write everything below a folder."""
    _save_models(home)
    texts = varied_texts()
    for name in ("cls-dense", "max", "apart"):
        place = home / name
        (place / "export").mkdir()
        source = ModelSource(SourceKind.FOLDER, name, place / "model")
        made = export_model(source, place / "export", offline=True, files=LocalFiles())
        model = load_reference(place / "model")
        for kind, prompt in (("queries", PROMPTS["query"]), ("passages", PROMPTS["document"])):
            rows = model.encode(texts, prompt=prompt, show_progress_bar=False)
            np.save(place / f"{kind}.npy", rows / np.linalg.norm(rows, axis=1, keepdims=True))
        if made.torch_reason:
            encoder = TorchEncoder(made, place / "export")
            np.save(place / "torch-queries.npy", encoder.encode_queries(texts))
            np.save(place / "torch-passages.npy", encoder.encode_passages(texts))
            (offsets,) = encoder.token_offsets(["the 😀 film"])
            np.save(place / "torch-offsets.npy", offsets)
    folder = bundled_folder()
    if folder is not None:
        (home / "bundled").mkdir()
        rows = load_reference(folder).encode(texts, show_progress_bar=False)
        np.save(home / "bundled" / "passages.npy", rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
