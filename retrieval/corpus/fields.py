"""Which fields of a row are its id, its text and its title."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.errors import InputError

ID_NAMES = ("id", "_id", "doc_id", "docid", "document_id", "passage_id", "pid", "uid", "uuid")
TEXT_NAMES = (
    "text",
    "body",
    "content",
    "contents",
    "passage",
    "document",
    "review",
    "abstract",
    "description",
    "short_description",
    "summary",
    "message",
    "comment",
    "sentence",
    "headline",
    "question",
    "claim",
)
LABEL_NAMES = ("label", "labels", "class", "category", "sentiment", "polarity", "topic", "author")
"""Fields that are labels by their name, whatever other fields could be."""
TITLE_NAMES = ("title", "headline", "heading", "subject", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNames:
    """Fields as asked for; None where they are to be found by name.

    Attributes:
        id: Field of the id.
        text: Field of the text.
        title: Field of the title.
    """

    id: str | None = None
    text: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The fields of one file.

    Attributes:
        id: Field of the id, None if ids are made from the content.
        text: Field of the text.
        title: Field of the title, None without titles.
    """

    id: str | None
    text: str
    title: str | None

    def note(self, path: str, fields: Iterable[str]) -> str:
        """Say which fields were chosen, for a person."""
        used = {self.id, self.text, self.title}
        kept = [name for name in fields if name not in used]
        id_from = f"id from {self.id!r}" if self.id else "id from a hash of the content"
        title_from = f", title from {self.title!r}" if self.title else ""
        others = f"; metadata: {_listed(kept)}" if kept else ""
        return f"{path}: {id_from}, text from {self.text!r}{title_from}{others}."


def resolve_fields(fields: Iterable[str], asked: FieldNames, path: str) -> FieldMap:
    """Choose the fields of a file; names are compared without case, in a fixed order.

    The text is the first of ``TEXT_NAMES`` there is, the title the first of
    ``TITLE_NAMES`` that is not the text: ``headline`` is a title beside another text, and
    the text where it stands alone.

    Args:
        fields: The file's fields, in order.
        asked: What the user named.
        path: The file, for messages.

    Raises:
        InputError: A named field is missing, or no field looks like a text.
    """
    known = list(dict.fromkeys(fields))
    if asked.text is not None:
        text = _named(asked.text, known, path, "--text-field")
    else:
        taken = {asked.id, asked.title}
        found = _first(TEXT_NAMES, [name for name in known if name not in taken])
        if found is None:
            raise InputError(
                f"{path}: none of its fields looks like a text; it has {_listed(known)}.",
                fix="Name the field with --text-field NAME.",
            )
        text = found
    if asked.id is not None:
        doc_id: str | None = _named(asked.id, known, path, "--id-field")
    else:
        doc_id = _first(ID_NAMES, [name for name in known if name != text])
    if asked.title is not None:
        title: str | None = _named(asked.title, known, path, "--title-field")
    else:
        title = _first(TITLE_NAMES, [name for name in known if name not in {text, doc_id}])
    return FieldMap(doc_id, text, title)


def choose_field(
    fields: Iterable[str], asked: str | None, wanted: tuple[str, ...], *, path: str, option: str
) -> str | None:
    """Choose one field of a file, by what was asked for or by name.

    Args:
        fields: The file's fields, in order.
        asked: What the user named; None to find it.
        wanted: Names it usually has, the likeliest first; compared without case.
        path: The file, for messages.
        option: The option that names it, for messages.

    Returns:
        The field; None where nothing was asked for and none is found.

    Raises:
        InputError: The named field is missing.
    """
    known = list(dict.fromkeys(fields))
    return _first(wanted, known) if asked is None else _named(asked, known, path, option)


def _first(wanted: tuple[str, ...], known: list[str]) -> str | None:
    by_folded = {name.casefold(): name for name in reversed(known)}
    return next((by_folded[name] for name in wanted if name in by_folded), None)


def _named(asked: str, known: list[str], path: str, option: str) -> str:
    if asked in known:
        return asked
    near = difflib.get_close_matches(asked, known, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InputError(
        f"{path} has no field {asked!r}; it has {_listed(known)}.{hint}",
        fix=f"Give {option} one of these names.",
    )


def _listed(names: list[str]) -> str:
    shown = [repr(name) for name in names[:12]]
    return (", ".join(shown) or "none") + (f" and {len(names) - 12} more" if names[12:] else "")
