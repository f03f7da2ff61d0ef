"""The clauses of a summary and the sentences of the article that they rest on."""

import re
from collections.abc import Sequence
from operator import add

_CLAUSE = re.compile(r"(?:[^。！？!?，,；;\n]|(?<=\d),(?=\d{3}))+")
_ENOUGH = 0.35  # share of a clause's pairs of characters that its sentence must have


def clauses(text: str) -> list[tuple[int, int]]:
    """Return the spans between 。！？，； without the marks and blanks around them."""
    found = []
    for match in _CLAUSE.finditer(text):
        clause = match.group()
        start = match.start() + len(clause) - len(clause.lstrip())
        if stripped := clause.strip(" 　”’」』"):
            found.append((start, start + len(stripped)))
    return found


def pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters of a text of letters only; a single letter is its own pair."""
    return frozenset(map(add, text, text[1:])) or frozenset(text)


def best_match(clause: frozenset[str], sentences: Sequence[frozenset[str]]) -> int | None:
    """Return the position of the sentence that shares most pairs with a clause, the first of equals; None if few."""
    shares = [len(clause & sentence) for sentence in sentences]
    if not clause or not shares or max(shares) < _ENOUGH * len(clause):
        return None
    return shares.index(max(shares))
