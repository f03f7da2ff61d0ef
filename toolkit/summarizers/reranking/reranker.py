"""The better of several summaries: a linear model of what people wrote, and of what readers would print.

``training/reranking.py`` learns it from two kinds of data: abstracts that people wrote (a candidate is worth what it
shares with theirs), and candidates that were judged blind, whether a local paper could print them as they stand.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np

from toolkit.summarizers.lead import lead
from toolkit.summarizers.reranking.figures import FIGURES, read_figures
from toolkit.summarizers.select import complete_sentences, first_clauses, stands_alone
from toolkit.summarizers.sentence_sets import READ, score_sets
from toolkit.types import Article

WEIGHTS = Path(__file__).with_name("weights.json")
_SETS = 24  # of whole sentences; those that score lower are hardly ever the best


def copied_candidates(article: Article, *, max_chars: int) -> tuple[list[str], dict[tuple[str, ...], float]]:
    """Return the summaries of whole sentences to choose from, and all sets of sentences with their scores.

    They are the best sets, ``lead``, and sentences that are too long, up to where the rest is whole in itself.
    """
    sets = score_sets(article, max_chars=max_chars)
    best = ["".join(sentences) for sentences in islice(sets, _SETS)]
    start = lead(article, max_chars=max_chars)
    long = [line for line in complete_sentences(article)[:READ] if len(line) > max_chars and stands_alone(line)]
    others = [*([] if start.flags else [start.text]), *(first_clauses(line, max_chars=max_chars) for line in long)]
    return [text for text in dict.fromkeys([*best, *others]) if text], sets


def rerank(
    article: Article, texts: Sequence[str], sets: Mapping[tuple[str, ...], float], *, max_chars: int
) -> np.ndarray:
    """Return a score for each summary of an article: (len(texts),), the higher, the better; see ``read_figures``."""
    scores: np.ndarray = read_figures(article, texts, sets, max_chars=max_chars) @ _weights()
    return scores


@cache
def _weights() -> np.ndarray:
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return np.array([weights[name] for name in FIGURES])
