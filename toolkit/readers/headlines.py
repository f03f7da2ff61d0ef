"""Headline lines to title, subtitle and kicker: which line break was the printer's, which the editor's.

Every place where a headline was broken (a space, a line end, a blank line) is one of three things: a wrap, to be
mended; the pause between the two halves of one headline, kept as one space; or the step from the title to the
subtitle. All ways to read a headline are scored by the logarithm of how likely newspapers are to print them so.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from toolkit.readers.lines import Line, display_width
from toolkit.readers.seams import pause_odds

_MOST_SEAMS = 6  # 3 ** 6 readings; real headlines hold one to four seams
_MEND, _PAUSE, _STEP = "", " ", "\n"
_READING = (_MEND, _PAUSE, _STEP)

# What a break of each kind is, on a page of which nothing else is known yet. These shares and the weights below were
# searched for on generated pages (tests/page_generator.py and another generator of other articles).
_BREAK = {
    " ": {_MEND: 0.2, _PAUSE: 0.737, _STEP: 0.063},
    "\n": {_MEND: 0.497, _PAUSE: 0.133, _STEP: 0.37},
    "\n\n": {_MEND: 0.016, _PAUSE: 0.011, _STEP: 0.973},
}
_HABIT_SEAMS = 3.3  # the breaks of the page outweigh these shares as soon as there are more of them
_ROUNDS = 3  # of learning the page's habits; they change little after the second
# The seam model is fitted on as many pauses as cuts; where a dump breaks there are more pauses. Generated pages alone
# would have it at 1.8; a headline of the one real page at hand is read rightly only below that.
_BIAS = 1.5
_UNUSUAL_GAP = 1.87  # a page sets subtitle and byline off alike: both with a blank line or both without
_GENRE_STEP = 3.0
_SHARED_WORD = 0.42  # a subtitle says again what the headline is about; the second half of a headline does not
_STOP_INSIDE = 1.5  # a half that has a stop inside needs no space for a pause
_EXTRA_PAUSE = 3.2  # headlines of three parts are rare
# Width of titles and subtitles in Chinese characters: mean and deviation.
_TITLE = 14.3, 5.1
_SUBTITLE = 16.7, 3.5

_STOPS = re.compile(r"[？！：，?!:,](?=[^ ”’》）)])")
_KICKER_DASH = re.compile(r"^(?:—|―|–|-{2}|─)+\s*")
_KICKER_BEFORE = re.compile(r"^(?:[【〔\[［].{2,14}[】〕\]］]|[^“”《》]{2,12}[·•][^“”《》]{1,12}|.{4,24}(?:——|—))$")
# The name of a column, without any mark: 新春走基层, 记者观察.
_KICKER_LABEL = re.compile(
    r"^(?=[\u3400-\u9fff]{3,7}$).*(?:走基层|观察|调查|直通车|聚焦|关注|视点|看点|热点|焦点|特写|纪实|手记|访谈|对话|时评|快评|短评|论坛"
    r"|讲述|故事|风采|人物|追踪|播报|速递|传真|在线|现场|解读|问政|进行时|专栏|专题|系列|两会|新征程|新气象|榜样|先锋)"
)
# Subtitles that give the kind of the piece: 记全国劳模某某, 换届选举见闻.
_GENRE = re.compile(
    r"^(?:记|访|追忆|写在|来自|探访)|(?:侧记|见闻|手记|纪实|纪事|综述|掠影|剪影|观察|札记|速写|纪略|随笔)$"
)


_Habits = dict[str, dict[str, float]]  # kind of break -> what it is -> share


@dataclass(frozen=True, slots=True)
class Head:
    """The headline of one article."""

    title: str = ""
    subtitle: str | None = None
    kicker: str | None = None


@dataclass(frozen=True, slots=True)
class HeadLines:
    """The lines above one article, the beginning of its body, and the number of blank lines between them."""

    lines: Sequence[Line]
    body: str
    gap: int = 1


def read_heads(page: Sequence[HeadLines]) -> list[Head]:
    """Tell title, subtitle and kicker apart in the headlines of one page.

    What breaks of a kind mostly are on this page is learned from all its headlines: one paper wraps them at line ends,
    another leaves a space there.
    """
    taken = [_take_kicker(list(head.lines)) for head in page]
    broken = [_break_up(lines, head) for (_, lines), head in zip(taken, page, strict=True)]
    habits: _Habits = _BREAK
    for _ in range(_ROUNDS):
        habits = _learn(broken, habits)
    readings = [max(one.score_all(habits), key=lambda pair: pair[1])[0] for one in broken]
    return [_head(one, reading, kicker) for one, reading, (kicker, _) in zip(broken, readings, taken, strict=True)]


def _learn(broken: Sequence["_Broken"], habits: "_Habits") -> "_Habits":
    """Count what the breaks of each kind are, every reading as far as it is likely."""
    seams = Counter(kind for one in broken for kind in one.kinds)
    counts = {kind: {joint: _HABIT_SEAMS * share for joint, share in shares.items()} for kind, shares in _BREAK.items()}
    for one in broken:
        scored = list(one.score_all(habits))
        best = max(score for _, score in scored)
        weights = [math.exp(score - best) for _, score in scored]
        for (reading, _), weight in zip(scored, weights, strict=True):
            for kind, joint in zip(one.kinds, reading, strict=True):
                # One break is no habit: it would only confirm itself.
                counts[kind][joint] += weight / sum(weights) if seams[kind] > 1 else 0.0
    return {
        kind: {joint: count / sum(shares.values()) for joint, count in shares.items()}
        for kind, shares in counts.items()
    }


def _head(broken: "_Broken", reading: Sequence[str], kicker: str | None) -> Head:
    if not broken.pieces:
        return Head(kicker=kicker)
    title, _, subtitle = _join(broken.pieces, reading).partition(_STEP)
    return Head(title, subtitle or None, kicker)


class _Broken:
    """A headline as it was broken; ``usual`` is how this headline is set off from what stands below it."""

    def __init__(self, pieces: Sequence[str], kinds: Sequence[str], body: str, usual: str) -> None:
        """Score every reading by the words; what the breaks mostly are on the page comes later."""
        self.pieces = pieces
        self.kinds = kinds
        self._body = body
        self._usual = usual
        self._odds: dict[tuple[int, int, int], float] = {}
        readings = (one for one in product(_READING, repeat=len(kinds)) if one.count(_STEP) < 2)
        self._scores = [(reading, self._score(reading) if pieces else 0.0) for reading in readings]

    def score_all(self, habits: _Habits) -> Iterator[tuple[tuple[str, ...], float]]:
        """Yield every reading with the logarithm of how likely it is."""
        for reading, score in self._scores:
            shares = (habits[kind][joint] for kind, joint in zip(self.kinds, reading, strict=True))
            yield reading, score + sum(map(math.log, shares))

    def _score(self, reading: Sequence[str]) -> float:
        score = 0.0
        for number, (kind, joint) in enumerate(zip(self.kinds, reading, strict=True)):
            odds = _BIAS + self._pause_odds(number, reading)
            score -= math.log1p(math.exp(odds if joint == _MEND else -odds))
            score -= _UNUSUAL_GAP if joint == _STEP and kind != self._usual else 0.0
        title, _, subtitle = _join(self.pieces, reading).partition(_STEP)
        score += _likely(title, _TITLE)
        if not subtitle:
            return score
        shared = any(one + two in title for one, two in pairwise(subtitle) if one > "\u3400")
        return (
            score
            + _likely(subtitle, _SUBTITLE)
            + (_GENRE_STEP if _GENRE.search(subtitle) else 0.0)
            + (_SHARED_WORD if shared else 0.0)
        )

    def _pause_odds(self, at: int, reading: Sequence[str]) -> float:
        """Look at the seam between the phrases that this reading makes of the pieces on both sides."""
        start, end = at, at + 1
        while start > 0 and reading[start - 1] == _MEND:
            start -= 1
        while end < len(reading) and reading[end] == _MEND:
            end += 1
        if (start, at, end) not in self._odds:
            left, right = "".join(self.pieces[start : at + 1]), "".join(self.pieces[at + 1 : end + 1])
            self._odds[start, at, end] = pause_odds(left, right, self._body)
        return self._odds[start, at, end]


def _break_up(lines: Sequence[Line], head: HeadLines) -> _Broken:
    pieces, kinds = _pieces(lines)
    return _Broken(pieces, kinds, head.body, "\n\n" if head.gap else "\n")


def _take_kicker(lines: list[Line]) -> tuple[str | None, list[Line]]:
    """Take the line that begins with —— (and what follows it), or a column's name before the title."""
    lines = [part for line in lines for part in _cut_dash(line)]
    for number, line in enumerate(lines):
        if _KICKER_DASH.match(line.text) and number > 0:
            return "".join(one.text for one in lines[number:]), lines[:number]
        if _KICKER_DASH.match(line.text) and len(lines) > 1:
            return line.text, lines[1:]
    if len(lines) > 1 and (_KICKER_BEFORE.match(lines[0].text) or _is_label(lines[0].text, lines[1].text)):
        return lines[0].text, lines[1:]
    return None, lines


