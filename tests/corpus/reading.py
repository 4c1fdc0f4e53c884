"""Reading inputs in tests: documents, rejects and notes together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from retrieval.corpus.corpus import Corpus
from retrieval.corpus.fields import FieldNames
from retrieval.corpus.rejects import Reject
from retrieval.records import Document


@dataclass
class Reading:
    documents: list[Document] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [document.doc_id for document in self.documents]


def read(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    fields: FieldNames | None = None,
    stdin: BinaryIO | None = None,
) -> Reading:
    found = Reading()
    corpus = Corpus(
        inputs,
        fields=fields,
        stdin=stdin,
        note=found.notes.append,
        reject=found.rejects.append,
    )
    found.documents.extend(corpus)
    return found
