"""What a reader notices in a summary, as numbers: what its sentences lean on, where they stand, how they begin."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from toolkit.summarizers.fragments import find_fragments
from toolkit.summarizers.reranking.reading import ArticleReading, SentenceReading
from toolkit.text import sentences
from toolkit.types import Article

_SPEAKS = re.compile("表示|说|认为|介绍|称")
_WHEN = re.compile(r"\d+[月日]|昨天|今天|近日|日前")
_BACKGROUND = re.compile("近年来|为了?|随着|眼下|当前")
_BACKGROUND_WITHIN = 8  # characters from the start
_QUOTED = re.compile("“[^”]*”")
_FIRST_PERSON = re.compile("我|咱|笔者|小编|你|您|大家|亲们|本[局院校报台公司]")
_ODD = re.compile(r"[~～#@…•·■▼★◎|｜<>＞\[\]【】_]|\.\.|https?|www")
_PAGE_WORDS = re.compile("小编|图[:：]|图为|原标题|来源|点击|关注|转载|微信|扫码|记者|编辑|讯|QQ|热线|电话")
_LATIN = re.compile("[A-Za-z]{2,}")
_LONG_NUMBER = re.compile(r"\d{7,}")
_MARKS = re.compile("[，；：。！？、,;:!? “”《》（）()]")
_OPENING_TAGS = (
    "v",
    "p",
    "r",
    "m",
    "t",
    "n",
)  # verbs, prepositions, pronouns, numerals, times, nouns
_ADVERBS = "dcau"
_NO_SUBJECT = "vpdcau"
_MOST_JOINS = 6

FIGURES = (
    # Length.
    "sentences",
    "filled",
    "filled_squared",
    "shortest_sentence",
    "last_sentence",
    "longest_run",
    # Where it stands in the article.
    "log_place",
    "is_first",
    "is_second",
    "mean_place",
    "gaps",
    # What it tells of the title and the whole.
    "title_words",
    "title_share",
    "opening_title_words",
    "centrality",
    "shared_words",
    "set_score",
    # What it takes for known, though only the article told it.
    "opening_known",
    "opening_known_from_title",
    "opening_new",
    "later_known",
    "later_known_from_title",
    "opening_points_back",
    "later_points_back",
    "opening_leans",
    "later_leans",
    # How its sentences begin.
    "opening_demands",
    "later_demands",
    "items",
    "when",
    "background",
    *(f"opens_with_{tag}" for tag in _OPENING_TAGS),
    "opens_with_adverb",
    "later_without_subject",
    # Marks and words that a printed summary seldom has.
    "first_person",
    "exclamations",
    "questions",
    "odd_marks",
    "page_words",
    "latin",
    "long_number",
    "speaks",
    "quotation",
    # What was joined or cut off.
    "joins",
    "fragments",
)


def read_figures(
    article: Article, texts: Sequence[str], sets: Mapping[tuple[str, ...], float], *, max_chars: int
) -> np.ndarray:
    """Return what is seen of each summary of an article, none of them empty: (len(texts), len(FIGURES)).

    ``sets`` are the article's sets of sentences, as ``score_sets`` gives them; ``max_chars`` is the limit that the
    summaries were written under.
    """
    reading = ArticleReading(article, sets)
    return np.array([_figures(reading, text, max_chars) for text in texts], dtype=float).reshape(-1, len(FIGURES))


def _figures(reading: ArticleReading, text: str, max_chars: int) -> list[float]:
    read = [reading.sentence(sentence) for sentence in sentences(text)]
    return [
        *_length(text, read, max_chars),
        *_places(read),
        *_content(reading, text, read),
        *_known(reading, read),
        *_beginnings(read),
        *_style(text),
        float(min(_MOST_JOINS, sum(sentence.joins for sentence in read))),
        float(len(find_fragments(text))),
    ]


def _length(text: str, read: Sequence[SentenceReading], max_chars: int) -> list[float]:
    filled = len(text) / max_chars
    longest = max(map(len, _MARKS.split(text)))
    return [
        len(read),
        filled,
        filled**2,
        min(len(sentence.text) for sentence in read) / 30,
        len(read[-1].text) / 50,
        longest / 20,
    ]


def _places(read: Sequence[SentenceReading]) -> list[float]:
    places = [sentence.place for sentence in read]
    gaps = places[-1] - places[0] - len(places) + 1
    return [float(np.log1p(places[0])), places[0] == 0, places[0] == 1, sum(places) / len(places) / 10, gaps / 10]


def _content(reading: ArticleReading, text: str, read: Sequence[SentenceReading]) -> list[float]:
    words, title = frozenset().union(*(sentence.words for sentence in read)), reading.title
    told = len(words & title)
    return [
        told / max(1, len(title)),
        told / max(1, len(words)),
        len(read[0].words & title) / max(1, len(title)),
        sum(reading.centrality(sentence.place) for sentence in read) / len(read),
        sum(max(0, reading.counts[word] - 1) for word in words) / max(1, len(words)),
        reading.set_score(read),
    ]


def _known(reading: ArticleReading, read: Sequence[SentenceReading]) -> list[float]:
    opening, *others = read
    told = opening.words
    later = [0.0, 0.0]
    for sentence in others:
        shares = reading.known(sentence, told)
        later = [max(before, now) for before, now in zip(later, shares, strict=True)]
        told |= sentence.words
    known, from_title = reading.known(opening, frozenset())
    return [
        known,
        from_title,
        1 - known - from_title,
        *later,
        opening.points_back,
        any(sentence.points_back for sentence in others),
        opening.leans,
        any(sentence.leans for sentence in others),
    ]


def _beginnings(read: Sequence[SentenceReading]) -> list[float]:
    opening, *others = read
    return [
        opening.demands,
        sum(sentence.demands for sentence in others),
        sum(sentence.is_item for sentence in read),
        _WHEN.search(opening.text) is not None,
        _BACKGROUND.search(opening.text, 0, _BACKGROUND_WITHIN) is not None,
        *(opening.tag == tag for tag in _OPENING_TAGS),
        opening.tag in _ADVERBS,
        sum(sentence.tag in _NO_SUBJECT for sentence in others),
    ]


def _style(text: str) -> list[float]:
    return [
        _FIRST_PERSON.search(_QUOTED.sub("", text)) is not None,
        text.count("！") + text.count("!"),
        text.count("？") + text.count("?"),
        len(_ODD.findall(text)),
        len(_PAGE_WORDS.findall(text)),
        len(_LATIN.findall(text)),
        _LONG_NUMBER.search(text) is not None,
        _SPEAKS.search(text) is not None,
        "“" in text,
    ]
