"""What the characters of an article said for a topic, as words and a sentence."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from toolkit.text import sentences
from toolkit.words import cut

_NAMEABLE = re.compile(r"[\u4e00-\u9fffA-Za-z].")  # a single character or a number explains little on its own
_WORDS_SHOWN = 6

Words = tuple[tuple[str, float], ...]


def strongest(title: str, text: str, shares: Sequence[np.ndarray]) -> tuple[Words, str | None]:
    """Return the words that spoke most for a topic, and the sentence that says most of them.

    Args:
        title: the title as it was read.
        text: the text, at least as far as it was read.
        shares: for title and text, what each character added to the log-odds; an array may end before its part does.

    Returns:
        Up to six words of two and more characters with a positive share, the largest first; and a sentence, the title
        where no sentence of the text speaks for the topic, None where there is no title either.
    """
    totals: dict[str, float] = {}
    for part, part_shares in zip((title, text), shares, strict=True):
        said = _running(part_shares)
        at = 0
        for word in cut(part[: len(part_shares)]):
            end = min(at + len(word), len(part_shares))
            if _NAMEABLE.match(word):
                totals[word] = totals.get(word, 0.0) + float(said[end] - said[at])
            at = end
    speaking = sorted((word for word, total in totals.items() if total > 0), key=lambda word: (-totals[word], word))
    return tuple((word, totals[word]) for word in speaking[:_WORDS_SHOWN]), _sentence(title, text, shares[1])


def _sentence(title: str, text: str, shares: np.ndarray) -> str | None:
    said = _running(shares)
    best, most = title or None, 0.0
    for sentence, begin in _placed_sentences(text):
        if begin >= len(shares):
            break
        total = float(said[min(begin + len(sentence), len(shares))] - said[begin])
        if total > most:
            best, most = sentence, total
    return best


def _placed_sentences(text: str) -> Iterator[tuple[str, int]]:
    at = 0
    for sentence in sentences(text):
        begin = text.find(sentence, at)
        at = begin + len(sentence)
        yield sentence, begin


def _running(shares: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(shares)])
