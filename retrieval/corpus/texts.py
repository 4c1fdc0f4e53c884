"""Plain text and Markdown: a document a line, or a document a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from retrieval.corpus.rejects import Reject
from retrieval.corpus.sources import SourceKind
from retrieval.corpus.streams import MAX_LINE_BYTES, InputStream
from retrieval.corpus.tables import typed_cell
from retrieval.errors import InputError
from retrieval.records import Document, JsonValue

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_PAIR = re.compile(r"([A-Za-z_][\w-]*):[ \t]+(\S.*?)[ \t]*")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)


def read_lines(
    stream: InputStream, stem: str, reject: Callable[[Reject], None]
) -> Iterator[tuple[int, Document]]:
    """Yield one document a line that is not blank; its id is ``stem:line``."""
    path = str(stream.path)
    for line in stream.lines():
        if line.content is None:
            reject(Reject(path, line.number, f"the line is longer than {MAX_LINE_BYTES} bytes"))
            continue
        try:
            text = line.content.decode().strip()
            if text:
                yield line.number, Document(f"{stem}:{line.number}", text)
        except UnicodeDecodeError as error:
            at = line.offset + error.start
            byte = line.content[error.start]
            reason = f"not UTF-8: byte 0x{byte:02x} at offset {at} of the file"
            reject(Reject(path, line.number, reason))


def read_text_file(
    stream: InputStream, doc_id: str, kind: SourceKind, reject: Callable[[Reject], None]
) -> Iterator[Document]:
    """Yield a whole file as one document.

    A Markdown file's title is its front matter's ``title``, else its first heading; a text
    file's, and a Markdown file's without either, is its name. Further ``key: value`` lines of
    the front matter are metadata.
    """
    path = str(stream.path)
    content = stream.read(MAX_LINE_BYTES + 1)
    if len(content) > MAX_LINE_BYTES:
        reject(Reject(path, None, f"the file is longer than {MAX_LINE_BYTES} bytes"))
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"0x{content[error.start]:02x}"
        reject(Reject(path, None, f"not UTF-8: byte {byte} at offset {error.start} of the file"))
        return
    metadata: dict[str, JsonValue] = {}
    title = ""
    if kind is SourceKind.MARKDOWN:
        text = text.replace("\r\n", "\n")
        front = _FRONT_MATTER.match(text)
        if front is not None:
            text = text[front.end() :]
            metadata = _front_matter(front[1] or "")
            title = str(metadata.pop("title", ""))
        heading = _HEADING.search(text)
        if not title and heading is not None:
            title = heading[1]
    if not text.strip():
        reject(Reject(path, None, "no text in the file"))
        return
    name = doc_id.rpartition("/")[2]
    try:
        yield Document(doc_id, text, title or name.rpartition(".")[0] or name, metadata)
    except InputError as error:
        reject(Reject(path, None, error.what.rstrip("."), doc_id))


def _front_matter(lines: str) -> dict[str, JsonValue]:
    pairs = (found for line in lines.splitlines() if (found := _PAIR.fullmatch(line)))
    return {pair[1]: _unquoted(pair[2]) for pair in pairs}


def _unquoted(text: str) -> JsonValue:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return typed_cell(text)
