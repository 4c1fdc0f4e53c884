"""Content hashes: whether a document, or only its text, is the one already indexed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import orjson

from retrieval.records import Document

HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class ContentHashes:
    """The hashes of a document.

    Attributes:
        content: BLAKE2b-128 of title, text and metadata: equal if nothing changed.
        text: BLAKE2b-128 of title and text: equal if the vectors can be kept.
    """

    content: bytes
    text: bytes


UNLIKE_ANY = ContentHashes(b"", b"")
"""The hashes of no document: what is offered with them is never taken for one that is known."""


def content_hashes(document: Document) -> ContentHashes:
    """Hash a document; lengths go in too, so that no two splits of a text agree."""
    text = hashlib.blake2b(digest_size=HASH_BYTES)
    for field in (document.title, document.text):
        content = field.encode()
        text.update(len(content).to_bytes(8, "little"))
        text.update(content)
    whole = text.copy()
    whole.update(orjson.dumps(dict(document.metadata), option=orjson.OPT_SORT_KEYS))
    return ContentHashes(whole.digest(), text.digest())
