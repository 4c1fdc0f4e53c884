"""Encoding a sample of an index anew, to see that its vectors are its texts'."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus.passages import PassageCutter
from retrieval.engine.index import Index
from retrieval.engine.wanted_model import WantedModel
from retrieval.observer import Observer
from retrieval.store.segment import OpenSegment
from retrieval.vectors import FloatRows

_SEED = 0
_FLOAT_COSINE = 0.999
_QUANTISED_COSINE = 0.95


def reencode_sample(
    folder: Path, sample: int, *, model: str | None, offline: bool, observer: Observer
) -> tuple[int, list[str]]:
    """Encode randomly drawn passages again and compare them with what is stored.

    Args:
        folder: The index folder, whose checksums are right.
        sample: Passages to draw, at least 1.
        model: Bi-encoder; None for the index's own.
        offline: Never ask a model hub.
        observer: Follows slow work.

    Returns:
        How many passages were compared, and a sentence for each that differs.
    """
    wanted = WantedModel(model=model, offline=offline, observer=observer)
    with Index(folder, wanted) as index:
        snapshot = index.snapshot
        cutter = PassageCutter(index.encoder, snapshot.manifest.passages)
        rows = [_rows_with_text(one) for one in snapshot.segments]
        starts = np.concatenate([[0], np.cumsum([len(one) for one in rows])])
        chosen = np.random.default_rng(_SEED).permutation(starts[-1])[:sample]
        texts: list[str] = []
        stored: list[FloatRows] = []
        names: list[str] = []
        floors: list[float] = []
        for at in np.sort(chosen):
            number = int(np.searchsorted(starts, at, side="right")) - 1
            segment, row = snapshot.segments[number], int(rows[number][at - starts[number]])
            ordinal = int(np.searchsorted(segment.passage_starts, row, side="right")) - 1
            cut = cutter.cut_many([segment.document(ordinal)])[0]
            passage = row - int(segment.passage_starts[ordinal])
            name = f"{segment.doc_id(ordinal)}#{passage}"
            if cut.spans != segment.spans(ordinal):
                return len(texts), [f"The passages of {name} are cut otherwise than stored."]
            is_float = segment.segment.numerics[0].comparison_class == "float"
            texts.append(cut.texts[passage])
            stored.append(segment.vectors[row])
            names.append(name)
            floors.append(_FLOAT_COSINE if is_float else _QUANTISED_COSINE)
        if not texts:
            return 0, []
        again = index.encoder.encode_passages(texts)
        cosines = np.einsum("ij,ij->i", again, np.stack(stored))
    return len(texts), [
        f"The stored vector of {name} has cosine {cosine:.4f} to its text encoded anew;"
        f" at least {floor} was expected."
        for name, cosine, floor in zip(names, cosines, floors, strict=True)
        if not cosine >= floor
    ]


def _rows_with_text(segment: OpenSegment) -> NDArray[np.int64]:
    """Return the rows that a search can find: those of live documents with text."""
    searchable = segment.searchable
    return np.arange(len(segment.vectors)) if searchable is None else np.flatnonzero(searchable)
