"""The use case of measuring a BEIR folder end to end: its index is made if it is not there."""

from __future__ import annotations

import os
import re
from pathlib import Path

from retrieval.corpus.sources import beir_corpus, default_name
from retrieval.engine.building import build
from retrieval.engine.finding import DEFAULT_HOME
from retrieval.engine.index import Index
from retrieval.engine.opening import open_index
from retrieval.errors import InputError
from retrieval.observer import SILENT, Observer
from retrieval.records import PassageMode, PassageOptions


def open_beir(
    folder: str | os.PathLike[str],
    *,
    home: str | os.PathLike[str] = DEFAULT_HOME,
    model: str | None = None,
    passages: str | None = None,
    offline: bool = False,
    recall: float | str | None = None,
    observer: Observer = SILENT,
) -> Index:
    """Open the index of a BEIR folder, indexing what is not in it yet.

    The index is named after the folder, with ``-whole`` behind it for whole documents and
    the model's name where one is given, so that variants stand side by side.

    Args:
        folder: Holds corpus.jsonl, queries.jsonl and qrels/.
        home: Folder of the indexes.
        model: Bi-encoder by name or folder; None for the bundled one.
        passages: ``windows`` or ``whole``; None for windows.
        offline: Never ask a model hub.
        recall: The share of the nearest vectors that searches find at least, or ``exact``; None
            for what the index promises.
        observer: Follows the work.

    Raises:
        InputError: It is no BEIR folder.
        RetrievalError: As ``build``.
    """
    path = Path(folder)
    if beir_corpus(path) is None:
        raise InputError(
            f"{folder} is no BEIR folder: it needs corpus.jsonl, queries.jsonl and qrels/.",
            fix="Name the folder that holds them, or use --qrels and --queries on an index.",
        )
    mode = PassageMode(passages or PassageMode.WINDOWS)
    name = default_name([path])
    if mode is PassageMode.WHOLE:
        name += "-whole"
    if model is not None:
        name += "-" + re.sub(r"[^\w.-]+", "-", Path(model).name)
    built = build(
        path,
        index=name,
        home=home,
        model=model,
        passages=PassageOptions(mode=mode),
        offline=offline,
        observer=observer,
    )
    if recall is None:
        return built
    with built:
        return open_index(
            built.path, model=model, offline=offline, recall=recall, observer=observer
        )
