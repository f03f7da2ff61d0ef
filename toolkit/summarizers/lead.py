"""The lead: the first sentences of the article, as many as fit."""

from collections.abc import Sequence
from dataclasses import replace

from toolkit.summarizers.select import (
    complete_sentences,
    first_clauses,
    first_that_fits,
    says_nothing,
    stands_alone,
)
from toolkit.types import Article, Summary

_READ = 16  # times as many characters as may be written: a lead that starts later is none


def lead(article: Article, *, max_chars: int) -> Summary:
    """Return the first whole sentences that fit into ``max_chars`` characters.

    They start with the first that stands alone, and follow one another in the text without a gap. If that one is too
    long, it is cut after a clause (``cut`` says so), or the next is tried. In a very long article only the beginning is
    looked at.
    """
    if len(article.text) > _READ * max_chars:
        article = replace(article, text=article.text[: _READ * max_chars])
    complete = complete_sentences(article)
    standing = [place for place, sentence in enumerate(complete) if stands_alone(sentence)] or range(len(complete))
    for place in standing:
        if len(complete[place]) <= max_chars:
            return Summary(_from(complete[place:], max_chars), "lead")
        if beginning := first_clauses(complete[place], max_chars=max_chars):
            return Summary(beginning, "lead", ("cut",))
    return first_that_fits(article, complete, max_chars=max_chars, method="lead")


def _from(sentences: Sequence[str], max_chars: int) -> str:
    text = sentences[0]
    for sentence in sentences[1:]:
        if sentence in text:  # a web page's teaser says it already
            continue
        if len(text) + len(sentence) > max_chars or says_nothing(sentence):
            break
        text += sentence
    return text
