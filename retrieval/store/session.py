"""The words of a write session: what it is opened with, and the fates of documents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from retrieval.records import ModelIdentity, Numerics, PassageOptions
from retrieval.store.ranking import Place
from retrieval.store.recall_entry import RecallOptions

SPILL_PASSAGES = 4096
SPILL_SECONDS = 30.0


class Fate(StrEnum):
    """What becomes of a document that is offered to a writer."""

    UNCHANGED = "unchanged"
    """It is indexed already, exactly so."""
    RESUMED = "resumed"
    """An interrupted run has encoded it; its vectors are taken over."""
    RELABELLED = "relabelled"
    """Only its metadata changed; its vectors are taken over."""
    NEW = "new"
    """It has to be encoded and added."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What became of an offered document.

    Attributes:
        fate: Its fate.
        replaces: The live document that it replaces, if any.
        resumed_passages: Passages taken over from an interrupted run.
    """

    fate: Fate
    replaces: Place | None
    resumed_passages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterSettings:
    """What a writer is opened with.

    Attributes:
        model: Identity of the model whose vectors are added.
        passages: How documents are cut.
        numerics: How the vectors are computed.
        language: The language of the words, as ``wording.analyzer_for`` takes it.
        recall: What approximate indexes are built for, which is then kept; None for what the
            index says, and the usual where it says nothing. Other ones than the index has make
            all its approximate indexes anew.
        spill_passages: Passages held in memory at most.
        spill_seconds: Work held in memory at most, in seconds.
    """

    model: ModelIdentity
    passages: PassageOptions
    numerics: Numerics
    language: str | None = None
    recall: RecallOptions | None = None
    spill_passages: int = SPILL_PASSAGES
    spill_seconds: float = SPILL_SECONDS
