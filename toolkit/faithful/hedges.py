"""A hedge that the summary lost: what the article plans, expects, suspects or gives roughly, told as a fact."""

import re
from collections.abc import Iterator
from functools import cached_property

_NUMERAL = "[0-9一二三四五六七八九两十百千万]"
# 将 is none of them: people leave it out, and it is also the mark of an object (将车拖走).
_PLANNED = (
    "(?<![模草比虚代])拟(?![定态合于])|(?<![按该划新点旧项步作俘])计划(?!生育|单列|经济|任务|的|书|中)|打算"
    "|涉嫌|疑似|可能(?!性)|预计|有望|力争|争取|或将|即将"
)
_ROUGH = (
    f"(?<![附最接邻逼将])近(?={_NUMERAL})|约(?={_NUMERAL})|超过?(?={_NUMERAL})|至少(?={_NUMERAL})|不足(?={_NUMERAL})"
)
_HEDGE = re.compile(f"(?P<planned>{_PLANNED})|{_ROUGH}")
# Whatever makes a statement uncertain, or its opposite, in other words.
_UNSURE = re.compile(
    "拟|计划|打算|嫌|疑|可能|预|望|力争|争取|或|将|要|考虑|建议|目标|未|涉|定于|等待|准备|应|需|须|可|会|规划|提出|方案|承诺|推进|想|欲"
)
_ABOUT = re.compile(
    "约|过|近|超|破|逾|多|余|至少|最少|最多|不足|不到|不满|左右|以上|以下|上下|以内|将|几|限|最高|最低|预计"
)
_NUMBER = re.compile(rf"(?:[\d.]+[十百千万亿]*|{_NUMERAL}+)[^\d]")
_CLAUSE = re.compile(r"[^，。；！？：,;:!?\s]+")
_SENTENCE_ENDS = "。！？!?；;\n"
_KEY = 4  # characters after a hedge that tell what is uncertain; fewer at the end of a clause
_SHORTEST_KEY = 2
_WINDOW = 14  # characters before those words in which any hedge counts
_AFTER = 4


class Hedges:
    """What an article says only with a hedge."""

    def __init__(self, article: str) -> None:
        """Prepare a normal text."""
        self._text = article

    @cached_property
    def _keys(self) -> dict[str, bool]:
        """Map the words after a hedge to whether the hedge is about a number."""
        found = {}
        for clause in _CLAUSE.finditer(self._text):
            for match in _HEDGE.finditer(clause[0]):
                for key in _keys(clause[0], match):
                    if len(key) >= (_SHORTEST_KEY if match[0] == "涉嫌" else _SHORTEST_KEY + 1):
                        found[key] = not match["planned"]
        return found

    def lost_in(self, summary: str) -> Iterator[tuple[int, int]]:
        """Yield the spans of words that stand in the summary without a hedge and in the article never without one."""
        found: set[int] = set()
        for key, is_number in self._keys.items():
            start = summary.find(key)
            if (
                start < 0
                or start in found
                or _is_part_of_number(summary, start)
                or self._is_hedged(summary, start, key, is_number)
            ):
                continue
            places = [match.start() for match in re.finditer(re.escape(key), self._text)]
            if all(_has_hedge(self._text, place, key, is_number, _clause_start(self._text, place)) for place in places):
                found.add(start)
                yield start, start + len(key)

    @staticmethod
    def _is_hedged(summary: str, start: int, key: str, is_number: bool) -> bool:
        # 预计发送950万人次，加开31列: one hedge serves the sentence.
        begin = _clause_start(summary, start) if is_number else _sentence_start(summary, start)
        return _has_hedge(summary, start, key, is_number, begin)


def _keys(clause: str, hedge: re.Match[str]) -> Iterator[str]:
    """Yield what tells the hedged words: some characters, and a number with the start of its unit."""
    yield clause[hedge.end() : hedge.end() + _KEY]
    number = None if hedge["planned"] else _NUMBER.match(clause, hedge.end())
    if number:
        yield number[0]


def _has_hedge(text: str, start: int, key: str, is_number: bool, begin: int) -> bool:
    if not is_number:
        return bool(_UNSURE.search(text, begin, start))
    end = start + len(key)
    return bool(_ABOUT.search(text, max(begin, start - _WINDOW), start) or _ABOUT.search(text, end - 1, end + _AFTER))


def _is_part_of_number(text: str, start: int) -> bool:
    return start > 0 and text[start].isdigit() and (text[start - 1].isdigit() or text[start - 1] == ".")


def _clause_start(text: str, start: int) -> int:
    while start and text[start - 1] not in "，：, :" + _SENTENCE_ENDS:
        start -= 1
    return start


def _sentence_start(text: str, start: int) -> int:
    while start and text[start - 1] not in _SENTENCE_ENDS:
        start -= 1
    return start
