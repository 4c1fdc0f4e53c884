"""A folder that holds a cross-encoder: two texts in, one score out.

That is a folder of ``transformers`` whose architecture ends in ``ForSequenceClassification``
with one output, as ``CrossEncoder`` of sentence-transformers saves it. The score meant is the
output itself, before the sigmoid that ``CrossEncoder.predict`` applies for models that ask.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from retrieval.encode.source import module_types
from retrieval.errors import ModelAlteredError, ModelNotFoundError, NotARerankerError

DEFAULT_RERANKER = "cross-encoder/ms-marco-MiniLM-L6-v2"
"""What is taken where no reranker is named; on the hub, not part of the package."""

RERANKER_WAYS = (
    "There are three ways to a reranker: a name on the hub, such as"
    f" {DEFAULT_RERANKER}, where it can be reached and without --offline; the folder of a"
    " cross-encoder; or one trained here: retrieve train crossencoder --beir FOLDER --output"
    " FOLDER."
)
"""The advice of an error."""

_ARCHITECTURE = "ForSequenceClassification"


def require_crossencoder(folder: Path, name: str) -> None:
    """Refuse a folder that holds no cross-encoder, without loading it.

    Args:
        folder: The model's files.
        name: What to call it in messages.

    Raises:
        ModelNotFoundError: There is no ``config.json``.
        ModelAlteredError: It is not JSON.
        NotARerankerError: The model is something else: an encoder, a classifier of two or
            more labels, a model that writes.
    """
    try:
        config = orjson.loads((folder / "config.json").read_bytes())
    except FileNotFoundError:
        raise ModelNotFoundError(
            f"The model {name} has no config.json ({folder}).", fix=RERANKER_WAYS
        ) from None
    except orjson.JSONDecodeError as error:
        raise ModelAlteredError(
            f"{folder / 'config.json'} is not JSON ({error}).", fix="Save the model again."
        ) from error
    architectures = [str(one) for one in config.get("architectures") or ()]
    if not any(one.endswith(_ARCHITECTURE) for one in architectures):
        found = architectures[0] if architectures else "nothing that names its architecture"
        raise NotARerankerError(
            f"The model {name} is no reranker: it is {found}, and ...{_ARCHITECTURE} is expected.",
            fix=RERANKER_WAYS,
        )
    labels = _labels(config)
    if labels != 1:
        raise NotARerankerError(
            f"The model {name} is no reranker: it has {labels} labels, and one score of a pair is"
            " expected. Which label would mean relevance cannot be told.",
            fix=RERANKER_WAYS,
        )
    modules = [kind.rpartition(".")[2] for kind in module_types(folder).values()]
    if modules != ["Transformer"]:
        raise NotARerankerError(
            f"The model {name} is no reranker: after its transformer comes {modules[-1]}.",
            fix=RERANKER_WAYS,
        )


def _labels(config: dict[str, Any]) -> int:
    """Return the number of outputs; transformers leaves out the two it has by default."""
    named = config.get("id2label")
    if isinstance(named, dict):
        return len(named)
    return int(config.get("num_labels", 2))
