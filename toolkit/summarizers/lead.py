"""The lead: the first sentences of the article, as many as fit."""

from dataclasses import replace

from toolkit.summarizers.select import complete_sentences, first_that_fits, stands_alone
from toolkit.types import Article, Summary

_READ = 16  # times as many characters as may be written: a lead that starts later is none


def lead(article: Article, *, max_chars: int) -> Summary:
    """Return the first whole sentences that fit into ``max_chars`` characters.

    They start with the first that fits and stands alone, and follow one another in the text without a gap. In a very
    long article only the beginning is looked at.
    """
    if len(article.text) > _READ * max_chars:
        article = replace(article, text=article.text[: _READ * max_chars])
    sentences = complete_sentences(article)
    any_stands = any(map(stands_alone, sentences))
    start = next(
        (
            position
            for position, sentence in enumerate(sentences)
            if len(sentence) <= max_chars and (stands_alone(sentence) or not any_stands)
        ),
        len(sentences),
    )
    text = ""
    for sentence in sentences[start:]:
        if len(text) + len(sentence) > max_chars:
            break
        text += sentence
    return Summary(text, "lead") if text else first_that_fits(article, sentences, max_chars=max_chars, method="lead")
