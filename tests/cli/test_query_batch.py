import gzip
import io
from pathlib import Path

import pytest

from retrieval.errors import EmptyQueryError, InputError
from retrieval.query.batch import QueryText, read_queries


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_plain_lines_are_queries_numbered_by_their_line(tmp_path: Path) -> None:
    path = written(tmp_path, "queries.txt", "good film\n\n  bad film  \r\n")
    assert read_queries(path) == [QueryText("1", "good film"), QueryText("3", "bad film")]


def test_a_file_without_a_last_newline_is_whole() -> None:
    assert read_queries(io.BytesIO(b"one\ntwo")) == [QueryText("1", "one"), QueryText("2", "two")]


@pytest.mark.parametrize("field", ["_id", "id", "query_id"])
@pytest.mark.parametrize("text", ["text", "query"])
def test_json_lines_name_id_and_text_as_beir_and_others_do(
    tmp_path: Path, field: str, text: str
) -> None:
    path = written(tmp_path, "q.jsonl", f'{{"{field}": "q7", "{text}": "good film", "x": 1}}\n')
    assert read_queries(path) == [QueryText("q7", "good film")]


def test_a_number_is_an_id_and_a_missing_one_is_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, "q.jsonl", '{"id": 7, "text": "a"}\n{"text": "b"}\n')
    assert read_queries(path) == [QueryText("7", "a"), QueryText("2", "b")]


def test_json_is_recognised_on_a_stream_without_a_name() -> None:
    assert read_queries(io.BytesIO(b'\xef\xbb\xbf{"text": "a"}\n')) == [QueryText("1", "a")]


@pytest.mark.parametrize("name", ["q.jsonl.gz", "q.gz", "q"])
def test_gzip_is_recognised_by_its_bytes(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, gzip.compress(b'{"text": "a"}\n'))
    assert read_queries(path) == [QueryText("1", "a")]


@pytest.mark.parametrize("content", ["", "\n \n\t\n"])
def test_a_file_without_a_query_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"q\.txt holds no query"):
        read_queries(written(tmp_path, "q.txt", content))


def test_an_empty_text_is_an_empty_query_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "q.jsonl", '{"text": "a"}\n{"text": "  "}\n')
    with pytest.raises(EmptyQueryError, match="line 2"):
        read_queries(path)


def test_every_bad_line_is_told_at_once(tmp_path: Path) -> None:
    rows = ['{"text": "a"}', "{", "[1]", '{"title": "b"}', '{"text": 5}', '{"text": "c", "id": []}']
    with pytest.raises(InputError) as caught:
        read_queries(written(tmp_path, "q.jsonl", "\n".join(rows)))
    told = caught.value.what
    assert all(f"line {number}:" in told for number in range(2, 7))
    assert str(tmp_path / "q.jsonl") in told


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="and 15 more"):
        read_queries(written(tmp_path, "q.jsonl", "{\n" * 20))


@pytest.mark.parametrize(
    "line",
    [
        "{" * 100_000,
        '{"text": ' + "[" * 100_000,
        '{"text": "a", "id": ' + "9" * 10_000 + "}",
        '{"text": "\\ud800"}',
        '{"text": "a", "id": true}',
        '{"text": "a", "id": ""}',
        '{"text": "a", "id": 1.5}',
    ],
)
def test_a_strange_line_is_refused_by_number(tmp_path: Path, line: str) -> None:
    path = written(tmp_path, "q.jsonl", '{"text": "a"}\n' + line)
    with pytest.raises(InputError, match="line 2"):
        read_queries(path)


def test_an_id_given_twice_names_both_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "q.jsonl", '{"id": 1, "text": "a"}\n{"id": "1", "text": "b"}\n')
    with pytest.raises(InputError, match="line 2: the id '1' is that of line 1"):
        read_queries(path)


def test_bad_utf8_is_refused_with_line_and_byte(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2 is not UTF-8: byte 0xff at offset 5"):
        read_queries(written(tmp_path, "q.txt", b"abc\nd\xff\n"))


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"a good film\n" * 100)
    with pytest.raises(InputError, match="gzip"):
        read_queries(written(tmp_path, "q.gz", whole[:-12]))


def test_a_table_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a table"):
        read_queries(written(tmp_path, "q.tsv.gz", "1\tgood film\n"))


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read_queries(tmp_path / "nowhere.txt")
    with pytest.raises(InputError, match="is a folder"):
        read_queries(tmp_path)


def test_a_stream_is_named_in_messages() -> None:
    with pytest.raises(InputError, match="standard input holds no query"):
        read_queries(io.BytesIO(b""))
