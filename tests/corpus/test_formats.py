from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from retrieval.corpus.corpus import Corpus
from retrieval.corpus.fields import FieldNames
from retrieval.errors import InputError
from retrieval.records import Document
from tests.corpus.reading import read

JSONL = '{"id": "a", "text": "one", "year": 2020}\n\n{"id": 7, "text": "two", "tags": ["x"]}\n'


def test_json_lines_keep_types_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text("\ufeff" + JSONL)
    found = read(tmp_path / "c.jsonl")
    assert found.documents == [
        Document("a", "one", metadata={"year": 2020}),
        Document("7", "two", metadata={"tags": ["x"]}),
    ]
    assert found.rejects == []


def test_compressed_files_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(JSONL.encode()))
    assert read(tmp_path / "c.jsonl.gz").ids == ["a", "7"]


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:30] + b"\xff\xff" + b[32:]])
def test_a_damaged_gz_is_an_error_with_its_place(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    packed = gzip.compress(os.urandom(200).hex().encode() + b"\n" + JSONL.encode())
    (tmp_path / "c.jsonl.gz").write_bytes(damage(packed))
    with pytest.raises(InputError, match=r"c\.jsonl\.gz is damaged near byte"):
        read(tmp_path / "c.jsonl.gz")


def test_csv_cells_get_conservative_types(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "Body,n,f,b,zip,big,none\n"
        '"a ""quoted"", long\ntext",5,2.5,true,01234,99999999999999999999,\n'
    )
    found = read(tmp_path / "c.csv", FieldNames(text="Body"))
    (document,) = found.documents
    assert document.text == 'a "quoted", long\ntext'
    assert document.metadata == {
        "n": 5,
        "f": 2.5,
        "b": True,
        "zip": "01234",
        "big": "99999999999999999999",
    }
    assert len(document.doc_id) == 32


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_a_csv_separated_by_something_else_is_read_and_said(
    tmp_path: Path, mark: str, word: str
) -> None:
    rows = [["id", "text", "price"], ["a", '"one, or two"', "3"]]
    (tmp_path / "c.csv").write_text("".join(mark.join(row) + "\n" for row in rows))
    found = read(tmp_path / "c.csv")
    assert found.documents == [Document("a", "one, or two", metadata={"price": 3})]
    assert any(
        f"columns are separated by {word}" in note.replace("vertical ", "") for note in found.notes
    )


def test_line_numbers_are_those_rows_start_on(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text('id,text\na,"one\ntwo"\nb\n')
    assert read(tmp_path / "c.csv").rejects[0].line == 4


def test_tsv_is_split_at_tabs(tmp_path: Path) -> None:
    (tmp_path / "c.tsv").write_text("id\ttext\tlabel\nx\ta, b\tpos\n")
    assert read(tmp_path / "c.tsv").documents == [Document("x", "a, b", metadata={"label": "pos"})]


def test_a_text_file_is_one_document_a_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("first\n\n second \n")
    found = read(tmp_path / "notes.txt")
    assert found.documents == [Document("notes:1", "first"), Document("notes:3", "second")]
    assert "one document a line" in found.notes[0]


def test_a_folder_of_notes_is_one_document_a_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "no.md").write_text("no")
    (tmp_path / "sub" / "b.md").write_text("intro\n\n## The heading ##\nbody")
    (tmp_path / "a.md").write_text('---\ntitle: "From front"\nyear: 2021\n---\n# Heading\nbody\n')
    (tmp_path / "c.txt").write_text("line\nline")
    (tmp_path / "empty.md").write_text("\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = read(tmp_path)
    assert found.ids == ["a.md", "c.txt", "sub/b.md"]
    assert [one.title for one in found.documents] == ["From front", "c", "The heading"]
    assert found.documents[0].metadata == {"year": 2021}
    assert found.documents[0].text == "# Heading\nbody\n"
    assert [reject.reason for reject in found.rejects] == ["no text in the file"]


def test_a_beir_folder_keeps_empty_documents_and_unpacks_metadata(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "1", "title": "T", "text": "body", "metadata": {"author": "x"}}\n'
        '{"_id": "2", "title": "", "text": ""}\n'
    )
    (tmp_path / "queries.jsonl").write_text("")
    corpus = Corpus(tmp_path)
    documents = list(corpus)
    assert documents[0] == Document("1", "body", "T", {"author": "x"})
    assert documents[1].is_empty
    assert corpus.sources[0].kind == "beir"
    assert corpus.default_name == tmp_path.name


def test_parquet_values_become_json_values(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": ["a", "b"],
            "text": ["one", None],
            "when": pa.array([0, 0], pa.timestamp("s")),
            "tags": [["x"], []],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "c.parquet")
    found = read(tmp_path / "c.parquet")
    assert found.documents == [
        Document("a", "one", metadata={"when": "1970-01-01T00:00:00", "tags": ["x"]})
    ]
    assert (found.rejects[0].line, found.rejects[0].doc_id) == (2, "b")


def test_what_only_looks_like_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read(tmp_path / "c.parquet")


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (b'\n  {"id": "a", "text": "one"}\n{"id": "b", "text": "two"}', ["a", "b"]),
        (b"one\ntwo\n", ["stdin:1", "stdin:2"]),
        (b"\xef\xbb\xbf" + b'{"id": "a", "text": "' + b"x" * 200_000 + b'"}', ["a"]),
        (b"", []),
    ],
)
def test_standard_input_is_json_lines_or_lines(content: bytes, ids: list[str]) -> None:
    assert read("-", stdin=io.BytesIO(content)).ids == ids


def test_several_inputs_share_one_set_of_ids(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "x", "text": "one"}\n')
    (tmp_path / "b.jsonl").write_text('{"id": "x", "text": "two"}\n{"id": "y", "text": "z"}\n')
    found = read([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert [one.text for one in found.documents] == ["one", "z"]
    assert found.rejects[0].path.endswith("b.jsonl")


def test_progress_ends_at_the_size_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(JSONL.encode()))
    (tmp_path / "b.jsonl").write_text('{"id": "z", "text": "one"}\n')
    corpus = Corpus([tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl"])
    assert len(list(corpus)) == 3
    assert corpus.bytes_read == corpus.size_bytes


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing.jsonl", "no file or folder"), ("x.docx", "of no kind"), ("folder", "no file to")],
)
def test_unusable_inputs_are_refused_at_once(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "x.docx").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=message):
        Corpus(tmp_path / name)


def test_a_json_array_is_refused_with_the_way_on(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('[{"id": "a", "text": "one"}]')
    with pytest.raises(InputError, match="jq"):
        read(tmp_path / "c.json")


def test_the_real_collections_read_whole() -> None:
    data = Path(__file__).parents[3] / "shared" / "data"
    if not data.is_dir():
        pytest.skip(f"real collections are missing: {data}")
    cranfield = read(data / "cranfield")
    assert len(cranfield.documents) == 1400
    assert sum(one.is_empty for one in cranfield.documents) == 2
    assert cranfield.rejects == []
    assert len(read(data / "scifact").documents) == 5183
    assert len(read(data / "rt_polarity" / "rt_polarity.csv.gz").documents) == 10662