def _cut_dash(line: Line) -> list[Line]:
    """Cut before a dash that a space sets off from the title: 春到柳渡 ——来自一线的报道."""
    title, space, kicker = line.text.partition(" ——")
    return [replace(line, text=title), Line("——" + kicker)] if space and title else [line]


def _is_label(text: str, after: str) -> bool:
    return _KICKER_LABEL.match(text) is not None and display_width(after) > display_width(text)


def _pieces(lines: Sequence[Line]) -> tuple[list[str], list[str]]:
    """Cut headline lines at their spaces; return the pieces and, between them, how each break was printed."""
    pieces: list[str] = []
    kinds: list[str] = []
    for line in lines:
        for number, piece in enumerate(_halves(line.text)):
            if pieces:
                kinds.append(" " if number else "\n\n" if line.blanks else "\n")
            pieces.append(piece)
    while len(pieces) > _MOST_SEAMS + 1:
        pieces[-2:] = [pieces[-2] + " " + pieces[-1]]
        kinds.pop()
    return pieces, kinds


def _halves(text: str) -> list[str]:
    """Cut at spaces between Chinese; the spaces inside ``AI Lab 2024`` stay."""
    return re.split(r"(?<=[^\sA-Za-z]) (?=[^\s])|(?<=[A-Za-z]) (?=[\u3400-\u9fff“《])", text)


def _join(pieces: Sequence[str], reading: Sequence[str]) -> str:
    text = pieces[0]
    for piece, joint in zip(pieces[1:], reading, strict=True):
        # Two Latin words stay apart even where the line was wrapped between them.
        latin = (
            joint == _MEND
            and text[-1:].isascii()
            and text[-1:].isalpha()
            and piece[:1].isascii()
            and piece[:1].isalpha()
        )
        text += (" " if latin else joint) + piece
    return text


def _likely(text: str, width: tuple[float, float]) -> float:
    mean, deviation = width
    halves = text.count(" ") + 1
    score = -(((display_width(text) - mean) / deviation) ** 2) / 2 - math.log(deviation)
    if halves > 1:
        score -= _STOP_INSIDE * len(_STOPS.findall(text)) + _EXTRA_PAUSE * (halves - 2)
    return score
