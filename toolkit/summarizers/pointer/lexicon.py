"""Which of the words that a network can write may be written of an article."""

from collections.abc import Sequence
from functools import cache

# Particles, prepositions, conjunctions and adverbs say nothing by themselves.
_FUNCTION_TAGS = ("u", "p", "c", "d")
_FUNCTION_WORDS = {
    *"，。、；：！？ —·-",
    "其",
    "该",
    "此",
    "各",
    "等",
    "后",
    "前",
    "中",
    "时",
    "称",
    "表示",
    "是",
    "有",
    "为",
    "达",
    "至",
}
_NEGATIONS = set("不未没无非莫勿别")


def writable(written: Sequence[str], source_words: Sequence[str]) -> list[bool]:
    """Say of each word whether it may be written: a function word, or one whose characters the article has.

    A network that has read much news of one war would write its parties' names into another; whatever says something
    must stand in the article, if in other words. Empty words are marks and may not.
    """
    known = set("".join(source_words))
    return [bool(word) and (says_nothing or known.issuperset(word)) for word, says_nothing in _judged(tuple(written))]


@cache
def _judged(written: tuple[str, ...]) -> list[tuple[str, bool]]:
    return [(word, _is_function_word(word)) for word in written]


def _is_function_word(word: str) -> bool:
    import rjieba

    if not word or _NEGATIONS & set(word):
        return False
    return word in _FUNCTION_WORDS or rjieba.tag(word)[0][1].startswith(_FUNCTION_TAGS)
