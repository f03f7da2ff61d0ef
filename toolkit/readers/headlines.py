"""Headline lines to title, subtitle and kicker: which line break was the printer's, which the editor's.

Every place where a headline was broken (a space, a line end, a blank line) is one of three things: a wrap, to be mended;
the pause between the two halves of one headline, kept as one space; or the step from the title to the subtitle.
All ways to read a headline are scored by the logarithm of how likely newspapers are to print them so; the best one wins.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from toolkit.readers.lines import Line, display_width
from toolkit.readers.seams import pause_odds

_MOST_SEAMS = 6  # 3 ** 6 readings; real headlines hold one to four seams
_MEND, _PAUSE, _STEP = "", " ", "\n"
_READING = (_MEND, _PAUSE, _STEP)

# How often a headline is broken so at a given place, by what the break is. A wrap can stand at any of some fourteen
# places between the characters of a headline, a pause or a step only at its own.
_BREAK = {
    _MEND: {" ": 0.007, "\n": 0.02, "\n\n": 0.02},
    _PAUSE: {" ": 0.75, "\n": 0.15, "\n\n": 0.07},
    _STEP: {" ": 0.06, "\n": 0.30, "\n\n": 0.55},
}
# Titles and subtitles by the number of their halves: share, mean width, its deviation, in Chinese characters.
_TITLE = {1: (0.50, 14.5, 3.4), 2: (0.47, 17.5, 4.8), 3: (0.03, 23.0, 5.0)}
_SUBTITLE = {1: (0.32, 14.5, 3.5), 2: (0.08, 17.5, 5.0)}
_HALVES_DIFFER = 4.5  # the two halves of a headline are about as long as each other
_NO_SUBTITLE = 0.60

_KICKER_DASH = re.compile(r"^(?:—|―|–|-{2}|─)+\s*")
_KICKER_BEFORE = re.compile(r"^(?:[【〔\[［].{2,14}[】〕\]］]|.{2,14}[··•].{1,12}|.{4,24}(?:——|—|…))$")


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


def read_head(lines: Sequence[Line], body: str) -> Head:
    """Tell title, subtitle and kicker apart in the lines above an article; ``body`` is its beginning."""
    kicker, lines = _take_kicker(list(lines))
    if not lines:
        return Head(kicker=kicker)
    pieces, kinds = _pieces(lines)
    seams = [
        _Seam(kind, pause_odds(left, right, body)) for kind, left, right in zip(kinds, pieces, pieces[1:], strict=False)
    ]
    best = max(_readings(pieces, seams), key=lambda reading: _score(pieces, seams, reading))
    title, _, subtitle = _join(pieces, best).partition(_STEP)
    return Head(title, subtitle or None, kicker)


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


def _readings(pieces: Sequence[str], seams: Sequence[_Seam]) -> Iterator[tuple[str, ...]]:
    return (reading for reading in product(_READING, repeat=len(seams)) if reading.count(_STEP) < 2)


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


def _score(pieces: Sequence[str], seams: Sequence[_Seam], reading: Sequence[str]) -> float:
    score = 0.0
    for seam, joint in zip(seams, reading, strict=True):
        score += math.log(_BREAK[joint][seam.kind])
        score -= seam.pause if joint == _MEND else 0.0
    title, _, subtitle = _join(pieces, reading).partition(_STEP)
    score += _likely(title, _TITLE)
    return score + (_likely(subtitle, _SUBTITLE) if subtitle else math.log(_NO_SUBTITLE))


def _likely(text: str, habits: dict[int, tuple[float, float, float]]) -> float:
    halves = [display_width(half) for half in text.split(" ")]
    share, mean, deviation = habits.get(len(halves), (0.001, 25.0, 8.0))
    score = math.log(share) + _normal(sum(halves) - mean, deviation)
    if len(halves) == 2:
        # A seam one character to the right changes the difference by two.
        return score + math.log(2) + _normal(halves[0] - halves[1], _HALVES_DIFFER)
    return score - (len(halves) - 1) * math.log(14)


def _normal(distance: float, deviation: float) -> float:
    return -((distance / deviation) ** 2) / 2 - math.log(deviation)
