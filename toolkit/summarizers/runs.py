"""Runs of digits and letters (2023, 3.5%, GDP, COVID-19), and a written text in the spelling of its article."""

import re
from unicodedata import normalize

# A letter or digit of any script but the Chinese: those are copied as wholes or not at all.
_LETTER = r"[^\W_\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
INNER_MARKS = ".:/~-,"
_UNITS = "%％‰℃"
RUN = re.compile(rf"{_LETTER}+(?:(?:[.:/~-]|,(?=\d{{3}}(?!\d))){_LETTER}+)*[{_UNITS}]?")

_LETTERS = re.compile(_LETTER)
_CHINESE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—]"
_GAPS = re.compile(rf"(?<={_CHINESE})\s+|\s+(?={_CHINESE})|^\s+|\s+$")
_NARROW = re.compile(r"[()]|(?<![0-9A-Za-z])[,:;?!]|[,:;?!](?![0-9A-Za-z])")
_WIDE = str.maketrans(",:;?!()", "，：；？！（）")


def is_glued(char: str) -> bool:
    """Say whether a character belongs to the run before it wherever it stands: a letter, or the sign of a unit."""
    return is_letter(char) or char in _UNITS


def is_letter(char: str) -> bool:
    """Say whether a character is a digit or a letter, and not a Chinese one."""
    return _LETTERS.match(char) is not None


def spell_as(text: str, article: str) -> str:
    """Return a model's text as the article would spell it.

    Vocabularies lose case and width, and some set blanks between characters: blanks beside Chinese go, punctuation that
    stands in no number becomes full-width, and a run that the article spells in another case or width is spelled so.
    """
    spelled = {_plain(run): run for run in reversed(RUN.findall(article))}
    known = set(spelled.values())

    def respell(found: re.Match[str]) -> str:
        run = found.group()
        return run if run in known else spelled.get(_plain(run), run)

    text = _GAPS.sub("", _GAPS.sub("", text))
    return RUN.sub(respell, _NARROW.sub(lambda mark: mark.group().translate(_WIDE), text))


def _plain(run: str) -> str:
    return normalize("NFKC", run).lower()
