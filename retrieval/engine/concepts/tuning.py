"""The use case of learning a concept with the model itself, which needs an index of its own.

The model is fine-tuned on labelled documents and a dummy token; every document is encoded
anew into a sibling index, where the token's vector is the concept. The original stays.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.artefact import Concept, Method
from retrieval.concept.rows import Unit
from retrieval.encode.opening import open_encoder
from retrieval.engine.concepts.labelled import Labelled, find_labelled
from retrieval.engine.concepts.options import FitOptions
from retrieval.engine.concepts.tuned import tuned_concept
from retrieval.engine.encoding import DocumentEncoder
from retrieval.errors import ModelMismatchError, UsageError
from retrieval.observer import Observer, tell
from retrieval.query.learned import document_rows
from retrieval.store.local import LocalStore
from retrieval.store.reader import Snapshot
from retrieval.store.session import WriterSettings
from retrieval.train.base import find_base
from retrieval.train.biencoder.examples import LabelledTexts
from retrieval.train.biencoder.head import read_head
from retrieval.train.biencoder.options import TOKEN, BiencoderOptions, Objective
from retrieval.train.biencoder.rows import TrainingRows, split_training_rows
from retrieval.train.biencoder.training import train_on_rows
from retrieval.train.options import TrainOptions
from retrieval.train.progress import Progress
from retrieval.train.split import split_rows

if TYPE_CHECKING:
    from retrieval.encode.protocol import Encoder

LEAST_LABELS = 100
LEAST_OF_A_KIND = 25
"""Documents of each label: a fifth of them is held out and dealt into five folds."""
HELD_OUT = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneOptions:
    """How a model is fine-tuned for a concept.

    Attributes:
        negative_target: Cosine to the token of all other documents: 0 or -1; of
            ``dummy-cosine`` alone.
        check_beir: BEIR folder whose test split is searched before and after, for the card.
        train: How to train; its seed is that of the fit.
    """

    negative_target: float = 0.0
    check_beir: str | os.PathLike[str] | None = None
    train: TrainOptions = field(default_factory=TrainOptions)


class Followed:
    """Follows a training for an observer of the engine, which may know nothing of steps."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.note = observer.note
        self.warn = observer.warn
        self.progress = observer.progress

    def trained(self, progress: Progress) -> None:
        """Pass on how far the training is."""
        told = getattr(self._observer, "trained", None)
        if told is not None:
            told(progress)
        else:
            self.progress("training", progress.step, progress.steps, "steps")


def sibling_of(folder: Path, name: str) -> Path:
    """Return the folder of the index that a concept of this name is tuned into."""
    slug = re.sub(r"[^\w.-]+", "-", name.strip()).strip("-.") or "concept"
    return folder.with_name(f"{folder.name}--{slug}")


def tune(
    folder: Path,
    snapshot: Snapshot,
    encoder: Encoder,
    options: FitOptions,
    *,
    method: Method,
    tuning: TuneOptions,
    offline: bool,
    observer: Observer,
) -> tuple[Path, Concept]:
    """Fine-tune the model of an index for a concept, and index its documents by it.

    Everything can be given again after a kill: the training goes on from its checkpoint, the
    indexing from what is encoded.

    Args:
        folder: The index folder.
        snapshot: Its generation to learn from.
        encoder: Its model, for the texts that the concept is compared with.
        options: Labels, and what the concept is called.
        method: ``dummy-cosine`` or ``dummy-softmax``.
        tuning: How to train.
        offline: Never ask a model hub.
        observer: Follows the work.

    Returns:
        The folder of the sibling index, and the concept as version 0: it is not kept yet.

    Raises:
        UsageError: Labels are too few, options do not go together, or the sibling is there
            with another model.
        TrainingError: The model collapsed, or the loss is no number.
        ModelError: The index's model cannot be trained.
    """
    _check(options)
    found = find_labelled(snapshot, options, index=folder.name)
    _refuse_too_few(found)
    tell(observer, found)
    sibling = sibling_of(folder, options.name)
    model = sibling.with_name(f"{sibling.name}.model")
    learned, rows, held_out = _rows(
        snapshot,
        found,
        options,
        method=method,
        tuning=tuning,
        base=encoder.identity.name,
        offline=offline,
    )
    _require_same_model(snapshot, learned)
    try:
        train_on_rows(
            rows,
            model,
            learned,
            observer=Followed(observer),
            check_beir=None if tuning.check_beir is None else Path(tuning.check_beir),
        )
    except UsageError as error:
        if not model.exists():
            raise
        raise UsageError(
            f"{options.name!r} was fitted by fine-tuning before, with other labels or choices"
            f" ({model}).",
            fix=f"Fit it under another name, or remove {model} and {sibling} first.",
        ) from error
    tuned = open_encoder(str(model.resolve()), offline=True, note=observer.note)
    try:
        _index(sibling, snapshot, tuned, observer)
        token = tuned.encode_queries([TOKEN])[0]
    finally:
        tuned.close()
    head = read_head(model) if method is Method.DUMMY_SOFTMAX else None
    texts = encoder.encode_queries([(options.texts or (options.name,))[0]])[0]
    before = document_rows(snapshot, [found.places[at] for at in held_out], Unit.DOCUMENT)
    concept = tuned_concept(
        sibling,
        found,
        options,
        method=method,
        token=token,
        head=head,
        held_out=held_out,
        before=before.scores(texts),
    )
    return sibling, concept


