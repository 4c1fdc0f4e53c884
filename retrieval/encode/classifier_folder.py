"""A folder that holds a classifier: which form it has, and what its classes are called.

Two forms are known. A *sequence classifier* is a folder of ``transformers`` whose
architecture ends in ``ForSequenceClassification``. A *dense classifier* is a folder of
``sentence-transformers`` whose last module is ``Dense`` with one output a class; its
``config.json`` says ``problem_type: single_label_classification``, so that it is not taken
for an encoder with a projection. Both name their classes in ``id2label`` of ``config.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from retrieval.encode.source import module_types
from retrieval.errors import ModelAlteredError, ModelNotFoundError, NotAClassifierError

PROBLEM = "single_label_classification"
"""The ``problem_type`` of one class a text, in the words of transformers."""

_FIX = "Train one with: retrieve train classifier FILE --output FOLDER"
_ARCHITECTURE = "ForSequenceClassification"


class ClassifierForm(StrEnum):
    """How a classifier's folder is laid out."""

    SEQUENCE = "sequence"
    """``AutoModelForSequenceClassification`` of transformers."""
    DENSE = "dense"
    """Transformer, pooling and a ``Dense`` layer of sentence-transformers."""


@dataclass(frozen=True, slots=True)
class ClassifierFolder:
    """What a classifier's folder says of itself.

    Attributes:
        folder: Where it is.
        form: How it is laid out.
        labels: Its classes, in the order of its outputs; at least two, all distinct.
    """

    folder: Path
    form: ClassifierForm
    labels: tuple[str, ...]


def read_classifier_folder(folder: Path, name: str) -> ClassifierFolder:
    """Find out whether a folder holds a classifier, without loading it.

    Args:
        folder: The model's files.
        name: What to call it in messages.

    Raises:
        ModelNotFoundError: There is no ``config.json``.
        ModelAlteredError: It is not JSON, or its names of classes are not one for each.
        NotAClassifierError: The model is something else: an encoder, a model of pairs, one
            that gives a text several classes at once.
    """
    config = _read(folder / "config.json", name)
    dense = _dense_config(folder)
    architectures = [str(one) for one in config.get("architectures") or ()]
    problem = config.get("problem_type")
    if dense is None and not any(one.endswith(_ARCHITECTURE) for one in architectures):
        found = architectures[0] if architectures else "nothing that names its architecture"
        raise NotAClassifierError(
            f"The model {name} is no classifier: it is {found}, and"
            f" ...{_ARCHITECTURE} is expected.",
            fix=_FIX,
        )
    if dense is not None and problem != PROBLEM:
        raise NotAClassifierError(
            f"The model {name} is no classifier: it makes vectors"
            f" (problem_type in its config.json is {problem!r}, not {PROBLEM!r}).",
            fix=_FIX,
        )
    if problem not in {None, PROBLEM}:
        raise NotAClassifierError(
            f"The model {name} is trained for {problem}; one class a text is expected.", fix=_FIX
        )
    labels = _labels(config, name)
    if len(labels) < 2:
        raise NotAClassifierError(
            f"The model {name} has one output: it gives a score, as models of pairs do, and no"
            " class.",
            fix=_FIX,
        )
    outputs = None if dense is None else dense.get("out_features")
    if outputs is not None and outputs != len(labels):
        raise ModelAlteredError(
            f"The model {name} has {outputs} outputs and {len(labels)} names of classes.",
            fix="Train or save it again.",
        )
    form = ClassifierForm.SEQUENCE if dense is None else ClassifierForm.DENSE
    return ClassifierFolder(folder, form, labels)


def _dense_config(folder: Path) -> Mapping[str, Any] | None:
    """Return the settings of the last module if that is a ``Dense``; else None."""
    modules = list(module_types(folder).items())
    path, kind = modules[-1] if modules else ("", "")
    if not kind.endswith(".Dense"):
        return None
    return _read(folder / path / "config.json", str(folder))


def _labels(config: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the classes by number; transformers leaves out the two names it gives by default."""
    given = config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
    try:
        named = {int(number): str(label) for number, label in given.items()}
    except (AttributeError, TypeError, ValueError):
        named = {}
    labels = tuple(named[number] for number in sorted(named))
    if sorted(named) != list(range(len(named))) or not named or len(set(labels)) != len(labels):
        raise ModelAlteredError(
            f"id2label in the config.json of {name} does not name each class once, from 0 up.",
            fix="Correct it, or train or save the model again.",
        )
    return labels


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        read = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise ModelNotFoundError(
            f"The model {name} has no {path.name} ({path} is missing).", fix=_FIX
        ) from None
    except orjson.JSONDecodeError as error:
        raise ModelAlteredError(
            f"{path} is not JSON ({error}).", fix="Train or save the model again."
        ) from error
    if not isinstance(read, dict):
        raise ModelAlteredError(f"{path} holds no JSON object.", fix="Save the model again.")
    return read
