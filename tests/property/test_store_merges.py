from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.fsops import LocalFiles
from retrieval.lexical.analyzer import Analyzer, AnalyzerSettings
from retrieval.records import Document, Numerics
from retrieval.store.content import BufferedContent, EncodedDocument, write_segment
from retrieval.store.hashing import content_hashes
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Segment
from retrieval.store.merge import MergedContent
from retrieval.store.segment import OpenSegment
from tests.store.documents import DIM, passages_of

WRITTEN = (PartKind.VECTORS, PartKind.DOCS, PartKind.ARRAYS, PartKind.WORDS)
ANALYZER = Analyzer(AnalyzerSettings())
FP32 = (Numerics(precision="fp32", runtime="fake 1"),)
IDS = st.text(min_size=1, max_size=4).filter(lambda text: text.isprintable())
TEXTS = st.lists(st.sampled_from(["", "a", "bé", "c d"]), max_size=3).map(". ".join)


def encoded(doc_id: str, text: str) -> EncodedDocument:
    document = Document(doc_id, text, metadata={"id": doc_id})
    found = passages_of(document)
    return EncodedDocument(
        document, content_hashes(document), found.spans, found.vectors, len(text) % 2
    )


def written(folder: Path, content: BufferedContent | MergedContent) -> tuple[Segment, list[bytes]]:
    folder.mkdir()
    segment = write_segment(LocalFiles(), lambda kind: folder / str(kind), content)
    return segment, [(folder / str(kind)).read_bytes() for kind in WRITTEN]


@settings(max_examples=60)
@given(
    documents=st.dictionaries(IDS, st.tuples(TEXTS, st.integers(0, 3), st.booleans()), min_size=1)
)
def test_merging_segments_equals_writing_their_documents_at_once(
    documents: dict[str, tuple[str, int, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = [encoded(key, text) for key, (text, _, keep) in documents.items() if keep]
        runs, keep = [], []
        for number in range(4):
            own = {key: value for key, value in documents.items() if value[1] == number}
            if not own:
                continue
            batch = [encoded(key, text) for key, (text, _, _) in own.items()]
            segment, _ = written(folder / str(number), BufferedContent(batch, DIM, FP32, ANALYZER))
            runs.append(OpenSegment(LocalFiles(), folder / str(number), segment, DIM))
            ordered = sorted(own, key=str.encode)
            keep.append(np.array([own[key][2] for key in ordered]))
        merged, merged_bytes = written(folder / "merged", MergedContent(runs, keep))
        at_once, wanted_bytes = written(
            folder / "at-once", BufferedContent(kept, DIM, FP32, ANALYZER)
        )
        assert merged_bytes == wanted_bytes
        assert merged == at_once
