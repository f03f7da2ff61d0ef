"""A torn candidate is mended: its torn sentences are trimmed, or the article's whole sentences take their place.

A sentence is torn where words are left out of a clause, or put into one. Of abstracts that were judged blind, those of
whole clauses were seldom torn to the reader; each tear made it likelier by about a fifth (CONTRIBUTING has the table).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from toolkit.summarizers.fragments import find_fragments
from toolkit.summarizers.pointer.bans import CLAUSE_ENDS, FINAL, MARKS
from toolkit.summarizers.pointer.search import words_of
from toolkit.summarizers.pointer.source import FIGURES, TAGS, PointerSource
from toolkit.summarizers.select import LEADS_ON, first_clauses, stands_alone

_FROM_START = list(FIGURES).index("from_sentence_start")
_SENTENCE, _TAG = list(FIGURES).index("sentence"), list(FIGURES).index("tag")
_LEANING = ("v", "vn", "a", "d", "p", "c", "u")  # tags of words that have their subject before them
_WAYS = ("trimmed", "whole")


@dataclass(frozen=True, slots=True)
class Mender:
    """Mends the candidates of one article; ``written`` are the words that can be written, ``max_chars`` the limit."""

    source: PointerSource
    written: Sequence[str]
    max_chars: int

    def is_whole(self, items: Sequence[int]) -> bool:
        """Say whether a candidate, items without marks, is neither torn nor ends a sentence in a fragment."""
        return not self.tears(items) and not find_fragments(self._text(items))

    def mend(self, items: Sequence[int]) -> list[tuple[int, ...]]:
        """Return a candidate as whole clauses: itself, or else what trimming it and replacing its sentences make.

        A sentence is trimmed to the clauses before its first tear. A whole sentence of the article is the one that most
        of the torn one's words stand in; one that is too long is cut after a clause, one that leans on another is left
        out.
        """
        if self.is_whole(items):
            return [tuple(items)]
        made = [self._mend(items, way) for way in _WAYS]
        return [found for found in dict.fromkeys(made) if found and self.is_whole(found)]

    def tears(self, items: Sequence[int]) -> list[int]:
        """Return before which items a clause is torn."""
        words, n, article = words_of(items, self.source, self.written), len(self.written), self.source.words
        found = []
        last = -1
        for at, (item, word) in enumerate(zip(items, words, strict=True)):
            place, before = item - n, words[at - 1] if at else "。"
            if word in MARKS:
                following = article[last + 1] if 0 <= last < len(article) - 1 else "。"
                torn = before not in MARKS and following not in (CLAUSE_ENDS if word in CLAUSE_ENDS else MARKS)
            elif place < 0:
                torn = bool(word.strip())
            elif before in MARKS:
                torn = place > 0 and (article[place - 1] not in MARKS or self._lost_its_subject(place, last, before))
                # What somebody said, or what happened when, is not what another clause says.
                led_on = at > 1 and LEADS_ON.search(words[at - 2]) is not None
                torn = torn or (led_on and before not in FINAL and place != last + 1)
            else:
                torn = place != last + 1
            if torn:
                found.append(at)
            last = place if place >= 0 else last
        return found

    def _lost_its_subject(self, place: int, last: int, mark: str) -> bool:
        """Say whether a clause that begins with its predicate stands where its sentence did not have it."""
        figures = self.source.figures
        if int(figures[place, _FROM_START]) == 0 or TAGS[min(int(figures[place, _TAG]), len(TAGS) - 1)] not in _LEANING:
            return False
        return mark in FINAL or figures[place, _SENTENCE] != figures[max(last, 0), _SENTENCE]

    def _mend(self, items: Sequence[int], way: str) -> tuple[int, ...]:
        tears, fragments = self.tears(items), find_fragments(self._text(items))
        words = words_of(items, self.source, self.written)
        offsets = np.cumsum([0, *map(len, words)]).tolist()
        kept: list[tuple[int, ...]] = []
        used: set[int] = set()
        for start, end in _sentences(words):
            bad = [at for at in range(start, end) if at in tears or offsets[at] in fragments]
            left = self.max_chars - sum(len(self._text(part)) for part in kept)
            sentence = tuple(items[start:end])
            if bad:
                number = self._comes_from(sentence)
                trimmed = self._trim(items[start : bad[0]]) if way == "trimmed" else ()
                sentence = trimmed or (self._whole(number, left) if number not in used else ())
                used.add(number)
            if len(self._text(sentence)) <= left:
                kept.append(sentence)
        return tuple(item for part in kept for item in part)

    def _trim(self, items: Sequence[int]) -> tuple[int, ...]:
        """Return the clauses that end within ``items``, closed with 。; empty if there is none that is whole."""
        words = words_of(items, self.source, self.written)
        for at in range(len(words) - 1, -1, -1):
            if words[at] in "，；":
                text = "".join(words[: at + 1])
                if first_clauses(text + "。", max_chars=len(text) + 1):
                    return self._closed(items[:at])
        return ()

    def _whole(self, number: int, max_chars: int) -> tuple[int, ...]:
        """Return a sentence of the article, or its first clauses where it is too long; empty if it cannot stand."""
        starts = self._starts()
        places = range(starts[number], (*starts, len(self.source.words))[number + 1])
        text = "".join(self.source.words[place] for place in places)
        items = [len(self.written) + place for place in places]
        if text[-1] not in FINAL or not stands_alone(text):
            return ()
        if len(text) <= max_chars:
            return tuple(items)
        length = len(first_clauses(text, max_chars=max_chars)) - 1
        ends = np.cumsum([len(self.source.words[place]) for place in places]).tolist()
        return self._closed(items[: ends.index(length) + 1]) if length in ends else ()

    def _closed(self, items: Sequence[int]) -> tuple[int, ...]:
        if "。" in self.written:
            return (*items, list(self.written).index("。"))
        return (*items, len(self.written) + self.source.words.index("。")) if "。" in self.source.words else ()

    def _comes_from(self, items: Sequence[int]) -> int:
        """Return the number of the article's sentence that most of the copied words stand in."""
        places = [item - len(self.written) for item in items if item >= len(self.written)]
        starts = self._starts()
        counts = Counter(int(np.searchsorted(starts, place, side="right")) - 1 for place in places)
        return counts.most_common(1)[0][0] if counts else 0

    def _starts(self) -> list[int]:
        found: list[int] = np.flatnonzero(self.source.figures[:, _FROM_START] == 0).tolist()
        return found

    def _text(self, items: Sequence[int]) -> str:
        return "".join(words_of(items, self.source, self.written))


def _sentences(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the sentences of a candidate start and end."""
    ends = [at + 1 for at, word in enumerate(words) if word in FINAL]
    if not ends or ends[-1] < len(words):
        ends.append(len(words))
    return list(zip([0, *ends[:-1]], ends, strict=True))
