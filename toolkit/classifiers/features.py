"""Articles to counts of words, word pairs, characters and character pairs.

There are two ways to the same counts. ``documents`` writes each article as two strings for scikit-learn's
CountVectorizer: the reference, used in training. ``Counter`` counts a batch with numpy: the fast path, used ever after.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from toolkit.types import Article
from toolkit.words import Segmenter

# Every replacement keeps the length, so a position in the normalised text is one in the article. Digits say that there
# is a number, not which. With the signs gone, jieba and rjieba cut alike: they differ only on Latin words and numbers
# joined by one of them.
_TABLE = {0x3000: " "} | {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
_TABLE |= {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_TABLE |= dict.fromkeys((*map(ord, "0123456789"), *range(0xFF10, 0xFF1A)), "0")
_TABLE |= dict.fromkeys((*map(ord, "._+#&%-"), *(ord(sign) + 0xFEE0 for sign in "._+#&%-")), " ")

_WORD = re.compile(r"[\u4e00-\u9fffa-z0-9]")
_HAN_FIRST, _HAN_LAST = 0x4E00, 0x9FFF
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]+")
_BREAK = "|"  # stands where neighbours must not be paired; no term contains it


def normalise(text: str) -> str:
    """Return text of the same length: half-width, lower case, every digit 0, the signs . _ + # & % - as blanks."""
    return text.translate(_TABLE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What of an article is read, and how its parts count.

    ``lead_chars`` is how many characters of the text are read; the title (with the subtitle) counts ``title_weight``
    times.
    """

    lead_chars: int
    title_weight: int

    def parts(self, article: Article) -> tuple[str, str]:
        """Return the normalised title and the normalised beginning of the text."""
        title = f"{article.title} {article.subtitle}" if article.subtitle else article.title
        return normalise(title), normalise(article.text[: self.lead_chars])


def documents(articles: Sequence[Article], reading: Reading, segmenter: Segmenter) -> tuple[list[str], list[str]]:
    """Return for each article its words, and its Chinese characters, as strings that CountVectorizer takes apart.

    Words are separated by blanks, runs of characters by blanks; the title is written ``title_weight`` times.
    """
    words, chars = [], []
    for article in articles:
        title, text = reading.parts(article)
        parts = [title] * reading.title_weight + [text]
        cut = [" ".join(word for word in segmenter.cut(part) if _WORD.match(word)) for part in parts]
        words.append(f" {_BREAK} ".join(cut))
        chars.append(" ".join(_NOT_HAN.sub(" ", part) for part in parts))
    return words, chars


def is_term(term: str, *, chars: bool) -> bool:
    """Say whether what CountVectorizer found is a term, and not a pair across a break."""
    return " " not in term if chars else _BREAK not in term.split(" ")


@dataclass(frozen=True, slots=True)
class Counts:
    """Occurrences of vocabulary terms in a batch: parallel arrays, one entry an occurrence.

    ``rows`` number the articles; ``columns`` the terms, words before characters; ``weights`` are the title weight or 1.
    ``words`` holds, for each article, the words of its title and of its text, for explanations.
    """

    rows: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    words: list[tuple[list[str], list[str]]]


@dataclass(frozen=True, slots=True)
class Spans:
    """Occurrences of terms in one article: parallel arrays, and the words that ``first`` and ``second`` number."""

    words: list[str]
    columns: np.ndarray
    first: np.ndarray
    second: np.ndarray
    weights: np.ndarray


class _Found(NamedTuple):
    columns: np.ndarray
    first: np.ndarray
    second: np.ndarray


class Counter:
    """Counts the terms of a fixed vocabulary in batches of articles."""

    def __init__(
        self, word_terms: Sequence[str], char_terms: Sequence[str], reading: Reading, segmenter: Segmenter
    ) -> None:
        """Index the vocabulary: word terms (one word, or two separated by a blank), then character terms."""
        self.reading = reading
        self._cut = segmenter.cut
        pairs = [term.partition(" ") for term in word_terms]
        lexicon = sorted({word for first, _, second in pairs for word in (first, second) if word})
        self._ids = {word: number for number, word in enumerate(lexicon, start=1)}
        # A term's code is its first word's number, times the base, plus the second's (0 for a single word).
        self._base = len(lexicon) + 1
        codes = [self._ids[first] * self._base + self._ids.get(second, 0) for first, _, second in pairs]
        self._word_codes, self._word_columns = _sorted(codes, 0)
        self._char_codes, self._char_columns = _sorted([_char_code(term) for term in char_terms], len(word_terms))

    def count(self, articles: Sequence[Article]) -> Counts:
        """Count every occurrence of every term."""
        parts = [part for article in articles for part in self.reading.parts(article)]
        cut = [self._cut(part) for part in parts]
        in_part = self._occurrences(parts, cut)
        part = in_part.first
        words = [(cut[at], cut[at + 1]) for at in range(0, len(cut), 2)]
        return Counts(part // 2, in_part.columns, self._weights(part), words)

    def spans(self, article: Article, cut: tuple[list[str], list[str]]) -> Spans:
        """Return every occurrence of a term in one article with the one or two words that it lies in.

        Words are numbered through title and text, punctuation included.
        """
        words = [*cut[0], *cut[1]]
        found = self._occurrences(self.reading.parts(article), cut, word_numbers=True)
        in_title = found.first < len(cut[0])
        weights = np.where(in_title, np.float64(self.reading.title_weight), 1.0)
        return Spans(words, found.columns, found.first, found.second, weights)

    def _weights(self, part: np.ndarray) -> np.ndarray:
        return np.where(part % 2 == 0, np.float64(self.reading.title_weight), 1.0)

    def _occurrences(self, parts: Sequence[str], cut: Sequence[Sequence[str]], *, word_numbers: bool = False) -> _Found:
        """Find every term; ``first`` and ``second`` say where its two halves stand: in which part, or in which word."""
        lengths = [len(words) for words in cut]
        word_place = np.arange(sum(lengths)) if word_numbers else np.repeat(np.arange(len(cut)), lengths)
        numbers, is_word = self._numbers(cut)
        part_of_word = np.repeat(np.arange(len(cut)), lengths)[is_word]
        words = self._find_words(numbers, part_of_word, word_place[is_word])
        sizes = [len(word) for words_of_part in cut for word in words_of_part]
        chars = self._find_chars(parts, np.repeat(word_place, sizes))
        return _Found(*(np.concatenate(pair) for pair in zip(words, chars, strict=True)))

    def _numbers(self, cut: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Return each word's lexicon number (0: unknown), and which of all pieces are words and not punctuation."""
        known = self._ids.get
        found = [
            -1 if number is None and not _WORD.match(word) else number or 0
            for words in cut
            for word in words
            for number in (known(word),)
        ]
        numbers = np.array(found, dtype=np.int64)
        is_word = numbers >= 0
        return numbers[is_word], is_word

    def _find_words(self, numbers: np.ndarray, part: np.ndarray, place: np.ndarray) -> _Found:
        # A pair needs two known words, in the same part.
        first = np.flatnonzero((part[1:] == part[:-1]) & (numbers[1:] > 0) & (numbers[:-1] > 0))
        codes = np.concatenate([numbers * self._base, numbers[first] * self._base + numbers[first + 1]])
        return _look_up(
            codes,
            np.concatenate([place, place[first]]),
            np.concatenate([place, place[first + 1]]),
            (self._word_codes, self._word_columns),
        )

    def _find_chars(self, parts: Sequence[str], place: np.ndarray) -> _Found:
        points = np.frombuffer("".join(parts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
        han = (points >= _HAN_FIRST) & (points <= _HAN_LAST)
        ends = np.cumsum([len(part) for part in parts])[:-1]
        joined = han[:-1] & han[1:]
        joined[ends[(ends > 0) & (ends < len(points))] - 1] = False  # the last of one part and the first of the next
        single, first = np.flatnonzero(han), np.flatnonzero(joined)
        codes = np.concatenate([points[single] << 16, (points[first] << 16) | points[first + 1]])
        return _look_up(
            codes,
            np.concatenate([place[single], place[first]]),
            np.concatenate([place[single], place[first + 1]]),
            (self._char_codes, self._char_columns),
        )


def _char_code(term: str) -> int:
    return (ord(term[0]) << 16) | (ord(term[1]) if len(term) > 1 else 0)


def _sorted(codes: Sequence[int], first_column: int) -> tuple[np.ndarray, np.ndarray]:
    array = np.array(codes, dtype=np.int64)
    order = np.argsort(array, kind="stable")
    return array[order], order + first_column


def _look_up(codes: np.ndarray, first: np.ndarray, second: np.ndarray, index: tuple[np.ndarray, np.ndarray]) -> _Found:
    known, columns = index
    if not len(known):
        return _Found(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    at = np.searchsorted(known, codes)
    at[at == len(known)] = 0
    found = known[at] == codes
    return _Found(columns[at[found]], first[found], second[found])
