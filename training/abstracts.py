"""The real articles with reference summaries beside the project, joined: ``python -m training.abstracts -o data``.

It writes ``abstracts-train.jsonl`` and ``abstracts-valid.jsonl``: id, title, text, headline, abstract. The second holds
the articles that are also in the validation part of the topics. Nothing of them belongs into the repository.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.types import DataError
from training.command import output_path, real_data, say

_TEXTS = ("topics/train.jsonl", "topics/valid.jsonl", "abstracts/texts.jsonl", "headlines/cctv-2022-2025.jsonl.gz")


def main() -> None:
    """Write both files."""
    folder = output_path("data")
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in join_abstracts(real_data()).items():
        path = folder / f"abstracts-{name}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        say(f"wrote {path} ({len(rows)} articles)")


def join_abstracts(data: Path) -> dict[str, list[dict[str, str]]]:
    """Return the articles with their references, ``train`` and ``valid``, in the order of the references' file.

    Raises:
        DataError: a reference's article is in none of the files.
    """
    texts: dict[str, dict[str, Any]] = {}
    for name in _TEXTS:
        for row in _rows(data / name):
            texts.setdefault(row["id"], row)
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


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
