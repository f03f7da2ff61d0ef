"""A number that moved to another subject: the article gives that subject other numbers, and never this one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolkit.faithful.negation import clause_around
from toolkit.faithful.quantities import Quantity, supports
from toolkit.faithful.words import Word

_CONTENT = "nvaljz"  # first letters of the tags of content words
_SKIPPED = set("的点约共达超近逾了为有是个已等“《") | {"共有", "达到", "超过"}
_REACH = 3  # words between a number and its content word


@dataclass(frozen=True, slots=True)
class Anchored:
    """A number of the article, the clause it stands in and the content words on either side of it."""

    quantity: Quantity
    clause: str
    anchors: frozenset[str]


def anchored(quantity: Quantity, sentence: str, words: Sequence[Word]) -> Anchored:
    """Return a number of ``sentence`` with what stands around it."""
    return Anchored(
        quantity, clause_around(sentence, quantity.start), frozenset(filter(None, _anchors(quantity, words)))
    )


def is_moved(quantity: Quantity, words: Sequence[Word], known: Sequence[Anchored]) -> bool:
    """Say whether the nearest content word has such numbers in the article, but never this one in the same clause.

    A word without numbers in the article is a paraphrase or was far from its number, and proves nothing.
    """
    after, before = _anchors(quantity, words)
    anchor = after or before
    own = [item for item in known if supports(item.quantity, quantity)]
    if anchor is None or not own:
        return False
    if any(anchor in item.clause or _has_anchor(item, anchor) for item in own):
        return False
    # 开工40个重点项目 rests on 项目已开工40个.
    if before is not None and any(_has_anchor(item, before) for item in own):
        return False
    others = [item for item in known if _has_anchor(item, anchor)]
    return any(item.quantity.kind == quantity.kind and item.quantity.unit == quantity.unit for item in others)


def _anchors(quantity: Quantity, words: Sequence[Word]) -> tuple[str | None, str | None]:
    """Return the nearest content word after the number, and the one before it; None where something else is nearer."""
    after = _nearest(word for word in words if word.start >= quantity.end)
    before = _nearest(word for word in reversed(words) if word.end <= quantity.start)
    return after, before


def _nearest(words: Iterable[Word]) -> str | None:
    for count, word in enumerate(words):
        if len(word.text) > 1 and word.tag[0] in _CONTENT:
            return word.text
        is_ending = len(word.text) == 1 and word.tag[0] in "nqgk"
        if count >= _REACH or not (word.text in _SKIPPED or is_ending):
            return None
    return None


def _has_anchor(item: Anchored, word: str) -> bool:
    return any(word in anchor or anchor in word or word[-2:] == anchor[-2:] for anchor in item.anchors)
