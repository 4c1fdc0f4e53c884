"""A model as one ONNX graph: from token ids to unit vectors, or to classes or scores.

Runs in the export's child process only: the libraries it drives print, warn and take
hundreds of megabytes. They write into the staging folder and nowhere else; everything
they leave there is synced before it is published.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from retrieval.encode.exported import GRAPH_NAME
from retrieval.errors import ModelExportError
from retrieval.fsops import Files, write_file

OPSET = 20


def write_graph(model: Any, folder: Path, files: Files) -> None:
    """Write ``model.onnx`` and its external weights into a folder.

    Args:
        model: A ``SentenceTransformer`` on the CPU in single precision.
        folder: Staging folder; exists.
        files: For the graph itself, written anew without the exporter's notes.

    Raises:
        ModelExportError: The model cannot be one graph.
    """
    _require_one_graph(model)
    # an output named "embedding" makes an invalid model
    write_module(_as_module(model), graph_inputs(model), "sentence_embedding", folder, files)


def write_module(
    module: Any, names: Sequence[str], output_name: str, folder: Path, files: Files
) -> None:
    """Write a torch module of one output as ``model.onnx`` and its external weights.

    Args:
        module: Takes int64 (texts, tokens) for each name, on the CPU.
        names: Its inputs, in order.
        output_name: What its output is called in the graph.
        folder: Staging folder; exists.
        files: For the graph itself, written anew without the exporter's notes.
    """
    import onnx
    import torch

    # one tensor given twice would be taken for one input
    examples = [torch.full((2, 7), int(name != "token_type_ids")) for name in names]
    dynamic = torch.export.Dim.DYNAMIC
    path = folder / GRAPH_NAME
    with torch.no_grad():
        torch.onnx.export(
            module.eval(),
            tuple(examples),
            str(path),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(names),
            output_names=[output_name],
            dynamic_shapes=({0: dynamic, 1: dynamic},) * len(names),
            external_data=True,
            verbose=False,
        )
    described = onnx.load(str(path), load_external_data=False)
    for node in described.graph.node:  # traces of the Python source, nine tenths of the file
        del node.metadata_props[:]
        node.doc_string = ""
    del described.graph.value_info[:]
    files.unlink(path)
    write_file(files, path, described.SerializeToString())


def sequence_logits(model: Any) -> Any:
    """Return a torch module from tensors to what a model of sequences says: its logits."""
    import torch

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            return self.model(input_ids=input_ids, attention_mask=attention_mask, **types).logits

    return Logits()


def graph_inputs(model: Any) -> list[str]:
    """Return the tensors the transformer takes, in the order of its graph."""
    return taken_inputs(model.tokenizer, model[0].auto_model)


def taken_inputs(tokenizer: Any, transformer: Any) -> list[str]:
    """Return the tensors that a tokenizer makes and a transformer takes, in a fixed order."""
    made = set(tokenizer.model_input_names)
    taken = set(inspect.signature(transformer.forward).parameters)
    optional = ["token_type_ids"] if "token_type_ids" in made & taken else []
    return ["input_ids", "attention_mask", *optional]


def _require_one_graph(model: Any) -> None:
    prompted = any(text for text in (model.prompts or {}).values())
    for module in model:
        if prompted and getattr(module, "include_prompt", True) is False:
            raise ModelExportError("its pooling leaves out the prompt, which one graph cannot")


def _as_module(model: Any) -> Any:
    """Return a torch module from tensors to unit vectors."""
    import torch

    class Sentence(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.steps = torch.nn.ModuleList(list(model))

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                features["token_type_ids"] = token_type_ids
            for step in self.steps:
                features = step(features)
            vectors = features["sentence_embedding"]
            if model.truncate_dim is not None:
                vectors = vectors[:, : model.truncate_dim]
            return torch.nn.functional.normalize(vectors, p=2, dim=1)

    return Sentence()
