"""A linear model's log-odds as shares of the words of the article.

Terms overlap: 安全生产 is a word, a pair of words, four characters and three pairs of characters. Each occurrence of a
term is credited to the word it stands in, or half and half to the two words it spans, so that the shares of all words,
with the intercept, add up to the log-odds exactly.
"""

from collections.abc import Sequence

import numpy as np

from toolkit.classifiers.features import Counter, Counts
from toolkit.text import sentences
from toolkit.types import Article

_WORDS_SHOWN = 6
_SEARCHED_CHARS = 200  # beyond what was read, so that the last sentence is whole

Words = tuple[tuple[str, float], ...]


class WordShares:
    """The explanations of one scored batch, made when asked for."""

    def __init__(self, articles: Sequence[Article], counts: Counts, values: np.ndarray, counter: Counter) -> None:
        """Take the batch, its occurrences and their values."""
        self._articles = articles
        self._counts = counts
        self._values = values
        self._counter = counter

    def strongest(self, row: int, coefficients: np.ndarray) -> tuple[Words, str | None]:
        """Return the words that spoke most for a topic, and the sentence that says most of them.

        Args:
            row: which article.
            coefficients: the topic's, one a term, in log-odds.
        """
        placed, shares = self.shares(row, coefficients)
        totals: dict[str, float] = {}
        for (word, _), share in zip(placed, shares.tolist(), strict=True):
            totals[word] = totals.get(word, 0.0) + share
        ordered = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        words = tuple((word, share) for word, share in ordered[:_WORDS_SHOWN] if share > 0)
        return words, self._sentence(row, placed, shares)

    def shares(self, row: int, coefficients: np.ndarray) -> tuple[list[tuple[str, int]], np.ndarray]:
        """Return the article's words as they are printed, with their position in the text, and their shares.

        Words of the title come first, at position -1.
        """
        article, cut = self._articles[row], self._counts.words[row]
        title = f"{article.title} {article.subtitle}" if article.subtitle else article.title
        placed = [(title[start : start + len(word)], -1) for word, start in _starts(cut[0])]
        placed += [(article.text[start : start + len(word)], start) for word, start in _starts(cut[1])]
        spans = self._counter.spans(article, cut)
        spoken = coefficients[spans.columns] * spans.weights * self._unit_values(row)[spans.columns] / 2
        ends = np.concatenate([spans.first, spans.second])
        return placed, np.bincount(ends, np.concatenate([spoken, spoken]), len(placed))

    def _unit_values(self, row: int) -> np.ndarray:
        """Return the value of one occurrence of weight 1 of each term; 0 for terms that the article lacks."""
        here = self._counts.rows == row
        unit = np.zeros(int(self._counts.columns.max(initial=0)) + 1)
        unit[self._counts.columns[here]] = self._values[here] / self._counts.weights[here]
        return unit

    def _sentence(self, row: int, placed: Sequence[tuple[str, int]], shares: np.ndarray) -> str | None:
        article = self._articles[row]
        text = article.text[: self._counter.reading.lead_chars + _SEARCHED_CHARS]
        best, most, at = None, 0.0, 0
        positions = np.array([start for _, start in placed])
        for sentence in sentences(text):
            begin = text.find(sentence, at)
            at = max(begin, at) + len(sentence)
            said = float(shares[(positions >= begin) & (positions < at)].sum())
            if said > most:
                best, most = sentence, said
        return best if best is not None else (article.title or None)


def _starts(words: Sequence[str]) -> list[tuple[str, int]]:
    found, at = [], 0
    for word in words:
        found.append((word, at))
        at += len(word)
    return found
