"""Summaries that were judged blind, whether a local paper could print them, kept without the articles' text.

``labels/inews-judged.jsonl`` (public web news) and ``labels/cctv-judged.jsonl`` (television news, whose text lies
beside the project) have one row for each article: ``id``, ``digest`` as the topics have it, and ``judged``: summaries
as parts of the article (``training.public_abstracts``) with ``printable`` and ``faithful``, as a reader of article and
summary answered. The summaries are candidates of this toolkit's summarizers, in random order and without their names.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolkit.types import DataError
from training.public_abstracts import from_parts

LABELS = Path(__file__).parent / "labels"
PUBLIC, TELEVISION = "inews-judged.jsonl", "cctv-judged.jsonl"


_DIGEST_CHARS = 12  # enough to notice another text; chance agreement is one in 10**14


def article_digest(title: str, text: str) -> str:
    """Return the beginning of the sha256 of an article, to notice another text."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:_DIGEST_CHARS]


def read_judged(name: str) -> list[dict[str, Any]]:
    """Return the rows of one of the two files."""
    return [json.loads(line) for line in (LABELS / name).read_text(encoding="utf-8").splitlines()]


def join_judged(given: Mapping[str, Any], title: str, text: str) -> dict[str, Any]:
    """Return an article with its judged summaries: id, title, text, and ``judged``: text, printable, faithful of each.

    Raises:
        DataError: a part reaches beyond the article.
    """
    article = f"{title}\n{text}"
    try:
        judged = [{**one, "text": from_parts(one["parts"], article)} for one in given["judged"]]
    except DataError as error:
        raise DataError(f"{given['id']}: {error}") from None
    kept = [{name: one[name] for name in ("text", "printable", "faithful")} for one in judged]
    return {"id": given["id"], "title": title, "text": text, "judged": kept}
