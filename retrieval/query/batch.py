"""Several queries from one file or stream: plain lines or JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from retrieval.errors import EmptyQueryError, InputError

ID_FIELDS = ("_id", "id", "query_id")
"""Names of a query's id in JSON Lines, the first found wins."""
TEXT_FIELDS = ("text", "query")
"""Names of a query's text in JSON Lines, the first found wins."""

MAX_TOLD = 5
"""Bad lines named in one error; the rest are counted."""

_JSON_SUFFIXES = {".jsonl", ".ndjson"}
_TABLE_SUFFIXES = {".csv", ".tsv", ".parquet"}
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class QueryText:
    """One query of a batch.

    Attributes:
        query_id: Unique in its batch; the number of its line where none was given.
        text: What to search for; never only white space.
    """

    query_id: str
    text: str

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise EmptyQueryError(
                f"Query {self.query_id} is empty.", fix="Give it at least one word."
            )
        try:
            self.text.encode()
        except UnicodeEncodeError:
            raise InputError(
                f"Query {self.query_id} is not valid UTF-8 text: {self.text!a}.",
                fix="Check the encoding of your terminal or file.",
            ) from None


def read_queries(source: BinaryIO | str | Path, *, name: str | None = None) -> list[QueryText]:
    """Read the queries of a batch.

    A file whose name ends in ``.jsonl`` or ``.ndjson``, or whose first line begins with
    ``{``, is JSON Lines with a text (``text`` or ``query``) and maybe an id (``_id``,
    ``id`` or ``query_id``). Anything else is one query a line. Blank lines are skipped;
    both may be compressed with gzip.

    Args:
        source: A path, or an open binary stream.
        name: What to call a stream in messages; ``standard input`` by default.

    Returns:
        At least one query, in the order of the lines.

    Raises:
        InputError: The file is missing, holds no query, or has lines that are no query;
            they are named by number.
        EmptyQueryError: The text of a query is empty.
    """
    if isinstance(source, str | Path):
        path = Path(source)
        name = str(source)
        suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
        content = _content_of(path)
    else:
        name = name or "standard input"
        suffix = ""
        content = source.read()
    if suffix in _TABLE_SUFFIXES:
        raise InputError(
            f"{name} is a table ({suffix}); queries are read from plain lines or JSON Lines.",
            fix='Write one query a line, or lines such as {"id": "q1", "text": "positive review"}.',
        )
    lines = list(_lines(_unpacked(content, name), name))
    if not lines:
        raise InputError(f"{name} holds no query.", fix="Write one query a line.")
    as_json = suffix in _JSON_SUFFIXES or lines[0][1].startswith("{")
    return _queries(lines, name, as_json=as_json)


def _queries(lines: list[tuple[int, str]], name: str, *, as_json: bool) -> list[QueryText]:
    """Turn numbered lines into queries, or raise with every line that is none."""
    queries: list[QueryText] = []
    seen: dict[str, int] = {}
    problems: list[str] = []
    only_empty = True
    for number, line in lines:
        try:
            query = _query_of_json(line, number) if as_json else QueryText(str(number), line)
        except EmptyQueryError:
            problems.append(f"line {number}: the query's text is empty")
            continue
        except InputError as error:
            problems.append(f"line {number}: {error.what}")
            only_empty = False
            continue
        first = seen.setdefault(query.query_id, number)
        if first != number:
            problems.append(f"line {number}: the id {query.query_id!r} is that of line {first}")
            only_empty = False
        queries.append(query)
    if problems:
        told = "; ".join(problems[:MAX_TOLD])
        more = f"; and {len(problems) - MAX_TOLD} more" if len(problems) > MAX_TOLD else ""
        kind = EmptyQueryError if only_empty else InputError
        raise kind(f"{name}: {told}{more}.", fix="Correct these lines and run it again.")
    return queries


def _query_of_json(line: str, number: int) -> QueryText:
    import json

    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON ({error})") from None
    if not isinstance(fields, dict):
        raise InputError("a JSON object is expected, such as {...}")
    text = _first(fields, TEXT_FIELDS)
    if not isinstance(text, str):
        found = "none is there" if text is None else f"it is {text!r:.40}"
        raise InputError(f"a text in {' or '.join(map(repr, TEXT_FIELDS))} is expected, {found}")
    query_id = _first(fields, ID_FIELDS)
    if query_id is None:
        query_id = number
    if isinstance(query_id, bool) or not isinstance(query_id, str | int) or query_id == "":
        raise InputError(f"an id is a text or a whole number, not {query_id!r:.40}")
    return QueryText(str(query_id), text)


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if name in fields), None)


def _lines(content: bytes, name: str) -> Iterator[tuple[int, str]]:
    """Yield each line that is not blank with its number from 1."""
    offset = 0
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            text = line.decode().strip()
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}, line {number} is not UTF-8: byte {line[error.start]:#04x}"
                f" at offset {offset + error.start}.",
                fix="Convert the file to UTF-8.",
            ) from None
        offset += len(line) + 1
        if text:
            yield number, text


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"There is no file {path}.", fix="Check the path, or give - for standard input."
        ) from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; a file of queries is expected.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error


def _unpacked(content: bytes, name: str) -> bytes:
    if not content.startswith(_GZIP_MAGIC):
        return content
    import gzip
    import zlib

    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{name} is cut short or damaged: gzip cannot unpack it ({error}).",
            fix="Copy or compress it again.",
        ) from error
