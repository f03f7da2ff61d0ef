"""Words with their part of speech and place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word at ``text[start:end]``; ``tag`` is jieba's: n noun, v verb, nr person, ns place, nt organisation, ..."""

    text: str
    tag: str
    start: int
    end: int


def tagged(text: str) -> list[Word]:
    """Cut ``text`` into words; together they are the whole text."""
    import rjieba

    found: list[Word] = []
    start = 0
    for word, tag in rjieba.tag(text):
        found.append(Word(word, tag, start, start + len(word)))
        start += len(word)
    return found
