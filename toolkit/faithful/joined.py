"""Words side by side that the article keeps apart: what stood between was left out."""

import re
from collections.abc import Iterator, Sequence

from toolkit.faithful.names import SURNAMES, Name
from toolkit.faithful.words import Word

Span = tuple[int, int]
_OFFICE = re.compile("长|书记|主任|主席|经理|总裁|教授|委员|总统|总理|代表|院士|秘书")
_OFFICE_ENDS = "长记任席理裁授员统表士书"
_NAME_ENDS = re.compile("(?:局|委|法院|大学|学院|医院|公司|集团|银行|协会|学会|中学|小学|市|县|区|镇)$")
_NEAR = (30, 20)  # characters of the article before and after a person among which the office may stand
_LONGEST_PERSON = 3
_HAN = re.compile("[一-鿿]+")
_SEAM = 3  # characters on either side of a seam that the article has too
_ITEM = re.compile(rf"(?=([一-鿿]{{{_SEAM}}})、)")
_LEFT_OUT = "、[一-鿿]{1,6}?"


class Neighbours:
    """Which words an article sets side by side."""

    def __init__(self, article: str, persons: frozenset[str]) -> None:
        """Prepare a normal text without blanks and the names of persons in it."""
        self._text = article
        self._persons = persons
        self._items = frozenset(_ITEM.findall(article))

    def joined_in(self, summary: str, words: Sequence[Word], names: Sequence[Name]) -> Iterator[Span]:
        """Yield the spans of neighbours in ``summary`` that the article has only apart.

        Two persons (金玉珍许静); an office and a person, where the article gives it to others; and an item of a list
        with the rest of the next (北京大学附属中学 from 北京大学、清华大学附属中学).
        """
        found = {*self._joined_persons(words, names), *self._torn_persons(summary)}
        for place in range(_SEAM, len(summary) - 1):
            if summary[place - _SEAM : place] in self._items and self._is_seam(summary, place):
                found.add((place - _SEAM, place + _SEAM))
        yield from found

    def _joined_persons(self, words: Sequence[Word], names: Sequence[Name]) -> Iterator[Span]:
        before = {word.end: word.text for word in words}
        persons = [name for name in names if name.kind == "person" and len(name.text) <= _LONGEST_PERSON]
        ends = {person.end for person in persons}
        for person in persons:
            first = before.get(person.start, "")
            if (
                not first
                or first + person.text in self._text
                or not (first in self._text and person.text in self._text)
            ):
                continue
            if person.start in ends or self._is_office_of_another(first, person.text):
                yield person.start - len(first), person.end

    def _is_office_of_another(self, office: str, person: str) -> bool:
        """Say whether the article gives ``office`` to other persons and never comes near it when it names this one."""
        if not _OFFICE.search(office) or not any(office + other in self._text for other in self._persons):
            return False
        before, after = _NEAR
        return not any(
            office in self._text[max(0, match.start() - before) : match.end() + after]
            for match in re.finditer(re.escape(person), self._text)
        )

    def _torn_persons(self, summary: str) -> Iterator[Span]:
        """Yield the places where three characters before a person may be another, who always ends a clause or an item.

        The tags tear a name of rare characters: 金玉|珍.
        """
        for person in self._persons:
            start = summary.find(person)
            name = summary[max(0, start - _LONGEST_PERSON) : start]
            if len(name) == _LONGEST_PERSON and name[0] in SURNAMES and name in self._text and _HAN.fullmatch(name):
                has_office = re.search(f"[、，；。{_OFFICE_ENDS}]{name}", self._text)
                if has_office and not re.search(f"{name}(?![、，；。])", self._text):
                    yield start - len(name), start + len(person)

    def _is_seam(self, summary: str, place: int) -> bool:
        """Say whether the article has what is around ``place`` only with the start of a list's next item between."""
        left, right = summary[place - _SEAM : place], summary[place : place + _SEAM]
        if not _HAN.fullmatch(right) or right[0] in "等的" or _OFFICE.search(left):
            return False
        # 消防设备、设施运行 may well become 消防设备运行, but a name in a list is no attribute of what follows.
        is_piece = left[1:] + right[0] in self._text or left[-1] + right[:2] in self._text
        if is_piece and not _NAME_ENDS.search(left):
            return False
        if re.search(f"{left}(?!、)", self._text):
            return False
        return bool(re.search(f"{left}{_LEFT_OUT}{right}", self._text))
