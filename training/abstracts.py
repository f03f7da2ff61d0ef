"""The real articles with reference summaries beside the project, joined: ``python -m training.abstracts -o data``.

It writes ``abstracts-train.jsonl`` and ``abstracts-valid.jsonl``: id, title, text, headline, abstract; the second
has the articles that are also in the validation part of the topics. And ``headlines-train.jsonl`` and
``headlines-late.jsonl``: id, title, text of television news; the second holds those of the last three months, to
measure headlines on. And ``cctv-judged.jsonl``: summaries of such articles that were judged (``training/judged.py``).
Nothing of them belongs into the repository.
"""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.summarizers.headline import HEADLINE_CHARS
from toolkit.types import DataError
from toolkit.writers.tables import write_records
from training.command import output_path, real_data, say
from training.judged import TELEVISION, article_digest, join_judged, read_judged

_TEXTS = ("topics/train.jsonl", "topics/valid.jsonl", "abstracts/texts.jsonl", "headlines/cctv-2022-2025.jsonl.gz")
_SERIES = re.compile("^【[^】]*】")
_SHORTEST_TITLE = 8
_SHORTEST_TEXT = 60
_LATE = "2025-10"


def main() -> None:
    """Write both files."""
    folder = output_path("data")
    folder.mkdir(parents=True, exist_ok=True)
    for kind, parts in (("abstracts", join_abstracts(real_data())), ("headlines", split_headlines(real_data()))):
        for name, rows in parts.items():
            path = folder / f"{kind}-{name}.jsonl"
            write_records(rows, path)
            say(f"wrote {path} ({len(rows)} articles)")
    judged = join_television(real_data())
    write_records(judged, folder / TELEVISION)
    say(f"wrote {folder / TELEVISION} ({len(judged)} articles)")


def join_abstracts(data: Path) -> dict[str, list[dict[str, str]]]:
    """Return the articles with their references, ``train`` and ``valid``, in the order of the references' file.

    Raises:
        DataError: a reference's article is in none of the files.
    """
    texts = _texts(data)
    held_out = {row["id"] for row in _rows(data / "topics/valid.jsonl")}
    found: dict[str, list[dict[str, str]]] = {"train": [], "valid": []}
    for row in _rows(data / "abstracts/train.jsonl"):
        article = texts.get(row["id"])
        if article is None:
            raise DataError(f"{data}: no article has the id {row['id']!r} of abstracts/train.jsonl")
        joined = {"id": row["id"], "title": article["title"], "text": article["text"]}
        joined |= {name: row[name] for name in ("headline", "abstract")}
        found["valid" if row["id"] in held_out else "train"].append(joined)
    return found


def join_television(data: Path) -> list[dict[str, Any]]:
    """Return the judged summaries of television news with their articles, as ``training.judged.join_judged`` does.

    Raises:
        DataError: an article is in none of the files, or has another title or text there.
    """
    texts = _texts(data)
    found = []
    for given in read_judged(TELEVISION):
        article = texts.get(given["id"])
        if article is None:
            raise DataError(f"{data}: no article has the id {given['id']!r} of {TELEVISION}")
        title, text = _SERIES.sub("", article["title"]).strip(), article["text"]
        if article_digest(title, text) != given["digest"]:
            raise DataError(f"{data}: {given['id']} has another title or text than when its summaries were judged")
        found.append(join_judged(given, title, text))
    return found


def split_headlines(data: Path) -> dict[str, list[dict[str, str]]]:
    """Return television news with usable headlines: ``late``, from October 2025 on, and ``train``, before.

    A headline has 8 to 30 characters and stands once; no article of ``train`` is also in the validation part of the
    topics, none of ``late`` has an abstract. A 【series】 mark before a headline is dropped.
    """
    held_out = {row["id"] for row in _rows(data / "topics/valid.jsonl")}
    learned_from = {row["id"] for row in _rows(data / "abstracts/train.jsonl")}
    found: dict[str, list[dict[str, str]]] = {"train": [], "late": []}
    seen: set[str] = set()
    for row in _rows(data / "headlines/cctv-2022-2025.jsonl.gz"):
        title = _SERIES.sub("", row["title"]).strip()
        if title in seen or not _SHORTEST_TITLE <= len(title) <= HEADLINE_CHARS or len(row["text"]) < _SHORTEST_TEXT:
            continue
        seen.add(title)
        late = row["published"] >= _LATE
        if row["id"] not in (learned_from if late else held_out):
            found["late" if late else "train"].append({"id": row["id"], "title": title, "text": row["text"]})
    return found


def _texts(data: Path) -> dict[str, dict[str, Any]]:
    texts: dict[str, dict[str, Any]] = {}
    for name in _TEXTS:
        for row in _rows(data / name):
            texts.setdefault(row["id"], row)
    return texts


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
