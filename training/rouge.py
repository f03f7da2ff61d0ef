"""ROUGE for Chinese: n-grams with clipped counts, and the longest common subsequence.

Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004. F1 of one candidate against one reference; ROUGE-L
takes each text as one sequence. Punctuation and white space are no units, as they say nothing; widths count alike.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from toolkit.words import cut

Unit = Literal["char", "word"]

_CHAR = re.compile(r"[a-z]+|[^\W_]")  # a Latin word is one unit; every digit and every other character is one
_WORD = re.compile(r"\w")


def units(text: str, unit: Unit) -> list[str]:
    """Return the units of a text: its characters, or its words as jieba cuts them; case does not count."""
    plain = unicodedata.normalize("NFKC", text).lower()
    if unit == "char":
        return _CHAR.findall(plain)
    return [word for word in cut(plain) if _WORD.search(word)]


def rouge(candidate: str, reference: str, unit: Unit = "char") -> dict[str, float]:
    """Return ROUGE-1, ROUGE-2 and ROUGE-L F1, each in [0, 1]; 0 where either text has no units."""
    ours, theirs = units(candidate, unit), units(reference, unit)
    common = longest_common_subsequence(ours, theirs)
    return {
        "rouge1": f1_of_ngrams(ours, theirs, 1),
        "rouge2": f1_of_ngrams(ours, theirs, 2),
        "rougeL": _f1(common, len(ours), len(theirs)),
    }


def f1_of_ngrams(candidate: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Return the F1 of n-grams; one that the candidate repeats counts as often as the reference has it."""
    ours, theirs = _ngrams(candidate, n), _ngrams(reference, n)
    return _f1((ours & theirs).total(), ours.total(), theirs.total())


def longest_common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """Return its length.

    Hyyrö, "Bit-parallel LCS-length computation revisited", 2004: a column of the table is the bits of one integer.
    """
    places: dict[str, int] = {}
    for position, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << position
    full = (1 << len(first)) - 1
    row = full
    for item in second:
        matches = row & places.get(item, 0)
        row = ((row + matches) | (row - matches)) & full
    return len(first) - row.bit_count()


def _ngrams(items: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(items[start:] for start in range(n)), strict=False))


def _f1(common: int, ours: int, theirs: int) -> float:
    return 2 * common / (ours + theirs) if common else 0.0
