"""Cross-encoders: which models are ones, and that an exported one scores as the original does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.encode.crossencoder_export import measure_crossencoder_parity
from retrieval.encode.crossencoder_folder import require_crossencoder
from retrieval.encode.exported import TOKENIZER_NAME, ExportedModel
from retrieval.encode.onnx_crossencoder import OnnxCrossencoder
from retrieval.encode.opening import find_or_export
from retrieval.encode.pair_tokens import PairTokenizer, seen_tokens
from retrieval.encode.places import folder_name, models_folder
from retrieval.encode.reference import load_crossencoder
from retrieval.encode.source import ModelSource, SourceKind, look_at
from retrieval.errors import (
    ModelAlteredError,
    ModelExportError,
    ModelNotFoundError,
    NotARerankerError,
    UsageError,
)
from retrieval.records import ModelIdentity
from retrieval.rerank.opening import open_reranker
from retrieval.train.quiet import quiet_libraries
from tests.encode.classifiers import made_classifiers
from tests.encode.folders import model_folder
from tests.encode.texts import varied_texts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_classifiers(tmp_path_factory)


@pytest.fixture(scope="module")
def original(home: Path) -> Any:
    with quiet_libraries():
        return load_crossencoder(home / "pairs")


def exported(home: Path) -> OnnxCrossencoder:
    source = ModelSource(SourceKind.CROSSENCODER, "pairs", home / "pairs")
    folder, record = find_or_export(source, home / "cache", offline=True, note=lambda _: None)
    assert not record.torch_reason
    return OnnxCrossencoder(record, folder, threads=2)


def pairs_of_texts() -> tuple[list[str], list[str]]:
    texts = varied_texts(120)
    return texts[::2], texts[1::2]


def test_an_exported_cross_encoder_scores_as_its_library_does(home: Path, original: Any) -> None:
    import torch

    queries, passages = pairs_of_texts()
    pairs = list(zip(queries, passages, strict=True))
    with quiet_libraries():
        plain = original.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
        usual = original.predict(pairs, show_progress_bar=False)
    assert plain.std() > 0.01  # else everything would agree with everything
    found = exported(home).score_pairs(queries, passages)
    np.testing.assert_allclose(found.scores, plain, atol=1e-4)
    np.testing.assert_allclose(1.0 / (1.0 + np.exp(-found.scores)), usual, atol=1e-4)
    assert 0 < found.cut.sum() < len(pairs)


def test_another_model_than_the_original_is_found_out(home: Path, original: Any) -> None:
    import torch

    classifier = original[0].auto_model.classifier
    with torch.no_grad():
        classifier.bias += 0.01
    try:
        with quiet_libraries(), pytest.raises(ModelExportError, match="differ from the original"):
            measure_crossencoder_parity(exported(home), original)
    finally:
        with torch.no_grad():
            classifier.bias -= 0.01


@pytest.mark.parametrize("base", ["pairs", "bert", "untrained"])
@pytest.mark.parametrize("window", [9, 16, 17, 64])
def test_pairs_become_the_tokens_that_transformers_makes(
    home: Path, tmp_path: Path, base: str, window: int
) -> None:
    from transformers import AutoTokenizer

    reference = AutoTokenizer.from_pretrained(home / base)
    if base == "untrained":  # as RoBERTa joins two texts
        _join_twice(reference)
    path = tmp_path / TOKENIZER_NAME
    path.write_text(reference.backend_tokenizer.to_str())
    queries, passages = pairs_of_texts()
    found = PairTokenizer(path, window).pair_tokens(queries, passages)
    for at, (query, passage) in enumerate(zip(queries, passages, strict=True)):
        wanted = reference(query, passage, truncation=True, max_length=window)
        assert found.ids[at].tolist() == wanted["input_ids"]
        assert found.types[at].tolist() == wanted["token_type_ids"]
        whole = reference(query, passage, truncation=False, verbose=False)
        assert found.cut[at] == (len(whole["input_ids"]) > window)


def _join_twice(tokenizer: Any) -> None:
    from tokenizers.processors import TemplateProcessing

    known = [(one, tokenizer.convert_tokens_to_ids(one)) for one in ("[CLS]", "[SEP]")]
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] [SEP] $B [SEP]", special_tokens=known
    )


def test_a_short_query_is_never_cut() -> None:
    for room in (10, 11):
        for query in range(room // 2 + 1):
            for passage in range(30):
                assert seen_tokens(query, passage, room)[0] == query
                assert sum(seen_tokens(query, passage, room)) == min(room, query + passage)


def test_a_tokenizer_without_pairs_is_refused(home: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    inner = Tokenizer.from_file(str(home / "bert" / "tokenizer.json"))
    inner.post_processor = TemplateProcessing(single="$A", pair="$B $A", special_tokens=[])
    inner.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelAlteredError, match="no pair"):
        PairTokenizer(tmp_path / "tokenizer.json", 20)


def test_queries_without_passages_are_refused_and_so_is_a_closed_model(home: Path) -> None:
    model = exported(home)
    with pytest.raises(UsageError, match="2 queries came with 1"):
        model.score_pairs(["a", "b"], ["c"])
    model.close()
    with pytest.raises(UsageError, match="closed"):
        model.score_pairs(["a"], ["c"])


def test_a_model_with_several_labels_is_refused_by_their_number(home: Path) -> None:
    with pytest.raises(NotARerankerError, match="3 labels, and one score"):
        open_reranker(home / "sequence", cache=home / "cache")


@pytest.mark.parametrize(("config", "told"), [({}, "2 labels"), ({"num_labels": 1}, None)])
def test_labels_that_transformers_leaves_out_are_known(
    tmp_path: Path, config: dict[str, Any], told: str | None
) -> None:
    described = {"architectures": ["BertForSequenceClassification"], **config}
    (tmp_path / "config.json").write_text(json.dumps(described))
    if told is None:
        require_crossencoder(tmp_path, "m")
        return
    with pytest.raises(NotARerankerError, match=told):
        require_crossencoder(tmp_path, "m")


def test_an_encoder_is_no_reranker(home: Path) -> None:
    with pytest.raises(NotARerankerError, match="BertModel") as caught:
        open_reranker(home / "bert", cache=home / "cache")
    assert "three ways" in caught.value.fix


def test_a_model_that_was_never_fetched_names_three_ways(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="work is offline") as caught:
        open_reranker("ms-marco-MiniLM-L6-v2", offline=True, cache=tmp_path)
    assert "cross-encoder/ms-marco-MiniLM-L6-v2" in str(caught.value)
    for way in ("a name on the hub", "the folder of a cross-encoder", "train crossencoder --beir"):
        assert way in caught.value.fix
    with pytest.raises(ModelNotFoundError, match="no folder") as caught:
        open_reranker(tmp_path / "nothing", cache=tmp_path)
    assert "three ways" in caught.value.fix


def test_a_folder_without_a_model_names_the_ways(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelNotFoundError, match="holds no model") as caught:
        open_reranker(tmp_path / "empty", cache=tmp_path)
    assert "three ways" in caught.value.fix


def test_a_model_that_could_not_be_exported_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "odd")
    source = ModelSource(SourceKind.CROSSENCODER, str(folder), folder.resolve())
    state = look_at(folder.resolve())
    identity = ModelIdentity(
        name="odd",
        weights_sha256="",
        tokenizer_sha256="",
        pooling="pair+score",
        normalized=False,
        query_prompt="",
        passage_prompt="",
        dim=1,
        max_tokens=8,
    )
    record = ExportedModel(
        identity=identity,
        source=state,
        padding_id=0,
        parity=None,
        torch_reason="it differs",
        files={},
        versions={},
        created="2026-01-01T00:00:00Z",
    )
    place = models_folder(tmp_path / "cache") / folder_name(source, state)
    place.mkdir(parents=True)
    (place / "model.json").write_text(json.dumps(record.to_json()))
    with pytest.raises(ModelExportError, match=r"cannot be exported \(it differs\)"):
        open_reranker(folder, cache=tmp_path / "cache")


_SCRIPT = """
import sys
from pathlib import Path
from retrieval.rerank.opening import open_reranker
model = open_reranker(sys.argv[1], cache=Path(sys.argv[2])).model
assert len(model.score_pairs(["a film"], ["the film"])) == 1
loaded = {"torch", "transformers", "sentence_transformers", "huggingface_hub"} & set(sys.modules)
assert not loaded, loaded
"""


def test_a_warm_reranker_imports_no_heavy_library(home: Path) -> None:
    exported(home)
    command = [sys.executable, "-c", _SCRIPT, str(home / "pairs"), str(home / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
