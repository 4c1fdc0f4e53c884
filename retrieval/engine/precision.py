"""In which precision new passages of an index are computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.encode.precision import Precision
from retrieval.errors import ModelMismatchError
from retrieval.records import Numerics

if TYPE_CHECKING:
    from retrieval.store.manifest import Manifest


def passage_precision(known: Manifest | None, wanted: Precision | None, where: Path) -> Precision:
    """Return what new passages are computed in: what was asked for, if the index allows it.

    Args:
        known: What the index is; None where there is none.
        wanted: What the caller said; None for what the index has, else the fastest of the
            exact class.
        where: The index, for messages.

    Raises:
        ModelMismatchError: The index has vectors of another class.
    """
    classes = comparison_classes(known)
    if wanted is None:
        return Precision.INT8 if classes == {Precision.INT8.value} else Precision.AUTO
    own = Numerics(precision=wanted.value, runtime="").comparison_class
    refuse_other_class(known, "float" if wanted is Precision.AUTO else own, where)
    return wanted


def refuse_other_class(known: Manifest | None, own: str, where: Path) -> None:
    """Refuse vectors of another comparison class than an index has.

    Raises:
        ModelMismatchError: They are of another.
    """
    classes = comparison_classes(known)
    if classes and own not in classes:
        raise ModelMismatchError(
            f"{where} has vectors in {_told(classes)}; new ones would be in {_told({own})}, which"
            " compare with them badly.",
            fix="Leave --precision out to follow the index, or index the texts anew with"
            " --index NAME.",
        )


def comparison_classes(known: Manifest | None) -> set[str]:
    """Return the classes of an index's vectors; none where there are no vectors."""
    parts = known.segments if known is not None else ()
    return {one.comparison_class for part in parts if part.passages for one in part.numerics}


def _told(classes: set[str]) -> str:
    names = {"float": "fp32 or bf16"}
    return " and ".join(sorted(names.get(one, one) for one in classes))
