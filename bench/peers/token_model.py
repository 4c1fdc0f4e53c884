"""Write the files that chromadb's default embedding function downloads, from weights at hand.

Usage: python -m bench.peers.token_model MODEL FOLDER

The graph goes from token ids to the vector of each token; chromadb takes their mean itself.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoModel

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
BESIDES = (
    "config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)


class TokenVectors(torch.nn.Module):
    def __init__(self, model: str) -> None:
        super().__init__()
        self.bert = AutoModel.from_pretrained(model)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,
    ) -> torch.Tensor:
        tokens: torch.Tensor = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return tokens


def main(model: str, folder: str) -> None:
    place = Path(folder) / "onnx"
    place.mkdir(parents=True, exist_ok=True)
    for name in BESIDES:
        shutil.copyfile(Path(model) / name, place / name)
    dynamic = torch.export.Dim.DYNAMIC
    with torch.no_grad():
        torch.onnx.export(
            TokenVectors(model).eval(),
            # one tensor given twice would be taken for one input
            tuple(torch.full((2, 7), int(name != "token_type_ids")) for name in INPUTS),
            str(place / "model.onnx"),
            dynamo=True,
            opset_version=20,
            input_names=list(INPUTS),
            output_names=["last_hidden_state"],
            dynamic_shapes=({0: dynamic, 1: dynamic},) * len(INPUTS),
            external_data=False,
            verbose=False,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
