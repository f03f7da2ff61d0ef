"""Articles with the summaries that people wrote of them, as a summarizer learns from them."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.types import Article, DataError, Mode
from training.config import SummaryTrainConfig
from training.data import repeat_groups, without_repeats_of
from training.summaries import read_referenced


@dataclass(frozen=True, slots=True)
class Pair:
    """An article and one summary of it."""

    article: Article
    mode: Mode
    summary: str


@dataclass(frozen=True, slots=True)
class Taught:
    """All that is learned from; ``left_out`` counts the pairs whose article stands in the validation data too."""

    pairs: tuple[Pair, ...]
    left_out: int

    @property
    def digest(self) -> str:
        """Return the sha256 of what a model learns from."""
        digest = hashlib.sha256()
        for pair in self.pairs:
            row = [pair.article.id, pair.article.title, pair.article.text, pair.mode, pair.summary]
            digest.update(json.dumps(row, ensure_ascii=True).encode() + b"\n")
        return digest.hexdigest()

    @property
    def totals(self) -> dict[str, Any]:
        """Return what model.json says of the data."""
        return {"per_mode": dict(Counter(pair.mode for pair in self.pairs)), "digest": self.digest}


def read_taught(config: SummaryTrainConfig) -> Taught:
    """Read the training files, without the reprints of validation articles.

    Raises:
        DataError: a file cannot be used, or a row has no summary of a mode that is to be learned.
    """
    pairs = [
        Pair(article, mode, summary)
        for mode in config.model.modes
        for path in config.train_paths
        for article, summary in read_referenced(path, mode).pairs()
    ]
    held_out = [
        article
        for mode in config.model.modes
        for article in (read_referenced(config.valid, mode).articles if config.valid else ())
    ]
    kept = {id(article) for article in without_repeats_of([pair.article for pair in pairs], held_out)}
    left = tuple(pair for pair in pairs if id(pair.article) in kept)
    return Taught(left, len(pairs) - len(left))


def split_taught(pairs: Sequence[Pair], *, held_back: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Return what teaches and what is held back, a share of the articles with their reprints.

    Raises:
        DataError: there are too few articles for both.
    """
    groups = repeat_groups([pair.article for pair in pairs])
    numbers = np.random.default_rng(seed).permutation(sorted(set(groups)))
    held = set(numbers[: max(1, round(held_back * len(numbers)))].tolist())
    parts: tuple[list[Pair], list[Pair]] = ([], [])
    for pair, group in zip(pairs, groups, strict=True):
        parts[group in held].append(pair)
    if not parts[0]:
        raise DataError(f"{len(numbers)} different articles to learn from; at least two are needed: one is held back")
    return parts
