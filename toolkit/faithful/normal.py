"""One spelling for comparison: half-width letters and digits, simplified characters, one kind of quotation mark.

A normal text is as long as the text it came from, so that a position in one is the same position in the other.
"""

import re
from functools import cache
from typing import Any
from unicodedata import decimal, normalize

_KEPT = "，；：！？"  # an ASCII comma may group thousands, this one never does
_QUOTES = {"「": "“", "」": "”", "『": "“", "』": "”", "﹃": "“", "﹄": "”", "〈": "《", "〉": "》"}
_WIDE_QUOTE = re.compile(r'"([^"\n]{1,200})"')
_BLANKS = re.compile(r"\s+")
_NO_WORD = re.compile(r"[\W_]+")


def normal(text: str) -> str:
    """Return ``text`` in the one spelling, with the same length."""
    return _WIDE_QUOTE.sub(r"“\1”", text.translate(_TABLE))


def packed(text: str) -> str:
    """Return a normal text without blanks."""
    return _BLANKS.sub("", text)


def letters(text: str) -> str:
    """Return only the letters, digits and characters of a normal text, in lower case."""
    return _NO_WORD.sub("", text).casefold()


class _Table(dict[int, str]):
    """A table for ``str.translate`` that fills itself as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = _normal_char(chr(code))
        return self[code]


def _normal_char(char: str) -> str:
    if char in _KEPT:
        return char
    if char.isdecimal():
        return str(decimal(char))
    wide = normalize("NFKC", char)
    char = _QUOTES.get(char, wide if len(wide) == 1 else char)
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return _simplified(char) if "㐀" <= char <= "鿿" else char
    return char  # the simplified standard knows it: OpenCC's table is loaded only for the others


def _simplified(char: str) -> str:
    found: str = _opencc().convert(char)
    return found if len(found) == 1 else char


@cache
def _opencc() -> Any:  # noqa: ANN401 - the library has no types
    from opencc import OpenCC

    return OpenCC("t2s")


_TABLE = _Table()
