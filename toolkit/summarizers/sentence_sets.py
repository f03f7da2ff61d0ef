"""The sets of one to three whole sentences that may be a summary, and how well each would do.

Every set that fits is described by a few figures (where its sentences stand, how long they are, what they share with
the title and with one another); its score is their weighted sum. The weights come from ``training/sentence_sets.py``,
which learned them from abstracts that people wrote.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np

from toolkit.summarizers.select import complete_sentences, says_nothing, stands_alone
from toolkit.summarizers.textrank import bag_of_words, rank
from toolkit.types import Article

WEIGHTS = Path(__file__).with_name("sentence_sets.json")
READ = 14  # sentences from the start: of news, the rest is hardly ever in a summary, and the sets would be thousands
_MOST = 3  # sentences in a summary
_LONG = 110.0  # characters; only a scale
_STEPS = np.array([0.001, 0.3, 0.7, 1.3, 2.2])  # differences of scores, between the ranks of ``score_sentences``

_NUMBER = re.compile(r"\d+")
_SAYS = re.compile("表示|说|认为|介绍|称")
_WHEN = re.compile(r"\d+[月日]|昨天|今天|近日|日前")
_BACKGROUND = re.compile("近年来|为了?|随着|眼下|当前")  # within the first characters of a sentence
_BACKGROUND_WITHIN = 8
# 如今，这里…… and 像他这样…… point back, and a quotation wants to know who speaks and on what.
_LEANS = re.compile(r"“|(?:[^，。]{0,4}[，,])?(?:这里|这些|这个|这一|此次|像[他她它]们?)|[^，。]{0,4}像[他她它]这样")

SENTENCE_FIGURES = (
    "sentences",
    "first",
    "second",
    "log_position",
    "relative_position",
    "length",
    "length_squared",
    "has_number",
    "numbers",
    "title_words",
    "centrality",
    "shared_words",
    "quotation",
    "says",
    "when",
    "background",
    "reporter",
)
SET_FIGURES = ("filled", "filled_squared", "repeated_words", "neighbours")
_OPENING = ("says", "when", "background", "reporter", "quotation")  # of the first sentence of a set, once more
FIGURES = (*SENTENCE_FIGURES, *SET_FIGURES, *(f"opening_{name}" for name in _OPENING))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Sets of sentences: their positions in ``sentences``, and figures of shape (sets, len(FIGURES))."""

    sentences: list[str]
    sets: list[tuple[int, ...]]
    figures: np.ndarray

    def text(self, number: int) -> str:
        """Return the summary that a set makes."""
        return "".join(self.sentences[position] for position in self.sets[number])


def score_sets(article: Article, *, max_chars: int) -> dict[tuple[str, ...], float]:
    """Return every set, as its sentences, the best first, and how far each scores below that one: at most 0."""
    candidates = find_candidates(article, max_chars=max_chars)
    scores = candidates.figures @ _weights()
    order = np.argsort(-scores, kind="stable").tolist()
    return {
        tuple(candidates.sentences[place] for place in candidates.sets[number]): float(
            scores[number] - scores[order[0]]
        )
        for number in order
    }


def score_sentences(article: Article) -> dict[str, tuple[int, int]]:
    """Return for each sentence of the best sets at 110 characters how it does there: (chosen, rank).

    ``chosen`` is 2 for the first sentence of the best set, 1 for its others, 0 for the rest. ``rank`` goes from 5, for
    a sentence of the best set, to 0, by how much worse the best set with it is; a sentence in no set is missing.
    """
    candidates = find_candidates(article, max_chars=int(_LONG))
    if not candidates.sets:
        return {}
    scores = candidates.figures @ _weights()
    best = candidates.sets[int(np.argmax(scores))]
    top: dict[int, float] = {}
    for chosen, score in zip(candidates.sets, scores.tolist(), strict=True):
        for place in chosen:
            top[place] = max(score, top.get(place, -np.inf))
    highest = max(top.values())
    return {
        candidates.sentences[place]: (
            0 if place not in best else 2 if place == best[0] else 1,
            int(5 - np.searchsorted(_STEPS, highest - score)),
        )
        for place, score in top.items()
    }


def find_candidates(article: Article, *, max_chars: int) -> Candidates:
    """Return every set of up to three sentences within ``max_chars`` characters that reads by itself.

    A sentence that leans on the one before it comes with it or not at all; one that only announces or asks never comes.
    """
    sentences = complete_sentences(article)[:READ]
    standing = [stands_alone(sentence) and not _LEANS.match(sentence) for sentence in sentences]
    usable = [
        place for place, sentence in enumerate(sentences) if len(sentence) <= max_chars and not says_nothing(sentence)
    ]
    sets = [
        chosen
        for count in range(1, _MOST + 1)
        for chosen in combinations(usable, count)
        if sum(len(sentences[place]) for place in chosen) <= max_chars
        and all(standing[place] or place - 1 in chosen for place in chosen)
    ]
    if not sets:
        return Candidates(sentences, [], np.zeros((0, len(FIGURES))))
    return Candidates(sentences, sets, _figures_of_sets(article, sentences, sets, max_chars))


def _figures_of_sets(
    article: Article, sentences: Sequence[str], sets: Sequence[tuple[int, ...]], max_chars: int
) -> np.ndarray:
    bags = [bag_of_words(sentence) for sentence in sentences]
    single = _figures_of_sentences(article, sentences, bags)
    repeated = np.array([[_share(one, other) for other in bags] for one in bags])
    opening = [SENTENCE_FIGURES.index(name) for name in _OPENING]
    rows = np.empty((len(sets), len(FIGURES)))
    for row, chosen in zip(rows, sets, strict=True):
        places = list(chosen)
        filled = sum(len(sentences[place]) for place in chosen) / max_chars
        overlap = max((repeated[pair] for pair in combinations(chosen, 2)), default=0.0)
        neighbours = sum(after == before + 1 for before, after in zip(chosen, chosen[1:], strict=False))
        row[: len(SENTENCE_FIGURES)] = single[places].sum(axis=0)
        row[len(SENTENCE_FIGURES) :] = [filled, filled**2, overlap, neighbours, *single[places[0], opening]]
    return rows


def _figures_of_sentences(article: Article, sentences: Sequence[str], bags: Sequence[frozenset[str]]) -> np.ndarray:
    title = bag_of_words(article.title)
    counts = Counter(word for bag in bags for word in bag)
    centrality = np.empty(len(sentences))
    centrality[rank(bags)] = 1 - np.arange(len(sentences)) / len(sentences)
    rows = []
    for place, (sentence, bag) in enumerate(zip(sentences, bags, strict=True)):
        numbers, length = len(_NUMBER.findall(sentence)), len(sentence) / _LONG
        rows.append(
            [
                1.0,
                place == 0,
                place == 1,
                np.log1p(place),
                place / len(sentences),
                length,
                length**2,
                numbers > 0,
                min(numbers, 5) / 5,
                len(bag & title) / max(1, len(title)),
                centrality[place],
                sum(counts[word] - 1 for word in bag) / max(1, len(bag)),
                "“" in sentence,
                _SAYS.search(sentence) is not None,
                _WHEN.search(sentence) is not None,
                _BACKGROUND.search(sentence, 0, _BACKGROUND_WITHIN) is not None,
                "记者" in sentence,
            ]
        )
    return np.array(rows, dtype=float)


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


@cache
def _weights() -> np.ndarray:
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return np.array([weights[name] for name in FIGURES])
