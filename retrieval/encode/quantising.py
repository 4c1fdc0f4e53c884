"""Making the int8 graph of an exported model; runs in the process of ``quantise_child``.

Weights are quantised once, a scale for each output (per channel), activations at each run,
a scale for each tensor: so the vector of a text depends a little on what else is in its run.
Only matrix products are: the embedding table is read, not multiplied.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import orjson

from retrieval.encode.exported import GRAPH_NAME, read_exported
from retrieval.encode.exporting import sync_file
from retrieval.encode.forward import OnnxForward
from retrieval.encode.int8 import RECORD_NAME, QuantisedModel
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.parity import PROBES
from retrieval.encode.passage_encoder import PassageEncoder
from retrieval.encode.precision import Precision
from retrieval.errors import ModelExportError
from retrieval.fsops import Files, write_file

_LIBRARIES = ("onnx", "onnxruntime")
_LEAST_COSINE = 0.8
"""Below this a model is broken in int8; what it costs otherwise is measured on a corpus."""


def quantise_model(folder: Path, staging: Path, *, files: Files) -> QuantisedModel:
    """Quantise an exported model into a staging folder and write its record last.

    Args:
        folder: The exported model.
        staging: An empty folder.
        files: Writes what we write ourselves.

    Raises:
        ModelExportError: There is no exported model, or little is left of it in int8.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exported = read_exported(files, folder)
    if exported is None or exported.torch_reason:
        raise ModelExportError(f"{folder} holds no exported model that could be quantised.")
    graph = staging / GRAPH_NAME
    quantize_dynamic(
        str(folder / GRAPH_NAME),
        str(graph),
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )
    exact = OnnxEncoder(exported, folder)
    forward = OnnxForward(
        graph, precision=Precision.INT8, padding_id=exported.padding_id, threads=1
    )
    encoder = PassageEncoder(exact, forward)
    wanted = exact.encode_passages(PROBES)
    found = np.concatenate([encoder.encode_passages([text]) for text in PROBES])
    encoder.close()
    least = float(np.einsum("ij,ij->i", found, wanted).min())
    if not least >= _LEAST_COSINE:
        raise ModelExportError(
            f"{exported.identity.name} is not itself in int8: cosine {least:.4f} to single"
            f" precision on a probe text, expected at least {_LEAST_COSINE}.",
            fix="Use --precision auto.",
        )
    record = QuantisedModel(
        fingerprint=exported.identity.fingerprint,
        least_cosine=round(least, 6),
        files={name: files.size(staging / name) for name in files.list(staging)},
        versions={name: version(name) for name in _LIBRARIES},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    for name in record.files:
        sync_file(staging / name)
    text = orjson.dumps(record.to_json(), option=orjson.OPT_INDENT_2)
    write_file(files, staging / RECORD_NAME, text)
    files.sync_folder(staging)
    return record
