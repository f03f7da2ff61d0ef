"""What the pointer network reads of an article: its words, and small whole numbers that describe each."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from toolkit.residue import body_sentences
from toolkit.summarizers.select import stands_alone
from toolkit.summarizers.sentence_sets import score_sentences
from toolkit.summarizers.textrank import rank_sentences
from toolkit.types import Article

MAX_CHARS = 700  # about 450 tokens: what the encoder reads at once
_FROM_START = 0.7  # share of the window that the beginning of a longer article fills
_BUCKETS = np.array([1, 2, 3, 4, 6, 9, 14, 21])  # of distances in words
_SENTENCES = 16
_PLACE_SUFFIX = "省市县区镇乡村州"
_CONTAINS_DIGIT = re.compile(r"[0-9０-９]")
_LATIN = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ]")
# Each mark has a kind of its own; what is no word and none of these shares one.
_MARKS = {mark: kind for kind, mark in enumerate("。，、；：“”《》（）！？", start=4)}
_HANZI, _DIGITS, _LATIN_WORD, _OTHER = range(4)
TAGS = ("n", "nr", "ns", "nt", "nz", "v", "vn", "a", "d", "m", "q", "r", "p", "c", "u", "f", "t")
_END = re.compile("[。！？!?…”]$")

# How many values each figure of a word can take.
FIGURES = {
    "sentence": _SENTENCES,
    "from_sentence_start": len(_BUCKETS) + 1,
    "to_clause_end": len(_BUCKETS) + 1,
    "from_clause_start": len(_BUCKETS) + 1,
    "kind": 4 + len(_MARKS),
    "in_title": 3,
    "count": 4,
    "length": 4,
    "tag": len(TAGS) + 1,
    "stands_alone": 2,
    "extractive": 3,
    "extractive_rank": 6,
}


@dataclass(frozen=True, slots=True)
class PointerSource:
    """The words that may be pointed at.

    ``figures`` is uint8 of shape (words, len(FIGURES)); ``number`` says of each word whether it is a numeral; ``part``
    is True where the article is longer than what is read.
    """

    words: tuple[str, ...]
    figures: np.ndarray
    number: np.ndarray
    part: bool


def read_source(article: Article, *, use_title: bool = True) -> PointerSource:
    """Return the words of an article's running text, as many whole sentences as fit into ``MAX_CHARS`` characters.

    Of a longer text, those are the first, and of the rest the ones that TextRank likes best, in the order of the text.
    """
    sentences = body_sentences(article)
    kept = _fill_window(sentences)
    tagged = [_tag(sentences[place]) for place in kept]
    words = [word for sentence in tagged for word, _ in sentence]
    title = set(_words(article.title)) if use_title and article.title else None
    ranks = score_sentences(article if use_title else _without_title(article))
    rows = _rows(tagged, Counter(words), title, [ranks.get(sentences[place], (0, 0)) for place in kept])
    figures = np.array(rows, dtype=np.uint8).reshape(len(words), len(FIGURES))
    number = np.array([tag == "m" or bool(_CONTAINS_DIGIT.search(word)) for line in tagged for word, tag in line], bool)
    return PointerSource(tuple(words), figures, number, len(kept) < len(sentences))


def _without_title(article: Article) -> Article:
    return Article(id=article.id, title="", text=article.text, source=article.source)


def _fill_window(sentences: Sequence[str]) -> list[int]:
    left = MAX_CHARS
    kept: list[int] = []
    fits = sum(map(len, sentences)) <= left
    for place, sentence in enumerate(sentences):
        if len(sentence) > left or (not fits and left < MAX_CHARS * (1 - _FROM_START)):
            break
        kept.append(place)
        left -= len(sentence)
    if not kept and sentences:
        return [0]
    if len(kept) < len(sentences):
        for place in rank_sentences(sentences):
            if place not in kept and len(sentences[place]) <= left:
                kept.append(place)
                left -= len(sentences[place])
    return sorted(kept)


def _tag(sentence: str) -> list[tuple[str, str]]:
    import rjieba

    found: list[tuple[str, str]] = []
    for word, tag in rjieba.tag(sentence[:MAX_CHARS]):
        # 四川省 is often shortened to 四川: both of its parts can be pointed at.
        if tag == "ns" and len(word) > 2 and word[-1] in _PLACE_SUFFIX:
            found += [(word[:-1], tag), (word[-1], "n")]
        else:
            found.append((word, tag))
    return found


def _words(text: str) -> list[str]:
    return [word for word, _ in _tag(text) if len(word) > 1]


def _rows(
    tagged: Sequence[Sequence[tuple[str, str]]],
    counts: Counter[str],
    title: set[str] | None,
    ranks: Sequence[tuple[int, int]],
) -> list[list[int]]:
    rows = []
    for place, (sentence, (chosen, rank)) in enumerate(zip(tagged, ranks, strict=True)):
        ends = [at for at, (word, _) in enumerate(sentence) if word in "，。；！？："] or [len(sentence) - 1]
        alone = int(stands_alone("".join(word for word, _ in sentence)))
        start = 0
        for at, (word, tag) in enumerate(sentence):
            end = next((mark for mark in ends if mark >= at), len(sentence) - 1)
            rows.append(
                [
                    min(place, _SENTENCES - 1),
                    _bucket(at),
                    _bucket(end - at),
                    _bucket(at - start),
                    _kind(word),
                    2 if title is None else int(word in title),
                    min(counts[word], 4) - 1,
                    min(len(word), 4) - 1,
                    _tag_number(tag),
                    alone,
                    chosen,
                    rank,
                ]
            )
            if at in ends:
                start = at + 1
    return rows


def _bucket(distance: int) -> int:
    return int(np.searchsorted(_BUCKETS, distance, side="right"))


def _kind(word: str) -> int:
    if word in _MARKS:
        return _MARKS[word]
    if _CONTAINS_DIGIT.search(word):
        return _DIGITS
    if _LATIN.search(word):
        return _LATIN_WORD
    return _HANZI if "一" <= word[0] <= "鿿" else _OTHER


def _tag_number(tag: str) -> int:
    if tag in TAGS:
        return TAGS.index(tag)
    return TAGS.index(tag[0]) if tag[:1] in TAGS else len(TAGS)
