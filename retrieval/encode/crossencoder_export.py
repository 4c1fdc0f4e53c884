"""Making an exported cross-encoder, from its folder to one ready to be published.

Runs in the child process of ``export_child``, as ``exporting`` does for encoders.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode import identity as read
from retrieval.encode.crossencoder_folder import RERANKER_WAYS, require_crossencoder
from retrieval.encode.exported import TOKENIZER_NAME, ExportedModel
from retrieval.encode.exporting import complete, draft_record, tokenizer_json
from retrieval.encode.graph import sequence_logits, taken_inputs, write_module
from retrieval.encode.hub import snapshot
from retrieval.encode.onnx_crossencoder import OnnxCrossencoder
from retrieval.encode.parity import PROBES
from retrieval.encode.reference import load_crossencoder
from retrieval.encode.source import ModelSource, look_at
from retrieval.errors import ModelExportError, ModelNotFoundError
from retrieval.fsops import Files, write_file
from retrieval.records import ModelIdentity

MOST_DIFFERENCE = 1e-4
"""Of a score, between the exported cross-encoder and the original."""

_QUERIES = ("positive review", "Is this film worth two hours of a Sunday afternoon?", "")


def export_crossencoder(
    source: ModelSource, staging: Path, *, offline: bool, files: Files
) -> ExportedModel:
    """Export a cross-encoder into a staging folder and write its record last.

    One that cannot be one ONNX graph, or does not give the same scores as one, gets a record
    that says so, with which it is refused; the reason is printed with its traceback.

    Args:
        source: The cross-encoder, a folder or a name on the hub.
        staging: An empty folder.
        offline: Whether the hub may not be asked.
        files: Writes what we write ourselves.

    Returns:
        The record; its ``identity.dim`` is 1.

    Raises:
        ModelNotFoundError: The source holds no model, or the hub does not have it.
        NotARerankerError: It is another kind of model.
        ModelAlteredError: Its files are not the expected ones or changed meanwhile.
        ModelExportError: It cannot be used at all.
    """
    folder = source.folder or _fetched(source.name, offline=offline)
    before = look_at(folder)
    require_crossencoder(folder, source.name)
    read.require_safe(folder, before, source.name)
    model = load_crossencoder(folder)
    write_file(files, staging / TOKENIZER_NAME, tokenizer_json(model.tokenizer, source.name))
    identity = ModelIdentity(
        name=source.name,
        weights_sha256=read.weights_sha256(source.kind, folder, before),
        tokenizer_sha256=read.tokenizer_sha256(folder),
        pooling="pair+score",
        normalized=False,
        query_prompt=model.prompts.get(model.default_prompt_name or "") or "",
        passage_prompt="",
        dim=1,
        max_tokens=int(model.max_seq_length),
    )
    draft = draft_record(identity, before, model.tokenizer)

    def write() -> float:
        transformer = model[0].auto_model
        names = taken_inputs(model.tokenizer, transformer)
        write_module(sequence_logits(transformer).eval(), names, "score", staging, files)
        return measure_crossencoder_parity(OnnxCrossencoder(draft, staging), model)

    return complete(draft, staging, write, files=files)


def measure_crossencoder_parity(exported: OnnxCrossencoder, model: Any) -> float:
    """Compare an exported cross-encoder with ``CrossEncoder.predict`` on probe pairs.

    Args:
        exported: The exported model.
        model: The ``CrossEncoder`` it was made from.

    Returns:
        1 less the greatest difference of a score found: alone and together, before and after
        the function that ``predict`` applies.

    Raises:
        ModelExportError: It is above ``MOST_DIFFERENCE`` times the scores' size where that
            exceeds 1, or not a number.
    """
    import torch

    pairs = [(_QUERIES[at % len(_QUERIES)], text) for at, text in enumerate(PROBES)]
    pairs += [(text, "a film") for text in PROBES[-3:]]
    pairs += [(PROBES[-1], PROBES[-1]), (PROBES[-3], PROBES[-1])]  # both are cut; one is
    queries, passages = [one for one, _ in pairs], [one for _, one in pairs]
    together = exported.score_pairs(queries, passages).scores
    alone = np.concatenate([exported.score_pairs([one], [other]).scores for one, other in pairs])
    plain = _predicted(model, pairs, torch.nn.Identity())
    squashed = _predicted(model, pairs, model.activation_fn)
    ours_squashed = model.activation_fn(torch.from_numpy(together)).numpy()
    worst = max(
        _difference(together, plain),
        _difference(alone, plain),
        _difference(ours_squashed, squashed),
    )
    if not worst <= MOST_DIFFERENCE:  # also when it is not a number
        raise ModelExportError(
            f"its exported scores differ from the original's by {worst:.6f},"
            f" expected at most {MOST_DIFFERENCE}"
        )
    return 1.0 - worst


def _predicted(model: Any, pairs: list[tuple[str, str]], activation: Any) -> NDArray[np.float64]:
    found = model.predict(pairs, activation_fn=activation, batch_size=16, show_progress_bar=False)
    return np.asarray(found, dtype=np.float64).reshape(-1)


def _difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Return the greatest difference, of scores above 1 as a share of them."""
    return float((np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))).max())


def _fetched(name: str, *, offline: bool) -> Path:
    try:
        return snapshot(name, offline=offline)
    except ModelNotFoundError as error:
        raise ModelNotFoundError(error.what, fix=RERANKER_WAYS) from error
