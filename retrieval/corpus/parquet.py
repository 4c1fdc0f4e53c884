"""Parquet, through pyarrow (extra ``parquet``), a batch of rows at a time."""

from __future__ import annotations

import base64
import datetime
import decimal
import math
from collections.abc import Callable, Iterator
from pathlib import Path

from retrieval.corpus.fields import FieldNames, resolve_fields
from retrieval.corpus.rejects import Reject, RowError
from retrieval.corpus.rows import row_document
from retrieval.errors import InputError
from retrieval.extras import require
from retrieval.records import Document

BATCH_ROWS = 1024


def read_parquet(
    path: Path,
    names: FieldNames,
    *,
    note: Callable[[str], None],
    reject: Callable[[Reject], None],
) -> Iterator[tuple[int, Document]]:
    """Yield the documents of a Parquet file with their row numbers, from 1.

    Dates and times become ISO 8601 strings, decimals strings, binary values base64.

    Raises:
        MissingExtraError: pyarrow is not installed.
        InputError: It is no Parquet file, or no field looks like a text.
    """
    parquet = require("pyarrow.parquet", extra="parquet", purpose="Reading Parquet files")
    if path.name.lower().endswith(".gz"):
        raise InputError(
            f"{path}: a compressed Parquet file has to be unpacked first.",
            fix="Use gunzip; Parquet compresses its columns itself.",
        )
    arrow = require("pyarrow", extra="parquet", purpose="Reading Parquet files")
    try:
        with parquet.ParquetFile(path) as table:
            columns = table.schema_arrow.names
            fields = resolve_fields(columns, names, str(path))
            note(fields.note(str(path), columns))
            number = 0
            for batch in table.iter_batches(batch_size=BATCH_ROWS):
                for values in batch.to_pylist():
                    number += 1
                    try:
                        row = {name: _json_value(value) for name, value in values.items()}
                        yield number, row_document(row, fields)
                    except RowError as error:
                        reject(Reject(str(path), number, error.reason, error.doc_id))
    except (arrow.ArrowException, OSError) as error:
        raise InputError(f"{path} cannot be read as Parquet: {error}.") from error


def _json_value(value: object) -> object:
    """Return a column's value as JSON has it.

    Raises:
        RowError: A number that is not finite.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise RowError("a number that is not finite")
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | datetime.timedelta):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [_json_value(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _json_value(one) for name, one in value.items()}
    return value
