"""What must stand in the article word for word: quotations, titles of works, Latin words."""

import re

from toolkit.faithful.normal import letters
from toolkit.faithful.quantities import latin_runs

Span = tuple[int, int]
_QUOTE = re.compile("“([^“”]+)”")
_TITLE = re.compile("《([^《》]+)》")
_GAP = re.compile("…+|—{2,}")
_PIECE = re.compile("[A-Za-z0-9]+")


def unsupported_quotes(text: str, article_letters: str) -> list[Span]:
    """Return the quotations (marks included) that the article has not; ``……`` may stand for anything left out."""
    return [match.span() for match in _QUOTE.finditer(text) if not _stands(match[1], article_letters)]


def unsupported_titles(text: str, article_letters: str) -> list[Span]:
    """Return the titles in 《》 (marks included) that the article has not."""
    return [match.span() for match in _TITLE.finditer(text) if not _stands(match[1], article_letters)]


def latin_words(text: str) -> set[str]:
    """Return the Latin words of a normal text in lower case, compounds whole and in pieces."""
    found = set()
    for match in latin_runs(text):
        found.add(match.group().casefold())
        found.update(piece.casefold() for piece in _PIECE.findall(match.group()))
    return found


def unsupported_latin(text: str, known: set[str]) -> list[Span]:
    """Return the Latin words that are no whole word of the article."""
    return [match.span() for match in latin_runs(text) if match.group().casefold() not in known]


def _stands(quoted: str, article_letters: str) -> bool:
    return all(letters(part) in article_letters for part in _GAP.split(quoted))
