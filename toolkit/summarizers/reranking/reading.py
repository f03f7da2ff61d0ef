"""An article as a reader of its summary would check it: what it told where, and what each sentence rests on."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from toolkit.residue import body_sentences
from toolkit.summarizers.textrank import bag_of_words, rank
from toolkit.types import Article

_WELL_KNOWN = 24  # sets, the best first; the others score alike
_READ = 80  # sentences from the start; a summary of a longer article hardly rests on the others
_CLAUSE = re.compile("[，；：。！？,;:!?]")
_OPENING_CHARS = 24  # of a first clause that are tagged
# These point back at what was said before: within a first clause, or at the start of a sentence.
_POINTS_BACK = re.compile(
    "本[案次届年月]|此|该|这|那[个些种时]|上述|[他她它]们?|其|双方|两人|三人|二人|后者|前者|同时|随后|接着|当时|当晚|当天|当日|目前|之后|还|也|又"
)
_LEANS = re.compile(
    "此|该|这|那|其|双方|两[人国]|[三二]人|随后|接着|当时|当[晚天日]|目前|之后|经[查询调]|在[^，]{0,12}[后时中]，|对此"
)
_DEMANDS = re.compile("要|必须|坚决|坚持|应当?|希望|愿|切实|不断|推动|加强|深入")
_ITEM = re.compile(
    r"[（(]?[0-9一二三四五六七八九十a-zA-Z]{1,2}[）)、.．]|[0-9]{1,2}(?![0-9年月日时点%％.])[一-鿿]|第[一二三四五]|[一二三]是|其[一二三]"
)
_END = "。！？"


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """A sentence of a summary, and the place in the article of the sentence that it rests on.

    ``joins`` counts its clauses that do not stand in the article so, and the further sentences that it draws on.
    ``opening`` holds the words of its first clause, ``tag`` the first letter of its first word's tag, or nothing.
    """

    text: str
    place: int
    joins: int
    words: frozenset[str]
    opening: frozenset[str]
    tag: str
    points_back: bool
    leans: bool
    demands: bool
    is_item: bool


class ArticleReading:
    """Reads the sentences of an article's summaries; the same sentence is read once."""

    def __init__(self, article: Article, sets: Mapping[tuple[str, ...], float]) -> None:
        """Read an article; ``sets`` are its sets of sentences, as ``score_sets`` gives them."""
        self._sentences = body_sentences(article)[:_READ]
        bags = [bag_of_words(sentence) for sentence in self._sentences]
        self.title = bag_of_words(article.title)
        self.counts = Counter(word for bag in bags for word in bag)
        self._first = {word: place for place in range(len(bags) - 1, -1, -1) for word in bags[place]}
        order = np.argsort(rank(bags)) if bags else np.zeros(0)
        self._centrality = (1 - order / max(1, len(bags))).tolist()
        self._pairs = [frozenset(zip(line, line[1:], strict=False)) for line in self._sentences]
        self._sets = sets
        self._low = min(islice(sets.values(), _WELL_KNOWN), default=0.0)
        self._read: dict[str, SentenceReading] = {}

    def centrality(self, place: int) -> float:
        """Return how central a sentence is, in (0, 1]; 1 is the most."""
        return float(self._centrality[place]) if self._centrality else 0.0

    def set_score(self, read: Sequence[SentenceReading]) -> float:
        """Return how far the set of sentences that a summary rests on scores below the best one: at most 0.

        What is no such set counts as a bad one.
        """
        places = sorted({sentence.place for sentence in read if sentence.place < len(self._sentences)})
        return max(self._low, self._sets.get(tuple(self._sentences[place] for place in places), self._low))

    def known(self, sentence: SentenceReading, told: frozenset[str]) -> tuple[float, float]:
        """Return which shares of a sentence's first clause the article had told before it, but ``told`` has not.

        The first is of words that are not in the title, the second of those that are.
        """
        opening = sentence.opening
        before = {word for word in opening - told if self._first.get(word, sentence.place) < sentence.place}
        from_title = len(before & self.title)
        return (len(before) - from_title) / max(1, len(opening)), from_title / max(1, len(opening))

    def sentence(self, text: str) -> SentenceReading:
        """Read a sentence of a summary."""
        if text not in self._read:
            self._read[text] = self._read_sentence(text)
        return self._read[text]

    def _read_sentence(self, text: str) -> SentenceReading:
        import rjieba

        place, joins = self._rests_on(text.rstrip(_END))
        first = _CLAUSE.split(text)[0]
        tags = rjieba.tag(first[:_OPENING_CHARS])
        return SentenceReading(
            text,
            place,
            joins,
            words=bag_of_words(text),
            opening=bag_of_words(first),
            tag=tags[0][1][0] if tags else "",
            points_back=_POINTS_BACK.search(first) is not None,
            leans=_LEANS.match(text) is not None,
            demands=_DEMANDS.match(text) is not None,
            is_item=_ITEM.match(text) is not None,
        )

    def _rests_on(self, text: str) -> tuple[int, int]:
        whole = self._find(text)
        if whole is not None:
            return whole, 0
        places: Counter[int] = Counter()
        joins = 0
        for clause in filter(None, _CLAUSE.split(text)):
            place = self._find(clause)
            joins += place is None
            places[self._most_alike(clause) if place is None else place] += len(clause)
        if not places:
            return 0, 0
        return places.most_common(1)[0][0], joins + len(places)

    def _find(self, text: str) -> int | None:
        return next((place for place, sentence in enumerate(self._sentences) if text in sentence), None)

    def _most_alike(self, clause: str) -> int:
        pairs = frozenset(zip(clause, clause[1:], strict=False))
        return max(range(len(self._pairs)), key=lambda place: len(pairs & self._pairs[place]), default=0)
