"""The nouns of the house: plain, frozen records that every floor above shares."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeAlias

from retrieval.errors import InputError, UsageError
from retrieval.explanation import Explanation

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"

MAX_ID_BYTES = 512
"""Longest document id, in UTF-8 bytes."""


class PassageMode(StrEnum):
    """How documents longer than the encoder's window are treated."""

    WINDOWS = "windows"
    """Cut on sentence boundaries into overlapping passages; nothing is lost."""
    WHOLE = "whole"
    """One passage a document; what does not fit the window is not seen, and counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageOptions:
    """How documents become passages; part of what an index is built with.

    Attributes:
        mode: Windows of sentences, or the document whole.
        tokens: Most tokens of a passage with its title, prompt and special tokens;
            None for the encoder's window. Not used with ``whole``.
        overlap: Tokens a passage repeats from the one before, at most; 0 for none.
    """

    mode: PassageMode = PassageMode.WINDOWS
    tokens: int | None = None
    overlap: int = 32

    def __post_init__(self) -> None:
        if self.tokens is not None and self.tokens < 16:
            raise UsageError(f"Passages of {self.tokens} tokens are too short; 16 is the least.")
        if self.overlap < 0:
            raise UsageError(f"The overlap of passages is {self.overlap}; it cannot be negative.")
        if self.tokens is not None and self.overlap > self.tokens // 2:
            raise UsageError(
                f"An overlap of {self.overlap} tokens is more than half of a passage"
                f" ({self.tokens} tokens).",
                fix=f"Choose an overlap of at most {self.tokens // 2}.",
            )


@dataclass(frozen=True, slots=True)
class Document:
    """A source unit: what a person calls "one text".

    Attributes:
        doc_id: Any UTF-8 string of 1 to 512 bytes.
        text: The body; may be empty.
        title: Goes before every passage when encoded; may be empty.
        metadata: Every other field, with JSON types.

    Raises:
        InputError: The id is empty, too long, or not encodable as UTF-8.
    """

    doc_id: str
    text: str
    title: str = ""
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            size = len(self.doc_id.encode())
            self.text.encode()
            self.title.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"Document {self.doc_id!a} holds a lone surrogate"
                f" (U+{ord(error.object[error.start]):04X}), which UTF-8 cannot write."
            ) from None
        if not 0 < size <= MAX_ID_BYTES:
            raise InputError(
                f"Document id {self.doc_id[:40]!r} has {size} bytes; an id has 1 to {MAX_ID_BYTES}."
            )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to encode: no title and no text."""
        return not (self.text.strip() or self.title.strip())


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """What must be the same for two vectors to be comparable.

    Attributes:
        name: How the model was asked for; a label, not compared.
        weights_sha256: Hash of the weights file or files, hex.
        tokenizer_sha256: Hash of the tokenizer as used, hex.
        pooling: ``mean``, ``cls``, ``max`` or what the model declares, with further
            modules joined by ``+`` (``mean+dense``).
        normalized: Whether rows are scaled to unit length (always, in an index).
        query_prompt: Text put before every query; may be empty.
        passage_prompt: Text put before every passage; may be empty.
        dim: Length of a vector.
        max_tokens: Window of the model, special tokens included.
    """

    name: str
    weights_sha256: str
    tokenizer_sha256: str
    pooling: str
    normalized: bool
    query_prompt: str
    passage_prompt: str
    dim: int
    max_tokens: int

    @property
    def fingerprint(self) -> str:
        """A hex digest of everything but the name: equal if and only if comparable."""
        fields = asdict(self)
        del fields["name"]
        text = "\n".join(f"{key}={value!r}" for key, value in sorted(fields.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the record as JSON values, with its fingerprint."""
        return {**asdict(self), "fingerprint": self.fingerprint}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote; the fingerprint is computed anew."""
        return cls(**{name: fields[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Numerics:
    """How vectors were computed; kept per segment, for ``status`` and comparisons.

    Attributes:
        precision: ``fp32``, ``bf16`` (one class with fp32) or ``int8`` (its own).
        runtime: Library and version that ran the model, such as ``onnxruntime 1.32.0``.
    """

    precision: str
    runtime: str

    @property
    def comparison_class(self) -> str:
        """``float`` for fp32 and bf16, which mix; else the precision itself."""
        return "float" if self.precision in {"fp32", "bf16"} else self.precision


OF_A_CONCEPT = ("concept", "concept_version", "probability", "no_probability")
"""Fields of a hit that only a concept's have; the probability also a calibrated text's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One document found, shown by its best passage.

    Attributes:
        index: Name of the index.
        query_id: Id of the query within its batch.
        query: The query's text; empty where documents alone were the example.
        query_kind: ``text``, ``contrast`` (texts against texts), ``example`` (documents),
            ``concept`` or ``combination`` (concepts with concepts or texts).
        rank: 1 for the best.
        score: Higher is better: cosine similarity in [-1, 1]; in a search by words the BM25
            score, above 0, and by both the fused one, 0 to 1. After reranking the blend of both
            stages, 0 to 1, or below for documents that were not read.
        doc_id: Id of the document.
        passage_id: ``doc_id#number``, the passage's number within its document from 0.
        title: The document's title; may be empty.
        text: Text of the passage.
        span: Characters of the document's text the passage covers.
        metadata: The document's other fields.
        concept: Name of the concept that ranked it; None for other kinds of query.
        concept_version: Its version.
        probability: The chance that the document is what the concept stands for, or is relevant
            to the text where the ranking was calibrated, in [0, 1]; None where it cannot be told.
        no_probability: Why a concept's hit has none; None otherwise.
        scores: What the score was made of, by ``dense``, ``lexical`` and ``fused``; None for
            a search by meaning alone. After reranking also ``first``, the score of the stage
            before, and ``rerank``, the reranker's, if it read the document.
        explanation: Why it is where it is; None where that was not asked for.
        recall: The share of the nearest vectors that the search finds at least, as it was measured
            of the approximate indexes that answered; 1 where every vector was looked at.
    """

    index: str
    query_id: str
    query: str
    query_kind: str
    rank: int
    score: float
    doc_id: str
    passage_id: str
    title: str
    text: str
    span: Span
    metadata: Mapping[str, JsonValue]
    concept: str | None = None
    concept_version: int | None = None
    probability: float | None = None
    no_probability: str | None = None
    scores: Mapping[str, float] | None = None
    explanation: Explanation | None = None
    recall: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Return the hit as the command line's JSON shape, schema version 1.

        What only a concept's hits have is left out of others, and ``scores`` and
        ``explanation`` where there are none.
        """
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if self.concept is None:
            for name in OF_A_CONCEPT:
                if name != "probability" or self.probability is None:
                    del fields[name]
        if self.scores is None:
            del fields["scores"]
        else:
            fields["scores"] = dict(self.scores)
        if self.explanation is None:
            del fields["explanation"]
        else:
            fields["explanation"] = self.explanation.to_json()
        fields["span"] = [self.span.start, self.span.end]
        fields["metadata"] = dict(self.metadata)
        return {"schema_version": 1, **fields}


def fold(name: str) -> str:
    """Return a name as it is compared: NFKC, case folded."""
    return unicodedata.normalize("NFKC", name).casefold()
