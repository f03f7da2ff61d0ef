"""Headline lines to title, subtitle and kicker: which line break was the printer's, which the editor's.

Every place where a headline was broken (a space, a line end, a blank line) is one of three things: a wrap, to be
mended; the pause between the two halves of one headline, kept as one space; or the step from the title to the
subtitle. All ways to read a headline are scored by the logarithm of how likely newspapers are to print them so.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from toolkit.readers.lines import Line, display_width
from toolkit.readers.seams import pause_odds

_MOST_SEAMS = 6  # 3 ** 6 readings; real headlines hold one to four seams
_MEND, _PAUSE, _STEP = "", " ", "\n"
_READING = (_MEND, _PAUSE, _STEP)

# How often a headline is broken so at a given place, by what the break is. A wrap can stand at any of some fourteen
# places between the characters of a headline, a pause or a step only at its own.
_BREAK = {
    _MEND: {" ": 0.013, "\n": 0.025, "\n\n": 0.02},
    _PAUSE: {" ": 0.75, "\n": 0.2, "\n\n": 0.04},
    _STEP: {" ": 0.12, "\n": 0.25, "\n\n": 0.55},
}
_TRUST = 1.6  # the words at a seam say more than the lengths, which vary
_UNUSUAL_GAP = 2.0  # a page sets subtitle and byline off alike: both with a blank line or both without
_HABIT = 2.0  # for a wrap at a line end, on a page that wraps its headlines there
_GENRE_STEP = 3.0
_SECOND_PAUSE = 2.5  # a half that has a stop inside needs no space for a pause
# Titles and subtitles by the number of their halves: share, mean width, its deviation, in Chinese characters.
_TITLE = {1: (0.50, 13.5, 4.0), 2: (0.47, 17.0, 4.8), 3: (0.03, 23.0, 5.0)}
_SUBTITLE = {1: (0.32, 14.5, 3.5), 2: (0.08, 17.5, 5.0)}
_HALVES_DIFFER = 4.5  # the two halves of a headline are about as long as each other
_NO_SUBTITLE = 0.60

_STOP_INSIDE = re.compile(r"[？！：，?!:,](?=[^ ”’》）)])")
_KICKER_DASH = re.compile(r"^(?:—|―|–|-{2}|─)+\s*")
_KICKER_BEFORE = re.compile(r"^(?:[【〔\[［].{2,14}[】〕\]］]|[^“”《》]{2,12}[·•][^“”《》]{1,12}|.{4,24}(?:——|—))$")
# Subtitles that give the kind of the piece: 记全国劳模某某, 换届选举见闻.
_GENRE = re.compile(
    r"^(?:记|访|追忆|写在|来自|探访)|(?:侧记|见闻|手记|纪实|纪事|综述|掠影|剪影|观察|札记|速写|纪略|随笔)$"
)


@dataclass(frozen=True, slots=True)
class Head:
    """The headline of one article."""

    title: str = ""
    subtitle: str | None = None
    kicker: str | None = None


@dataclass(frozen=True, slots=True)
class _Seam:
    kind: str  # " ", "\n" or "\n\n"
    pause: float  # log-odds that a half of a headline ends here


@dataclass(frozen=True, slots=True)
class HeadLines:
    """The lines above one article, the beginning of its body, and the number of blank lines between them."""

    lines: Sequence[Line]
    body: str
    gap: int = 1


def read_heads(page: Sequence[HeadLines]) -> list[Head]:
    """Tell title, subtitle and kicker apart in the headlines of one page.

    A page that wraps most of its headlines at line ends most likely wrapped the doubtful ones too: they are read again.
    """
    taken = [_take_kicker(list(head.lines)) for head in page]
    broken = [_break_up(lines, head) for (_, lines), head in zip(taken, page, strict=True)]
    readings = [one.read() for one in broken]
    joints = [
        joint
        for one, reading in zip(broken, readings, strict=True)
        for seam, joint in zip(one.seams, reading, strict=True)
        if seam.kind == "\n" and joint != _STEP
    ]
    if joints.count(_MEND) > max(1, joints.count(_PAUSE)):
        readings = [one.read(mends_lines=True) for one in broken]
    return [_head(one, reading, kicker) for one, reading, (kicker, _) in zip(broken, readings, taken, strict=True)]


def _head(broken: "_Broken", reading: Sequence[str], kicker: str | None) -> Head:
    if not broken.pieces:
        return Head(kicker=kicker)
    title, _, subtitle = _join(broken.pieces, reading).partition(_STEP)
    return Head(title, subtitle or None, kicker)


@dataclass(frozen=True, slots=True)
class _Broken:
    """A headline as it was broken; ``usual`` is how this headline is set off from what stands below it."""

    pieces: Sequence[str]
    seams: Sequence[_Seam]
    usual: str

    def read(self, *, mends_lines: bool = False) -> tuple[str, ...]:
        """Return the likeliest joint for each seam."""
        readings = (one for one in product(_READING, repeat=len(self.seams)) if one.count(_STEP) < 2)
        return max(readings, key=lambda reading: self._score(reading, mends_lines=mends_lines))

    def _score(self, reading: Sequence[str], *, mends_lines: bool) -> float:
        if not self.pieces:
            return 0.0
        score = 0.0
        for seam, joint in zip(self.seams, reading, strict=True):
            score += math.log(_BREAK[joint][seam.kind])
            score -= _TRUST * seam.pause if joint == _MEND else 0.0
            score += _HABIT if joint == _MEND and mends_lines and seam.kind == "\n" else 0.0
            score -= _UNUSUAL_GAP if joint == _STEP and seam.kind != self.usual else 0.0
        title, _, subtitle = _join(self.pieces, reading).partition(_STEP)
        score += _likely(title, _TITLE) + (_GENRE_STEP if subtitle and _GENRE.search(subtitle) else 0.0)
        return score + (_likely(subtitle, _SUBTITLE) if subtitle else math.log(_NO_SUBTITLE))


def _break_up(lines: Sequence[Line], head: HeadLines) -> _Broken:
    pieces, kinds = _pieces(lines)
    seams = [
        _Seam(kind, pause_odds(left, right, head.body))
        for kind, (left, right) in zip(kinds, pairwise(pieces), strict=True)
    ]
    return _Broken(pieces, seams, "\n\n" if head.gap else "\n")


def _take_kicker(lines: list[Line]) -> tuple[str | None, list[Line]]:
    """Take the line that begins with —— (and what follows it), or a column's name before the title."""
    for number, line in enumerate(lines):
        if _KICKER_DASH.match(line.text) and number > 0:
            return "".join(one.text for one in lines[number:]), lines[:number]
        if _KICKER_DASH.match(line.text) and len(lines) > 1:
            return line.text, lines[1:]
    if len(lines) > 1 and _KICKER_BEFORE.match(lines[0].text):
        return lines[0].text, lines[1:]
    return None, lines


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


def _likely(text: str, habits: dict[int, tuple[float, float, float]]) -> float:
    halves = [display_width(half) for half in text.split(" ")]
    share, mean, deviation = habits.get(len(halves), (0.001, 25.0, 8.0))
    score = math.log(share) + _normal(sum(halves) - mean, deviation)
    if len(halves) > 1:
        score -= _SECOND_PAUSE * len(_STOP_INSIDE.findall(text))
    if len(halves) == 2:
        # A seam one character to the right changes the difference by two.
        return score + math.log(2) + _normal(halves[0] - halves[1], _HALVES_DIFFER)
    return score - (len(halves) - 1) * math.log(14)


def _normal(distance: float, deviation: float) -> float:
    return -((distance / deviation) ** 2) / 2 - math.log(deviation)
