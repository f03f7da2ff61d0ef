"""Labelled articles: read, checked, and kept apart."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from toolkit.readers import read_articles
from toolkit.topics import topic_keys
from toolkit.types import Article, DataError, Reject, Topic

_MISTAKES_SHOWN = 10
_NOT_WORD = re.compile(r"\W+")
_SHINGLE_CHARS = 12


def read_labelled(path: Path, topics: Sequence[Topic]) -> list[Article]:
    """Read labelled articles; their ``topics`` come back as keys, in taxonomy order.

    Raises:
        DataError: the file holds no articles, or rows that cannot be used: without text, with an id seen before,
            without topics (write an empty list for none of them), or with a topic that the taxonomy lacks.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file; `wenzhai sample corpus -o FILE` copies out a labelled corpus")
    articles, mistakes = [], []
    for found in read_articles([str(path)]):
        mistake = _mistake(found)
        if mistake is None and isinstance(found, Article):
            try:
                articles.append(_with_keys(found, topics))
            except DataError as error:
                mistake = str(error)
        if mistake is not None:
            mistakes.append(mistake)
    if mistakes:
        more = len(mistakes) - _MISTAKES_SHOWN
        raise DataError("\n".join(mistakes[:_MISTAKES_SHOWN] + ([f"... and {more} more"] if more > 0 else [])))
    return articles


def labels_in(paths: Sequence[Path]) -> list[str]:
    """Return every topic or label that labelled files hold, sorted."""
    found: set[str] = set()
    for path in paths:
        for article in read_articles([str(path)]):
            if isinstance(article, Article):
                found.update(article.topics or ())
    return sorted(found)


def _mistake(found: Article | Reject) -> str | None:
    if isinstance(found, Reject):
        return f"{found.source}: {found.reason}"
    if "duplicate_id" in found.flags:
        return f"{found.source}: id {found.id!r} stands twice"
    if found.topics is None:
        return f"{found.source}: no topics; write an empty list for none of them"
    return None


def _with_keys(article: Article, topics: Sequence[Topic]) -> Article:
    return replace(article, topics=topic_keys(article.topics or (), topics, source=article.source))


def gold_matrix(articles: Sequence[Article], topics: Sequence[Topic]) -> np.ndarray:
    """Return which topics each article carries: bool, shape (articles, topics)."""
    return np.array([[topic.key in (article.topics or ()) for topic in topics] for article in articles], dtype=bool)


def data_digest(articles: Iterable[Article]) -> str:
    """Return the sha256 of what a model learns from: ids, titles, texts, topics, doubts."""
    digest = hashlib.sha256()
    for article in articles:
        row = [article.id, article.title, article.text, list(article.topics or ()), bool(article.unsure)]
        digest.update(json.dumps(row, ensure_ascii=True).encode() + b"\n")
    return digest.hexdigest()


def repeat_groups(articles: Sequence[Article]) -> list[int]:
    """Number the articles so that reprints (near-identical openings) share a number.

    Reprints in two folds would let a model be measured on what it has seen. Two articles are reprints when they share
    most of the shingles of 12 characters of their first 200, or the whole title.
    """
    owner: dict[str, int] = {}
    groups: list[int] = []
    for number, article in enumerate(articles):
        marks = _marks(article)
        votes = [owner[mark] for mark in marks if mark in owner]
        title_mark = "title " + _NOT_WORD.sub("", article.title)
        known_title = owner.get(title_mark) if len(title_mark) > len("title ") + _SHINGLE_CHARS else None
        if known_title is not None:
            group = known_title
        elif votes and len(votes) * 2 > len(marks):
            group = max(set(votes), key=votes.count)
        else:
            group = number
        groups.append(group)
        for mark in (*marks, title_mark):
            owner.setdefault(mark, group)
    return groups


def _marks(article: Article) -> list[str]:
    text = _NOT_WORD.sub("", article.text)[:200]
    return [text[at : at + _SHINGLE_CHARS] for at in range(0, max(1, len(text) - _SHINGLE_CHARS + 1))]


def without_repeats_of(articles: Sequence[Article], held_out: Sequence[Article]) -> list[Article]:
    """Return the articles that are no reprints of a held-out one."""
    groups = repeat_groups([*held_out, *articles])
    taken = set(groups[: len(held_out)])
    return [article for article, group in zip(articles, groups[len(held_out) :], strict=True) if group not in taken]


def strata(gold: np.ndarray, folds: int) -> np.ndarray:
    """Number each set of topics; sets too rare to stand in every fold count as their first topic alone."""
    powers = 1 << np.arange(gold.shape[1])
    sets = gold @ powers
    first = np.where(gold.any(axis=1), powers[np.argmax(gold, axis=1)], 0)
    rare = np.bincount(sets)[sets] < 2 * folds
    return np.where(rare, first, sets)
