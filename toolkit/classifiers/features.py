"""Articles to occurrences of words, word pairs, characters and character pairs.

There are two ways to the same counts. ``documents`` writes each article as two strings for scikit-learn's
CountVectorizer: the reference, used in training. ``Counter`` finds the terms of a batch with numpy: the fast path, used
ever after.
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

_POINTS = np.arange(0x10000, dtype=np.uint32)
_POINTS[list(_TABLE)] = [ord(letter) for letter in _TABLE.values()]

_WORD = re.compile(r"[\u4e00-\u9fffa-z0-9]")
_HAN_FIRST, _HAN_LAST = 0x4E00, 0x9FFF
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]+")
_BREAK = "|"  # stands where neighbours must not be paired; no term contains it
_REMEMBERED = 500_000  # words that are not in the vocabulary; beyond that a stream of spam could fill the memory


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

    def printed(self, article: Article) -> tuple[str, str]:
        """Return the title and the beginning of the text, as they are printed."""
        title = f"{article.title} {article.subtitle}" if article.subtitle else article.title
        return title, article.text[: self.lead_chars]


def documents(articles: Sequence[Article], reading: Reading, segmenter: Segmenter) -> tuple[list[str], list[str]]:
    """Return for each article its words, and its Chinese characters, as strings that CountVectorizer takes apart.

    Words are separated by blanks, runs of characters by blanks; the title is written ``title_weight`` times.
    """
    words, chars = [], []
    for article in articles:
        title, text = map(normalise, reading.printed(article))
        parts = [title] * reading.title_weight + [text]
        cut = [" ".join(word for word in segmenter.cut(part) if _WORD.match(word)) for part in parts]
        words.append(f" {_BREAK} ".join(cut))
        chars.append(" ".join(_NOT_HAN.sub(" ", part) for part in parts))
    return words, chars


def is_term(term: str, *, chars: bool) -> bool:
    """Say whether what CountVectorizer found is a term, and not a pair across a break."""
    return " " not in term if chars else _BREAK not in term.split(" ")


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces (words and punctuation) that the titles and texts of a batch were cut into, one after another.

    ``starts`` has one entry an article and one more: its pieces are ``texts[starts[i]:starts[i + 1]]``, of which those
    before ``text_starts[i]`` are the title's. Title and text each end in a line end.
    """

    texts: list[str]
    starts: np.ndarray
    text_starts: np.ndarray


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Occurrences of vocabulary terms in a batch: parallel arrays, one entry an occurrence.

    ``rows`` number the articles; ``columns`` the terms, words before characters; ``in_title`` is bool; ``first`` and
    ``second`` number the pieces that the occurrence begins and ends in.
    """

    rows: np.ndarray
    columns: np.ndarray
    in_title: np.ndarray
    first: np.ndarray
    second: np.ndarray
    pieces: Pieces


class _Found(NamedTuple):
    columns: np.ndarray
    first: np.ndarray
    second: np.ndarray


class _Index(NamedTuple):
    """Sorted codes of terms, and the column of each."""

    codes: np.ndarray
    columns: np.ndarray

    def find(self, codes: np.ndarray, first: np.ndarray, second: np.ndarray) -> _Found:
        """Keep those codes that are terms."""
        if not len(self.codes):
            return _nothing()
        at = np.searchsorted(self.codes, codes)
        at[at == len(self.codes)] = 0
        found = self.codes[at] == codes
        return _Found(self.columns[at[found]], first[found], second[found])


class _Table(NamedTuple):
    """The column of each single thing by its number, plus one; 0 for what is no term."""

    columns: np.ndarray

    def find(self, numbers: np.ndarray, place: np.ndarray) -> _Found:
        """Keep those numbers that are terms."""
        columns = self.columns[numbers]
        found = columns > 0
        return _Found(columns[found] - 1, place[found], place[found])


def _nothing() -> _Found:
    return _Found(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


class _Numbers(dict[str, int]):
    """Words by number, from 1; words that are in no term are 0, and what is no word is -1."""

    def __missing__(self, word: str) -> int:
        number = 0 if _WORD.match(word) else -1
        if len(self) < _REMEMBERED:
            self[word] = number
        return number


class Counter:
    """Finds the terms of a fixed vocabulary in batches of articles."""

    def __init__(
        self, word_terms: Sequence[str], char_terms: Sequence[str], reading: Reading, segmenter: Segmenter
    ) -> None:
        """Index the vocabulary: word terms (one word, or two separated by a blank), then character terms."""
        self.reading = reading
        self._cut = segmenter.cut
        words = [term.split(" ") for term in word_terms]
        lexicon = {word for term in words for word in term}
        self._numbers = _Numbers((word, number) for number, word in enumerate(lexicon, start=1))
        self._base = len(lexicon) + 1
        numbers = self._numbers
        self._words = _table({numbers[term[0]]: at for at, term in enumerate(words) if len(term) == 1}, self._base)
        pairs = {numbers[term[0]] * self._base + numbers[term[1]]: at for at, term in enumerate(words) if len(term) > 1}
        self._word_pairs = _index(pairs)
        chars = {at: term for at, term in enumerate(char_terms, start=len(word_terms))}
        self._chars = _table({ord(term): at for at, term in chars.items() if len(term) == 1}, 0x10000)
        self._char_pairs = _index(
            {(ord(term[0]) << 16) | ord(term[1]): at for at, term in chars.items() if len(term) > 1}
        )

    def find(self, articles: Sequence[Article]) -> Occurrences:
        """Find every occurrence of every term."""
        printed = [part for article in articles for part in self.reading.printed(article)]
        # One cut for the whole batch: a line end parts words wherever it stands.
        points, ends = _normalised_points(printed)
        texts = self._cut(points.tobytes().decode("utf-32-le", "surrogatepass"))
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        part_of = np.searchsorted(ends, np.cumsum(sizes) - sizes, side="right")
        place = np.repeat(np.arange(len(texts)), sizes)
        found = [*self._find_words(texts, part_of), *self._find_chars(points, place)]
        columns, first, second = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        starts = np.searchsorted(part_of, np.arange(len(printed) + 1))
        part = part_of[first]
        return Occurrences(part >> 1, columns, part & 1 == 0, first, second, Pieces(texts, starts[::2], starts[1::2]))

    def _find_words(self, texts: Sequence[str], part_of: np.ndarray) -> tuple[_Found, _Found]:
        numbers = np.fromiter(map(self._numbers.__getitem__, texts), dtype=np.int64, count=len(texts))
        # Punctuation does not part two words; the end of the title does.
        place = np.flatnonzero(numbers >= 0)
        numbers, part = numbers[place], part_of[place]
        first = np.flatnonzero((part[1:] == part[:-1]) & (numbers[1:] > 0) & (numbers[:-1] > 0))
        codes = numbers[first] * self._base + numbers[first + 1]
        return self._words.find(numbers, place), self._word_pairs.find(codes, place[first], place[first + 1])

    def _find_chars(self, points: np.ndarray, place: np.ndarray) -> tuple[_Found, _Found]:
        if not len(self._char_pairs.codes) and not self._chars.columns.any():
            return _nothing(), _nothing()
        han = (points >= _HAN_FIRST) & (points <= _HAN_LAST)
        single, first = np.flatnonzero(han), np.flatnonzero(han[:-1] & han[1:])
        codes = (points[first] << np.uint32(16)) | points[first + 1]
        return self._chars.find(points[single], place[single]), self._char_pairs.find(
            codes.astype(np.int64), place[first], place[first + 1]
        )


def _normalised_points(parts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the code points of all parts, normalised, each part closed by a line end, and where each part ends."""
    whole = "\n".join([*parts, ""])
    points = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = np.cumsum(np.array([len(part) + 1 for part in parts], dtype=np.int64))
    if len(points) and points.max() > 0xFFFF:
        return np.where(points > 0xFFFF, points, _POINTS[points & 0xFFFF]), ends
    return _POINTS[points], ends


def _table(columns: dict[int, int], size: int) -> _Table:
    table = np.zeros(size, dtype=np.int64)
    table[list(columns)] = np.array(list(columns.values()), dtype=np.int64) + 1
    return _Table(table)


def _index(columns: dict[int, int]) -> _Index:
    codes = np.array(list(columns), dtype=np.int64)
    order = np.argsort(codes, kind="stable")
    return _Index(codes[order], np.array(list(columns.values()), dtype=np.int64)[order])
