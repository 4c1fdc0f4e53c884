from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from retrieval.encode.exported import ExportedModel
from retrieval.encode.packed_attention import STEP, attention_blocks
from retrieval.encode.packed_forward import PackedForward, packed_batches
from retrieval.encode.packed_model import POOLINGS, PackedModel, load_packed, why_not_packed
from retrieval.encode.source import look_at
from retrieval.encode.tokens import TextTokenizer
from retrieval.errors import ModelExportError, UsageError
from retrieval.vectors import FloatRows
from tests.encode.make_models import HIDDEN
from tests.encode.models import bundled_encoder, bundled_export, made_models, read_record
from tests.encode.texts import varied_texts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_models(tmp_path_factory)


def tiny_bert(home: Path, pooling: str = "mean") -> ExportedModel:
    """Return the record of the tiny BERT, as if it were exported with this pooling."""
    record = read_record(home / "cls-dense" / "export")
    identity = replace(record.identity, pooling=pooling, dim=HIDDEN)
    return replace(record, identity=identity, source=look_at(home / "bert"))


def packed(
    record: ExportedModel,
    precision: str,
    texts: list[str],
    tokens: int | None = None,
    threads: int = 1,
) -> FloatRows:
    """Run texts through a model's own forward pass."""
    folder = Path(record.source.folder)
    tokenizer = TextTokenizer(folder / "tokenizer.json", record.identity.max_tokens)
    ids = tokenizer.window_ids(texts)
    rows = np.empty((len(ids), record.identity.dim), dtype=np.float32)
    forward = PackedForward(
        lambda: load_packed(record, precision=precision, device="cpu"),
        precision=precision,
        tokens=tokens,
        threads=threads,
    )
    with closing(forward):
        forward.fill(ids, rows)
    return rows


@given(st.lists(st.integers(1, 90), max_size=80), st.integers(1, 300))
def test_batches_hold_each_passage_once_in_groups_of_one_length(
    lengths: list[int], budget: int
) -> None:
    batches = list(packed_batches(lengths, budget))
    groups = [group for batch in batches for group in batch]
    assert sorted(np.concatenate([*groups, []]).tolist()) == list(range(len(lengths)))
    assert all(len({lengths[row] for row in group}) == 1 for group in groups)
    for batch in batches:
        rows = np.concatenate(batch)
        assert len(rows) == 1 or sum(lengths[row] for row in rows) <= budget


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 40)), min_size=1, max_size=20))
def test_blocks_hold_each_token_at_its_place_and_fill_up_little(
    shapes: list[tuple[int, int]],
) -> None:
    shapes.sort(key=lambda one: -one[1])
    lengths = [length for count, length in shapes for _ in range(count)]
    rows = iter(range(sum(lengths)))
    expected = [[next(rows) for _ in range(length)] for length in lengths]
    found = []
    for block in attention_blocks(shapes, "cpu"):
        table = block.rows.view(-1, block.width).tolist()
        real = [[True] * block.width] * len(table)
        if block.real is not None:
            real = block.real[:, 0, 0].tolist()
        kept = [
            [one for one, is_it in zip(*both, strict=True) if is_it]
            for both in zip(table, real, strict=True)
        ]
        assert all(block.width - STEP < len(one) <= block.width for one in kept)
        assert block.rows[block.places].tolist() == [one for part in kept for one in part]
        found += kept
    assert found == expected


