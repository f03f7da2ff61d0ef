"""TextRank: the sentences that share most words with the others.

Mihalcea and Tarau, "TextRank: Bringing Order into Texts", EMNLP 2004: sentences are nodes, an edge weighs the shared
words over the sum of the logarithms of the lengths, and PageRank with damping 0.85 orders the nodes.
"""

from collections.abc import Sequence

import numpy as np

from toolkit.summarizers.select import choose, first_that_fits, standing_sentences
from toolkit.types import Article, Summary
from toolkit.words import cut

_DAMPING = 0.85
_STEPS = 60  # 0.85 ** 60 is below 1e-4: ranks no longer change places
_MOST_SENTENCES = 400  # the work grows with the square; beyond a book chapter the start decides
_REPEATED = 0.6  # share of words in common above which a sentence says the same again


def textrank(article: Article, *, max_chars: int) -> Summary:
    """Return the best-ranked whole sentences that fit into ``max_chars`` characters, in the order of the article."""
    sentences = standing_sentences(article)[:_MOST_SENTENCES]
    bags = [bag_of_words(sentence) for sentence in sentences]
    ranking = _without_repeats(rank(bags), bags)
    chosen = choose(sentences, ranking, max_chars=max_chars)
    if not chosen:
        return first_that_fits(article, sentences, max_chars=max_chars, method="textrank")
    return Summary("".join(sentences[position] for position in chosen), "textrank")


def rank_sentences(sentences: Sequence[str]) -> list[int]:
    """Return positions, the most central sentence first."""
    return rank([bag_of_words(sentence) for sentence in sentences])


def rank(bags: Sequence[frozenset[str]]) -> list[int]:
    """Return the positions of the bags of words, the most central first; equal ones in the order of the text."""
    if len(bags) < 3:
        return list(range(len(bags)))
    weights = _similarities(bags)
    totals = weights.sum(axis=0)
    spread = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0)
    ranks = np.ones(len(bags))
    for _ in range(_STEPS):
        ranks = (1 - _DAMPING) + _DAMPING * (spread @ ranks)
    return [int(position) for position in np.argsort(-ranks.round(9), kind="stable")]


def bag_of_words(sentence: str) -> frozenset[str]:
    """Return the words of a sentence that say something."""
    # Single characters are mostly particles and punctuation.
    return frozenset(word for word in cut(sentence) if len(word) > 1)


def _similarities(bags: Sequence[frozenset[str]]) -> np.ndarray:
    columns: dict[str, int] = {}
    present = np.zeros((len(bags), len(set().union(*bags)) or 1), dtype=np.float32)
    for row, bag in enumerate(bags):
        for word in bag:
            present[row, columns.setdefault(word, len(columns))] = 1
    # Lengths of 0 and 1 would divide by zero.
    lengths = np.log(np.maximum(present.sum(axis=1), 2))
    weights: np.ndarray = (present @ present.T) / (lengths[:, None] + lengths[None, :])
    np.fill_diagonal(weights, 0)
    return weights


def _without_repeats(ranking: Sequence[int], bags: Sequence[frozenset[str]]) -> list[int]:
    kept: list[int] = []
    for position in ranking:
        bag = bags[position]
        if all(len(bag & bags[other]) <= _REPEATED * max(1, min(len(bag), len(bags[other]))) for other in kept[:20]):
            kept.append(position)
    return kept
