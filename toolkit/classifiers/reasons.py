"""A linear model's log-odds as shares of the words of the article.

Terms overlap: 安全生产 is a word, a pair of words, four characters and three pairs of characters. Each occurrence of a
term is credited to the word it stands in, or half and half to the two words it begins and ends in, so that the shares
of all words add up, with the intercept, to the log-odds exactly.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

import numpy as np

from toolkit.classifiers.features import Occurrences, Reading
from toolkit.text import sentences
from toolkit.types import Article

_NAMEABLE = re.compile(r"[\u4e00-\u9fffa-z].")  # a single character or a number explains little on its own
_WORDS_SHOWN = 6
_SEARCHED_CHARS = 200  # beyond what was read, so that the last sentence is whole

Words = tuple[tuple[str, float], ...]


class Reasons:
    """The explanations of one scored batch, made when asked for."""

    def __init__(
        self,
        articles: Sequence[Article],
        found: Occurrences,
        reading: Reading,
        spoken: Callable[[np.ndarray], np.ndarray],
    ) -> None:
        """Take the batch, and what tells for a topic of each article what each occurrence adds to its log-odds."""
        self._articles = articles
        self._found = found
        self._reading = reading
        self._spoken = spoken

    def strongest(self, asked: np.ndarray) -> list[tuple[int, tuple[Words, str | None]]]:
        """Return, for each True of ``asked``, (articles, topics), row by row: the topic and what spoke for it.

        That is the words that spoke most, as they are printed, and the sentence that says most of them. Only words of
        two and more characters that speak for the topic are named. The sentence is the title where no sentence of the
        text speaks for the topic, and None where there is no title either.
        """
        reasons: dict[tuple[int, int], tuple[Words, str | None]] = {}
        left = asked.copy()
        # Each round explains one topic of every article that still has one: nearly all have but one.
        while left.any():
            topics = np.where(left.any(axis=1), left.argmax(axis=1), -1)
            shares = self.shares(topics)
            rows = np.flatnonzero(topics >= 0)
            for row in rows.tolist():
                reasons[row, int(topics[row])] = self._explain(row, shares)
            left[rows, topics[rows]] = False
        return [(topic, reasons[row, topic]) for row, topic in sorted(reasons)]

    def shares(self, topics: np.ndarray) -> np.ndarray:
        """Return what each piece of the batch adds to the log-odds of its article's topic; -1 asks for none."""
        halves = self._spoken(topics) / 2
        size = len(self._found.pieces.texts)
        first = np.bincount(self._found.first, halves, minlength=size)
        shares: np.ndarray = first + np.bincount(self._found.second, halves, minlength=size)
        return shares

    def _explain(self, row: int, all_shares: np.ndarray) -> tuple[Words, str | None]:
        pieces = self._found.pieces
        begin, end = int(pieces.starts[row]), int(pieces.starts[row + 1])
        texts, shares = pieces.texts[begin:end], all_shares[begin:end].tolist()
        totals: dict[str, float] = {}
        for text, share in zip(texts, shares, strict=True):
            if share:
                totals[text] = totals.get(text, 0.0) + share
        starts = list(accumulate(map(len, texts), initial=0))
        speaking = [text for text, total in totals.items() if total > 0 and _NAMEABLE.match(text)]
        speaking.sort(key=lambda text: (-totals[text], text))
        title, lead = self._reading.printed(self._articles[row])
        printed = f"{title}\n{lead}"
        words = []
        for text in speaking[:_WORDS_SHOWN]:
            start = starts[texts.index(text)]
            words.append((printed[start : start + len(text)], totals[text]))
        return tuple(words), self._sentence(self._articles[row], starts, shares, len(title) + 1)

    def _sentence(self, article: Article, starts: list[int], shares: list[float], offset: int) -> str | None:
        # said[n] is what the first n pieces say, so what a sentence says is a difference of two.
        said = list(accumulate(shares, initial=0.0))
        best, most = article.title or None, 0.0
        for sentence, begin in self._sentences(article):
            first = bisect_left(starts, begin + offset)
            last = min(bisect_left(starts, begin + offset + len(sentence)), len(shares))
            if said[last] - said[min(first, last)] > most:
                best, most = sentence, said[last] - said[min(first, last)]
        return best

    def _sentences(self, article: Article) -> Iterator[tuple[str, int]]:
        text = article.text[: self._reading.lead_chars + _SEARCHED_CHARS]
        at = 0
        for sentence in sentences(text):
            begin = text.find(sentence, at)
            at = begin + len(sentence)
            yield sentence, begin