def _check(options: FitOptions) -> None:
    if options.against or options.unit is not Unit.DOCUMENT:
        raise UsageError(
            "--against and --unit passage are for concepts of a frozen model.",
            fix="Leave them out, or leave --method out.",
        )


def _refuse_too_few(found: Labelled) -> None:
    count, positives = len(found.labels), int(found.labels.sum())
    groups = found.groups
    kinds = [len(np.unique(groups[kind])) for kind in (found.labels, ~found.labels)]
    if count < LEAST_LABELS or min(kinds) < LEAST_OF_A_KIND:
        raise UsageError(
            f"Too few labels to fine-tune a model: {count:,}, {positives:,} of them positive;"
            f" {LEAST_LABELS} are the least, {LEAST_OF_A_KIND} different texts of each kind.",
            fix="Label more documents, or leave --method out: a frozen model learns from"
            " 20 labels.",
        )


def _rows(
    snapshot: Snapshot,
    found: Labelled,
    options: FitOptions,
    *,
    method: Method,
    tuning: TuneOptions,
    base: str,
    offline: bool,
) -> tuple[BiencoderOptions, TrainingRows, NDArray[np.int64]]:
    """Return how and on what to train, and which labelled documents are held out."""
    documents = [snapshot.segments[one.segment].document(one.ordinal) for one in found.places]
    texts = tuple(f"{one.title} {one.text}".strip() for one in documents)
    every = LabelledTexts(texts=texts, labels=found.values)
    # by kind, so that both are held out, however many labels there are
    kept, drawn = split_rows(
        found.groups.tolist(), found.labels.tolist(), fraction=HELD_OUT, seed=options.seed
    )
    alone = set(Counter(found.values)) - set(every.select(kept).labels)
    if alone:  # a class that would be held out whole is learned instead
        back = [at for at in drawn.tolist() if found.values[at] in alone]
        kept = np.sort(np.concatenate([kept, np.array(back, dtype=np.int64)]))
        drawn = np.setdiff1d(drawn, back)
    train = {**asdict(tuning.train), "seed": options.seed}
    learned = BiencoderOptions(
        objective=Objective(method.value),
        base=base,
        offline=offline,
        positive=found.positive,
        negative_target=tuning.negative_target,
        train=TrainOptions(**train),
    )
    rows = split_training_rows(
        every.select(kept),
        every.select(drawn),
        learned,
        source=f"index {snapshot.folder.name}, {found.source}",
        split=f"{HELD_OUT:g} of the texts of each kind, drawn",
    )
    return learned, rows, drawn


def _require_same_model(snapshot: Snapshot, learned: BiencoderOptions) -> None:
    known = snapshot.manifest.model
    facts = find_base(learned.base, offline=learned.offline).facts
    if facts.weights_sha256 != known.weights_sha256:
        raise ModelMismatchError(
            f"{snapshot.folder} was built with {known.name} of weights {known.weights_sha256[:12]};"
            f" there, weights {facts.weights_sha256[:12]} are found now.",
            fix="Index the texts anew, then fit again.",
        )


def _index(sibling: Path, snapshot: Snapshot, encoder: Encoder, observer: Observer) -> None:
    """Encode every document of a generation into the sibling index."""
    manifest = snapshot.manifest
    settings = WriterSettings(
        model=encoder.identity, passages=manifest.passages, numerics=encoder.numerics
    )
    observer.note(f"Documents are encoded anew, into {sibling}.")
    store = LocalStore(sibling, settings)
    try:
        store.upsert(
            (one.document for one in snapshot.scan()),
            DocumentEncoder(encoder, manifest.passages, observer),
            sources=manifest.sources,
            sync=True,
        )
    finally:
        store.close()
