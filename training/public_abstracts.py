"""Our headlines and abstracts of public articles, kept as spans of the articles and the words that we wrote between.

``labels/inews-abstracts.jsonl`` has one row for each article: ``id`` and ``digest`` as the topics have them,
``headline`` and ``abstract`` as lists of parts. A part [start, end] stands for those characters of the title, a line
break and the text of the article; a string stands for itself. So the file holds no text of the articles, and what is
joined is ours to the character.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.types import DataError

ABSTRACTS = Path(__file__).parent / "labels" / "inews-abstracts.jsonl"
_SHORTEST_SPAN = 3  # characters; shorter runs are written out, which takes no more room

Part = Sequence[int] | str


def read_abstracts(path: Path = ABSTRACTS) -> list[dict[str, Any]]:
    """Return our rows: id, digest, and the parts of headline and abstract."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def to_parts(summary: str, article: str) -> list[Part]:
    """Return a summary as parts of ``article``, the longest copied run first at each place, and of its own words."""
    parts: list[Part] = []
    at = 0
    while at < len(summary):
        length = _longest_run(summary, at, article)
        if length >= _SHORTEST_SPAN:
            start = article.index(summary[at : at + length])
            parts.append([start, start + length])
            at += length
        elif parts and isinstance(parts[-1], str):
            parts[-1] += summary[at]
            at += 1
        else:
            parts.append(summary[at])
            at += 1
    return parts


def from_parts(parts: Sequence[Part], article: str) -> str:
    """Return the summary that parts make of the article.

    Raises:
        DataError: a part reaches beyond the article.
    """
    found = []
    for part in parts:
        if isinstance(part, str):
            found.append(part)
            continue
        start, end = part
        if not 0 <= start < end <= len(article):
            raise DataError(f"characters {start} to {end} of an article of {len(article)} characters")
        found.append(article[start:end])
    return "".join(found)


def join_summaries(given: Mapping[str, Any], title: str, text: str) -> dict[str, str]:
    """Return an article with our headline and abstract: id, title, text, headline, abstract.

    Raises:
        DataError: a part reaches beyond the article.
    """
    article = f"{title}\n{text}"
    try:
        ours = {name: from_parts(given[name], article) for name in ("headline", "abstract")}
    except DataError as error:
        raise DataError(f"{given['id']}: {error}") from None
    return {"id": given["id"], "title": title, "text": text} | ours


def _longest_run(summary: str, at: int, article: str) -> int:
    length = 0
    while at + length < len(summary) and summary[at : at + length + 1] in article:
        length += 1
    return length
