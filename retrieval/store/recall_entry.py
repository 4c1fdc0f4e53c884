"""What share of the nearest a search has to find, and what was measured, as a manifest keeps it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from retrieval.errors import UsageError

DEFAULT_RECALL = 0.99
RECALL_K = 10
EXACT_NAME = "exact"
REMEASURED_SHARE = 0.1
"""When so large a share of a segment's rows was deleted since, its recall is measured again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallOptions:
    """What approximate indexes of an index are built for.

    Attributes:
        target: The share of the k nearest that a search finds at least, on average over
            queries: above 0 and at most 1, which is exact search alone.
        k: The k of the target.
        memory_bytes: What an approximate index may take, while it is built and while it is
            searched; None for no bound.

    Raises:
        UsageError: A number is out of range.
    """

    target: float = DEFAULT_RECALL
    k: int = RECALL_K
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        check_recall(self.target)
        if self.k < 1 or (self.memory_bytes is not None and self.memory_bytes < 1):
            raise UsageError(f"Recall at {self.k} within {self.memory_bytes} bytes has no meaning.")

    @property
    def is_exact(self) -> bool:
        """Whether nothing but exact search will do."""
        return self.target == 1


def check_recall(recall: float) -> None:
    """Refuse what is no recall.

    Raises:
        UsageError: It is not above 0 and at most 1.
    """
    if not 0 < recall <= 1:
        raise UsageError(
            f"A recall of {recall:g} cannot be asked for: it is a share of the nearest, above 0 and"
            " at most 1.",
            fix="Write a number such as 0.99, or exact.",
        )


def recall_of(given: float | str | None) -> float | None:
    """Return a recall that a person gave, 1 for ``exact``; None for nothing.

    Raises:
        UsageError: It is neither a share nor ``exact``.
    """
    if given is None:
        return None
    if isinstance(given, str) and given.strip().lower() == EXACT_NAME:
        return 1.0
    try:
        recall = float(given)
    except ValueError:
        raise UsageError(
            f"A recall of {given!r} cannot be asked for.",
            fix=f"Write a number such as 0.99, or {EXACT_NAME}.",
        ) from None
    check_recall(recall)
    return recall


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateEntry:
    """What was measured of the approximate index of one segment.

    Attributes:
        file: Name of the part.
        generation: The generation in whose commit it was measured.
        created: When, ISO 8601 in UTC.
        deleted_passages: Rows of deleted documents that its segment had then.
        certificate: The measurement (``index.certificate.Certificate.to_json``).
    """

    file: str
    generation: int
    created: str
    deleted_passages: int
    certificate: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return {
            "file": self.file,
            "generation": self.generation,
            "created": self.created,
            "deleted_passages": self.deleted_passages,
            "certificate": dict(self.certificate),
        }

    @property
    def holds(self) -> bool:
        """Whether the recall that was asked for was found."""
        return self.certificate["effort"] is not None and bool(self.certificate["holds"])

    @property
    def least(self) -> dict[str, Any]:
        """What queries that tuned nothing say (``Measured``), the least of all sources."""
        measured: list[dict[str, Any]] = list(self.certificate["certified"])
        return min(measured, key=lambda one: float(one["recall"]))

    @property
    def recall(self) -> float:
        """Mean recall on queries that tuned nothing, the least of all sources; to six digits."""
        return round(float(self.least["recall"]), 6)

    def is_outdated(self, passages: int, deleted_passages: int) -> bool:
        """Tell whether its segment has changed too much for it to say anything.

        Args:
            passages: Rows stored in the segment.
            deleted_passages: Those of deleted documents now.
        """
        return abs(deleted_passages - self.deleted_passages) > REMEASURED_SHARE * passages


def why_not(
    found: CertificateEntry | None,
    passages: int,
    deleted_passages: int,
    *,
    is_there: bool,
    least: float | None = None,
) -> str:
    """Say why an approximate index is not searched, though the manifest names it.

    Args:
        found: What was measured of it; None for nothing.
        passages: Rows of its segment.
        deleted_passages: Those of deleted documents.
        is_there: Whether its file is there.
        least: The recall that is asked for; None for what the index promises.

    Returns:
        The end of a sentence; empty if it can be searched.
    """
    if not is_there:
        return "their approximate index is missing, and the next writer makes it"
    if found is None:
        return "nothing was measured of their approximate index"
    if found.is_outdated(passages, deleted_passages):
        return "many of them were deleted since their approximate index was measured"
    if least is None and not found.holds:
        target = found.certificate["target"]
        return f"their approximate index was measured and does not reach a recall of {target:g}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallEntry:
    """What was asked for, and what was measured.

    Attributes:
        options: What was asked for.
        certificates: What was measured, by file of the approximate index.
    """

    options: RecallOptions
    certificates: Mapping[str, CertificateEntry] = field(default_factory=dict)

    def of_files(self, files: Collection[str]) -> Self:
        """Return the same with the certificates of these files alone."""
        kept = {file: one for file, one in self.certificates.items() if file in files}
        return replace(self, certificates=kept)

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return {
            "target": self.options.target,
            "k": self.options.k,
            "memory_bytes": self.options.memory_bytes,
            "certificates": [one.to_json() for one in self.certificates.values()],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any] | None) -> Self | None:
        """Read what ``to_json`` wrote; None where there is nothing.

        Raises:
            KeyError, TypeError, ValueError: It is not what ``to_json`` writes.
        """
        if record is None:
            return None
        try:
            options = RecallOptions(
                target=record["target"], k=record["k"], memory_bytes=record["memory_bytes"]
            )
        except UsageError as error:
            raise ValueError(str(error)) from error
        entries = [CertificateEntry(**one) for one in record["certificates"]]
        return cls(options=options, certificates={one.file: one for one in entries})
