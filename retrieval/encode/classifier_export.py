"""Making an exported classifier, from its folder to one ready to be published.

Runs in the child process of ``export_child``, as ``exporting`` does for encoders.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from retrieval.encode import identity as read
from retrieval.encode.classifier_folder import ClassifierFolder, read_classifier_folder
from retrieval.encode.classifier_module import (
    ClassifierModule,
    load_classifier_module,
    module_probabilities,
)
from retrieval.encode.exported import TOKENIZER_NAME, ExportedModel
from retrieval.encode.exporting import complete, draft_record, tokenizer_json
from retrieval.encode.graph import write_module
from retrieval.encode.onnx_classifier import OnnxClassifier
from retrieval.encode.parity import PROBES
from retrieval.encode.source import ModelSource, look_at
from retrieval.errors import ModelExportError, ModelNotFoundError
from retrieval.fsops import Files, write_file
from retrieval.records import ModelIdentity

MOST_DIFFERENCE = 1e-3
"""Of a probability, between the exported classifier and the original."""


def export_classifier(source: ModelSource, staging: Path, *, files: Files) -> ExportedModel:
    """Export a classifier into a staging folder and write its record last.

    One that cannot be one ONNX graph, or does not give the same probabilities as one, gets a
    record that says so and is run through torch; the reason is printed with its traceback.

    Args:
        source: The classifier, a folder.
        staging: An empty folder.
        files: Writes what we write ourselves.

    Returns:
        The record; its ``identity.dim`` is the number of classes.

    Raises:
        ModelNotFoundError: The folder holds no model.
        NotAClassifierError: It holds another kind of model.
        ModelAlteredError: Its files are not the expected ones or changed meanwhile.
        ModelExportError: It cannot be used at all.
    """
    if source.folder is None:
        raise ModelNotFoundError(f"The classifier {source.name} has no folder.")
    before = look_at(source.folder)
    read.require_safe(source.folder, before, source.name)
    found = read_classifier_folder(source.folder, source.name)
    loaded = load_classifier_module(found)
    text = tokenizer_json(loaded.tokenizer, source.name)
    write_file(files, staging / TOKENIZER_NAME, text)
    identity = ModelIdentity(
        name=source.name,
        weights_sha256=read.weights_sha256(source.kind, source.folder, before),
        tokenizer_sha256=read.tokenizer_sha256(source.folder),
        pooling=f"{loaded.pooling}+classes",
        normalized=False,
        query_prompt="",
        passage_prompt="",
        dim=len(found.labels),
        max_tokens=loaded.max_tokens,
    )
    draft = draft_record(identity, before, loaded.tokenizer)

    def write() -> float:
        write_module(loaded.module, loaded.inputs, "logits", staging, files)
        return _parity(draft, staging, found, loaded)

    return complete(draft, staging, write, files=files)


def _parity(
    draft: ExportedModel, staging: Path, found: ClassifierFolder, loaded: ClassifierModule
) -> float:
    classifier = OnnxClassifier(draft, staging, found.labels)
    expected = module_probabilities(loaded, PROBES)
    together = classifier.probabilities(PROBES)
    alone = np.concatenate([classifier.probabilities([text]) for text in PROBES])
    worst = float(max(np.abs(together - expected).max(), np.abs(alone - expected).max()))
    if not worst <= MOST_DIFFERENCE:  # also when it is not a number
        raise ModelExportError(
            f"its exported probabilities differ from the original's by {worst:.6f},"
            f" expected at most {MOST_DIFFERENCE}"
        )
    return 1.0 - worst
