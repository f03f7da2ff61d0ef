"""Where a headline was broken: is it a pause between two phrases, or a wrap in the middle of one?

A logistic regression over the characters, words and lengths on both sides answers; ``training/seams.py`` fits it on
public headlines and writes its weights to ``seams.json``.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from toolkit.joints import FULL_WIDTH, characters_around, has_verb, is_impossible, odds, read_weights, without_digits
from toolkit.readers.lines import display_width

WEIGHTS = Path(__file__).with_name("seams.json")
_CERTAIN = 12.0  # quotation marks or a number left open
_SIDE = 30  # characters on each side; few headlines are longer
_NEAR = 12  # characters on each side that decide where words end
_WIDEST = 18  # longer halves look all the same
_STOPS = "\n，。、；：！？“”,;:!?（）()"  # and the beginning
_STOP_INSIDE = re.compile(r"[？！：，]")


def pause_odds(left: str, right: str, body: str = "") -> float:
    """Log-odds that one phrase ends and another begins between ``left`` and ``right``, against a cut inside a phrase.

    ``body`` is the text below the headline, which often repeats its names.
    """
    if is_impossible(left, right):
        return -_CERTAIN
    return odds(seam_features(left, right, body), read_weights(WEIGHTS))


def seam_features(left: str, right: str, body: str = "") -> list[str]:
    """Return the names of what is true of the seam between ``left`` and ``right``."""
    left, right = left.translate(FULL_WIDTH)[-_SIDE:], right.translate(FULL_WIDTH)[:_SIDE]
    found = ["bias", *_characters(without_digits(left), without_digits(right)), *_lengths(left, right)]
    found += _words(left, right)
    if body:
        found += _in_body(left, right, body)
    return found


def _characters(left: str, right: str) -> Iterator[str]:
    yield from characters_around(left, right)
    yield f"stops {bool(_STOP_INSIDE.search(left))} {bool(_STOP_INSIDE.search(right))}"


def _lengths(left: str, right: str) -> Iterator[str]:
    before, after = round(min(_WIDEST, display_width(left))), round(min(_WIDEST, display_width(right)))
    yield f"left {before}"
    yield f"right {after}"
    yield f"longer {max(-6, min(6, before - after))}"


def _words(left: str, right: str) -> Iterator[str]:
    import rjieba  # the dictionary takes a moment to load: only pages with broken headlines wait for it

    before, after = rjieba.tag(left), rjieba.tag(right)
    at = 0
    ends = {at := at + len(word) for word in rjieba.cut(left[-_NEAR:] + right[:_NEAR])}
    inside = len(left[-_NEAR:]) not in ends
    yield f"word {inside} {min(3, len(before[-1][0]))} {min(3, len(after[0][0]))}"
    last, first = before[-1][1], after[0][1]
    yield f"tags {last} {first}"
    yield f"tag< {last} {inside}"
    yield f"tag> {first} {inside}"
    yield f"tags< {' '.join(tag for _, tag in before[-2:])}"
    yield f"tags> {' '.join(tag for _, tag in after[:2])}"
    yield f"verbs {has_verb(before)} {has_verb(after)} {has_verb(before[-1:])}"
    yield f"verb> {has_verb(before)} {has_verb(after[:1])} {has_verb(after[1:])}"
    yield f"words {without_digits(before[-1][0])}|"
    yield f"object {without_digits(before[-1][0])} {has_verb(after)}"
    yield f"object {last} {has_verb(before[:-1])} {has_verb(after)}"
    yield f"subject {first} {has_verb(before)} {has_verb(after)}"
    yield f"ends {last} {after[-1][1]}"
    yield f"starts {before[0][1]} {first}"
    yield f"words |{without_digits(after[0][0])}"
    yield f"alike {before[0][1] == after[0][1]} {last == after[-1][1]} {len(left) == len(right)}"


def _in_body(left: str, right: str, body: str) -> Iterator[str]:
    """Look how the body has the characters around the seam: side by side, or at a stop, or inside another phrase."""
    joined = 0
    if left[-1:] + right[:1] in body:
        joined = 1 + (left[-2:] + right[:1] in body) + (left[-1:] + right[:2] in body) + (left[-2:] + right[:2] in body)
    before = _before(right, body)
    after = _before(left[::-1], body[::-1])
    yield f"body joined {joined}"
    yield f"body {before}"
    yield f"body {after}<"
    yield f"body {joined > 1} {before} {after}"


def _before(phrase: str, body: str) -> str:
    """Say what stands before a phrase in the body: a stop, or the rest of a longer phrase; whole or its beginning."""
    for name, part in (("whole", phrase), ("part", phrase[:4])):
        at = body.find(part)
        if at >= 0 and len(part) > 3:
            return f"{name} {'stop' if body[at - 1 : at] in _STOPS else 'inside'}"
    return "none"
