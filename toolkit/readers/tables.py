"""Tables of articles: JSON lines and CSV, read a row at a time."""

import codecs
import csv
import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from toolkit.readers.rows import RAW_CHARS, row_to_article
from toolkit.text import DecodeError, mark_encoding
from toolkit.types import Article, Reject

_CHUNK_BYTES = 1 << 20
_FIELD_CHARS = 100_000_000  # csv's own limit of 131,072 would refuse a long article


def read_jsonl(path: Path, source: str) -> Iterator[Article | Reject]:
    """Read one JSON object a line; a line that is none becomes a Reject and the rest is read on."""
    empty = True
    for number, line in enumerate(_lines(path), start=1):
        if isinstance(line, str) and not line.strip():
            continue
        empty = False
        where = f"{source}#{number}"
        yield _json_row(line, where) if isinstance(line, str) else Reject(where, str(line))
    if empty:
        yield Reject(source, "the file is empty")


def _lines(path: Path) -> Iterator[str | DecodeError]:
    with path.open("rb") as file:
        encoding = mark_encoding(file.read(4))
    if encoding is not None and encoding != "utf-8-sig":
        with path.open(encoding=encoding, newline="\n") as lines:
            try:
                yield from lines
            except UnicodeDecodeError as error:
                yield DecodeError(f"marked as {encoding} but not valid at byte {error.start}")
        return
    # Not through ``decode``: a row may hold what would be a binary file, and each row is judged alone.
    with path.open("rb") as raw_lines:
        for raw in raw_lines:
            yield _decode_line(raw.removeprefix(codecs.BOM_UTF8))


def _decode_line(raw: bytes) -> str | DecodeError:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return DecodeError("neither UTF-8 nor GB18030; save it as UTF-8")


def _json_row(line: str, source: str) -> Article | Reject:
    try:
        row = _JSON.decode(line)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return Reject(source, f"not a JSON object: {reason}", line[:RAW_CHARS])
    if not isinstance(row, dict):
        return Reject(source, f"not a JSON object but {type(row).__name__}", line[:RAW_CHARS])
    return row_to_article(row, source=source)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number} is too large a number")
    return value


_JSON = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def read_csv(path: Path, source: str) -> Iterator[Article | Reject]:
    """Read a table with a header line; tab-separated when the header holds tabs and no commas."""
    try:
        encoding = _table_encoding(path)
    except DecodeError as error:
        yield Reject(source, str(error))
        return
    csv.field_size_limit(_FIELD_CHARS)
    with path.open(encoding=encoding, newline="") as file:
        header_line = file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter="\t" if "\t" in header_line and "," not in header_line else ",")
        try:
            header = _unlike(next(rows))
            for number, cells in enumerate(rows, start=1):
                if any(cell.strip() for cell in cells):
                    yield _csv_row(header, cells, f"{source}#{number}")
        except csv.Error as error:
            yield Reject(f"{source}:{rows.line_num}", f"not valid CSV: {error}")


def _unlike(names: list[str]) -> list[str]:
    """Return column names that are all different: a second ``text`` becomes ``text_2``."""
    seen: Counter[str] = Counter()
    unlike = []
    for name in names:
        seen[name] += 1
        unlike.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unlike


def _csv_row(header: list[str], cells: list[str], source: str) -> Article | Reject:
    if len(cells) > len(header):
        return Reject(source, f"{len(cells)} cells under {len(header)} column names", ",".join(cells)[:RAW_CHARS])
    row: dict[str, Any] = dict(zip(header, cells, strict=False))
    return row_to_article(row, source=source)


def _table_encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_CHUNK_BYTES)
        if not start.strip():
            raise DecodeError("the file is empty")
        if encoding := mark_encoding(start):
            if not _decodes(file, encoding):
                raise DecodeError(f"marked as {encoding} but not valid")
            return encoding
        if start.count(b"\0") > len(start) // 100:
            raise DecodeError("binary: it holds NUL bytes (UTF-16 text needs its byte order mark)")
        found = next((encoding for encoding in ("utf-8", "gb18030") if _decodes(file, encoding)), None)
    if found is None:
        raise DecodeError("neither UTF-8 nor GB18030; save it as UTF-8")
    return found


def _decodes(file: IO[bytes], encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
