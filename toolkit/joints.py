"""What is known of a joint between two phrases, whoever asks: the reader of printed headlines or that of web pages."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

FULL_WIDTH = str.maketrans(",:;!?()", "，：；！？（）")
_NEVER_LAST = "的和与及在于将把被让向对给从、，：,:—（(《“‘"
_NEVER_FIRST = "的，。、；：！？”’）》】,;:!?)%％"
_QUOTES = (
    ("“", "”"),
    ("‘", "’"),
    ("《", "》"),
    ("（", "）"),
    ("(", ")"),
    ("[", "]"),
    ("【", "】"),
    ("「", "」"),
    ("『", "』"),
)
_DIGIT = re.compile(r"\d")

Tagged = list[tuple[str, str]]  # words with jieba's tags


def is_impossible(left: str, right: str) -> bool:
    """Say whether no phrase can end here: inside a number or a quotation, after 的, before a comma."""
    if left[-1:] in _NEVER_LAST or right[:1] in _NEVER_FIRST or is_open(left):
        return True
    return left.rstrip(".")[-1:].isdigit() and right[:1].isdigit()


def is_open(text: str) -> bool:
    """Say whether a quotation, a title or a bracket that begins in ``text`` has not ended."""
    return any(text.count(opener) > text.count(closer) for opener, closer in _QUOTES)


def has_verb(tagged: Tagged) -> bool:
    """Say whether one of the words is a verb, or a set phrase that serves as one."""
    # jieba tags 建设, 发展 and their like vn where they serve as nouns; i and l are set phrases such as 迎难而上.
    return any((tag.startswith("v") and tag != "vn") or tag in ("i", "l") for _, tag in tagged)


def characters_around(left: str, right: str) -> Iterator[str]:
    """Yield the names of the one and two characters on each side of a joint, and of both sides together."""
    yield f"<{left[-1:]}"
    yield f">{right[:1]}"
    yield f"<{left[-2:]}"
    yield f">{right[:2]}"
    yield f"{left[-1:]}|{right[:1]}"


def without_digits(text: str) -> str:
    """Return ``text`` with every digit as 0: which number it is says nothing about a joint."""
    return _DIGIT.sub("0", text)


def odds(features: Iterable[str], weights: Mapping[str, float]) -> float:
    """Return the log-odds that a logistic regression gives to what is true of a joint."""
    get = weights.get
    return sum(get(feature, 0.0) for feature in features)


@cache
def read_weights(path: Path) -> dict[str, float]:
    """Return the weight of each feature, from a JSON file."""
    weights: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return weights