@pytest.mark.parametrize("gelu", [False, True])
def test_weights_in_blocks_multiply_as_they_are(
    monkeypatch: pytest.MonkeyPatch, *, gelu: bool
) -> None:
    import torch

    from retrieval.encode import packed_product

    weight, bias, given = (torch.randn(*shape) for shape in ((48, 32), (48,), (7, 32)))
    exact = torch.nn.functional.linear(given, weight, bias)
    exact = torch.nn.functional.gelu(exact) if gelu else exact
    blocked = packed_product.Product(weight.bfloat16(), bias.bfloat16())
    assert blocked.blocked == torch.ops.mkldnn._is_mkldnn_bf16_supported()
    monkeypatch.setattr(packed_product, "_OPERATORS", ("_not_there",))
    plain = packed_product.Product(weight.bfloat16(), bias.bfloat16())
    assert not plain.blocked
    for product in (blocked, plain):
        found = product(given, gelu=gelu)
        assert found.dtype == torch.bfloat16
        torch.testing.assert_close(found.float(), exact, atol=0.15, rtol=0.02)
    single = packed_product.Product(weight, bias)
    assert not single.blocked
    torch.testing.assert_close(single(given, gelu=gelu), exact)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_single_precision_gives_what_sentence_transformers_gives(home: Path, pooling: str) -> None:
    expected = np.load(home / "bert" / f"{pooling}.npy")
    found = packed(tiny_bert(home, pooling), "fp32", varied_texts(), tokens=100, threads=2)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_bf16_keeps_the_direction_of_the_bundled_models_vectors() -> None:
    texts = varied_texts(12)
    record, _ = bundled_export()
    exact = bundled_encoder().encode_passages(texts)
    rows = packed(record, "bf16", texts)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert np.einsum("ij,ij->i", rows, exact).min() >= 0.9999
    assert float(np.abs(rows - exact).max()) > 1e-5


def test_how_tokens_are_batched_changes_nothing(home: Path) -> None:
    record, texts = tiny_bert(home), varied_texts(40)
    one = packed(record, "fp32", texts, tokens=10_000)
    np.testing.assert_allclose(packed(record, "fp32", texts, tokens=1), one, atol=1e-5)


def test_numerics_say_what_ran(home: Path) -> None:
    record = tiny_bert(home)
    forward = PackedForward(
        lambda: load_packed(record, precision="bf16", device="cpu"), precision="bf16"
    )
    assert forward.numerics.precision == "bf16"
    assert forward.numerics.comparison_class == "float"
    assert forward.numerics.runtime.startswith("torch ")
    forward.close()
    with pytest.raises(UsageError, match="closed"):
        forward.fill([np.array([2, 3])], np.empty((1, HIDDEN), dtype=np.float32))


def test_weights_are_read_once_and_only_for_passages(home: Path) -> None:
    record = tiny_bert(home)
    read: list[str] = []

    def weights() -> PackedModel:
        read.append("weights")
        return load_packed(record, precision="fp32", device="cpu")

    ids, rows = [np.array([2, 3])], np.empty((1, HIDDEN), dtype=np.float32)
    PackedForward(weights, precision="fp32").close()
    assert read == []
    with closing(PackedForward(weights, precision="fp32")) as forward:
        assert read == []
        forward.fill(ids, rows)
        forward.fill(ids, rows)
    assert read == ["weights"]


def test_what_has_no_such_forward_pass_is_told_why(home: Path) -> None:
    assert why_not_packed(tiny_bert(home)) == ""
    dense = read_record(home / "cls-dense" / "export")
    assert "no config.json" in why_not_packed(dense) or "pooling" in why_not_packed(dense)
    roberta = replace(tiny_bert(home), source=look_at(home / "roberta"))
    assert "model_type is 'roberta'" in why_not_packed(roberta)
    assert "pooling is cls+dense" in why_not_packed(tiny_bert(home, "cls+dense"))
    short = tiny_bert(home)
    short = replace(short, identity=replace(short.identity, dim=8))
    assert "cut short" in why_not_packed(short)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ({"position_embedding_type": "relative_key"}, "positions"),
    ],
)
def test_a_bert_of_another_kind_is_told_why(
    home: Path, tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    config = orjson.loads((home / "bert" / "config.json").read_bytes())
    (tmp_path / "config.json").write_bytes(orjson.dumps({**config, **changed}))
    assert reason in why_not_packed(replace(tiny_bert(home), source=look_at(tmp_path)))
    (tmp_path / "config.json").write_bytes(orjson.dumps(config))
    assert "several files" in why_not_packed(replace(tiny_bert(home), source=look_at(tmp_path)))


def test_weights_of_something_else_are_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((home / "bert" / "config.json").read_bytes())
    save_file({"layer": np.zeros(2, dtype=np.float32)}, tmp_path / "model.safetensors")
    record = replace(tiny_bert(home), source=look_at(tmp_path))
    assert why_not_packed(record) == ""
    with pytest.raises(ModelExportError, match="have no"):
        load_packed(record, precision="fp32", device="cpu")
