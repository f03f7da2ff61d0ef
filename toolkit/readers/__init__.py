"""Inputs to articles: files by their suffix, folders, standard input."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.config import nearest
from toolkit.readers.rows import ALIASES, RAW_CHARS
from toolkit.readers.tables import read_csv, read_jsonl
from toolkit.text import DecodeError, clean, decode, has_control, mark_encoding
from toolkit.types import Article, ConfigError, Reject

# A reader takes the path to open and the name to give as source.
Reader = Callable[[Path, str], Iterator[Article | Reject]]
_SNIFF_BYTES = 1 << 16


def read_txt(path: Path, source: str) -> Iterator[Article | Reject]:
    """Read the text dump of one newspaper page, or of one article (its first line is the title)."""
    # Here, not above: its many patterns are compiled only when there is a page to read.
    from toolkit.readers.page import lost_lines, split_page

    try:
        text = decode(path.read_bytes())
    except DecodeError as error:
        yield Reject(source, str(error))
        return
    dirty = has_control(text.replace("\f", "\n"))
    text = clean(text)
    articles = split_page(text, source=source)
    for article in articles:
        yield replace(article, flags=(*article.flags, "control_characters_removed")) if dirty else article
    lost = lost_lines(text, articles)
    for line in lost:
        yield Reject(source, f"this line belongs to no article that has a text: {line[:40]}", line[:RAW_CHARS])
    if not articles and not lost:
        yield Reject(source, "no article found: nothing but page furniture", text[:RAW_CHARS])


READERS: dict[str, Reader] = {
    ".txt": read_txt,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_csv,
}


def read_articles(inputs: Sequence[str]) -> Iterator[Article | Reject]:
    """Read files, folders (recursively, in sorted order; hidden files are passed over) and ``-`` (standard input).

    Articles whose id was seen before are kept and flagged ``duplicate_id``.

    Raises:
        ConfigError: an input named by the user does not exist or has no known suffix, or ``-`` is named twice.
    """
    files = list(_check_inputs(inputs))
    seen: set[int] = set()
    for name, path in files:
        for found in _read(name, path):
            if isinstance(found, Article):
                # 64-bit hashes, not the ids: a run over a million articles stays small.
                key = hash(found.id)
                if key in seen:
                    found = replace(found, flags=(*found.flags, "duplicate_id"))
                seen.add(key)
            yield found


def _check_inputs(inputs: Sequence[str]) -> Iterator[tuple[str, Path | None]]:
    if list(inputs).count("-") > 1:
        raise ConfigError("- (standard input) can be read only once")
    for name in inputs:
        path = Path(name)
        if name == "-":
            yield name, None
        elif not path.exists():
            raise ConfigError(f"{name}: no such file or folder")
        elif not path.is_dir() and path.suffix.lower() not in READERS:
            raise ConfigError(f"{name}: {_unknown_suffix(path)}")
        else:
            yield name, path


def _unknown_suffix(path: Path) -> str:
    known = ", ".join(READERS)
    return f"suffix {path.suffix or '(none)'} is unknown; known: {known}{nearest(path.suffix.lower(), READERS)}"


def _read(name: str, path: Path | None) -> Iterator[Article | Reject]:
    if path is None:
        yield from _read_stdin()
    elif path.is_dir():
        yield from _read_folder(path)
    else:
        yield from _read_file(path)


def _read_folder(folder: Path) -> Iterator[Article | Reject]:
    empty = True
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        # A link to nothing is no file but stands for one: it must not vanish.
        if hidden or not (path.is_file() or path.is_symlink()):
            continue
        empty = False
        yield from _read_file(path)
    if empty:
        yield Reject(str(folder), "the folder holds no files")


def _read_file(path: Path) -> Iterator[Article | Reject]:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        yield Reject(str(path), _unknown_suffix(path))
        return
    try:
        yield from reader(path, str(path))
    except OSError as error:
        yield Reject(str(path), f"cannot read it: {error.strerror or error}")


def _read_stdin() -> Iterator[Article | Reject]:
    # Readers look at a file twice (once to find its encoding), so a pipe goes through a temporary file.
    with tempfile.NamedTemporaryFile(prefix="wenzhai-") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        path = Path(file.name)
        yield from READERS[_sniff(path)](path, "-")


def _sniff(path: Path) -> str:
    """Say which suffix the content would have: JSON lines, a table whose header names a text column, or a page."""
    with path.open("rb") as file:
        start = file.read(_SNIFF_BYTES)
    encoding = mark_encoding(start)
    try:
        text = start.decode(encoding, "ignore") if encoding else decode(start.lstrip().partition(b"\n")[0])
    except DecodeError:
        return ".txt"
    first = clean(text).lstrip().partition("\n")[0]
    if first.startswith("{"):
        return ".jsonl"
    columns = {cell.strip(" \"'").lower() for cell in first.replace("\t", ",").split(",")}
    return ".csv" if len(columns) > 1 and columns & set(ALIASES["text"]) else ".txt"
