"""Written summaries, checked: the best candidate that the article bears out, or whole sentences of the article."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from toolkit.faithful import Source, check, support
from toolkit.residue import body_sentences
from toolkit.summarizers.extractive import extractive
from toolkit.summarizers.headline import HEADLINE_CHARS, headline
from toolkit.summarizers.reranking.reranker import copied_candidates, rerank
from toolkit.summarizers.select import balanced, standing_sentences
from toolkit.types import Article, Mode, Summary

_END = re.compile("[。！？][”’」』]?$")
_REPEATED_CHARS = 6
_LEAST_CHARS = 6  # what is shorter says nothing: 。 is borne out by every article
_WHOLE_SHARE = 0.5  # of the limit: a text that short is its own summary


@dataclass(frozen=True, slots=True)
class Candidate:
    """A summary that a model wrote, and its score among those of the same article: the higher, the better."""

    text: str
    score: float


def whole_text(article: Article, *, max_chars: int) -> Summary | None:
    """Return the text itself, flagged ``whole_text``, where it is whole sentences of half the limit; None for others.

    An article without text has an empty summary with the flag ``empty_text``.
    """
    body = "".join(body_sentences(article))
    if not body:
        return Summary("", "extractive", ("empty_text",))
    short = len(body) <= max_chars * _WHOLE_SHARE and _END.search(body)
    return Summary(body, "extractive", ("whole_text",)) if short else None


def choose_checked(
    article: Article, candidates: Sequence[Candidate], *, mode: Mode, max_chars: int, method: str
) -> Summary:
    """Return the candidate of the highest score in which nothing is wrong, with what each of its clauses rests on.

    Wrong is whatever ``toolkit.faithful.check`` finds, and a bad form: too long or hardly anything, no full stop at the
    end (or one, in a headline), a quotation mark or bracket without its partner, six characters that stand more often
    than in the article.
    If every candidate has a fault, the summary is what ``extractive`` gives, and its ``method`` says so; of an article
    none of whose sentences fits, that is ``lead``.
    """
    source = Source(article)
    for candidate in sorted(candidates, key=lambda candidate: -candidate.score):
        text = candidate.text.strip()
        if well_formed(text, article, mode=mode, max_chars=max_chars) and not check(text, source):
            return Summary(text, method, support=tuple(support(text, source)))
    return copied(article, mode=mode, max_chars=max_chars)


def choose_reranked(article: Article, texts: Sequence[str], *, max_chars: int, method: str) -> Summary:
    """Return the best of the abstracts that a model wrote and of the article's own sentences, with what it rests on.

    Which is best, says ``rerank``. A written one in which anything is wrong is passed over; see ``choose_checked``. Of
    whole sentences ``method`` says ``extractive``; if there is no other candidate, it is as there.
    """
    own, sets = copied_candidates(article, max_chars=max_chars)
    kept = dict.fromkeys(own, "extractive")
    for text in texts:
        if well_formed(text.strip(), article, mode="abstract", max_chars=max_chars):
            kept.setdefault(text.strip(), method)
    pool = list(kept)
    source = Source(article)
    for number in np.argsort(-rerank(article, pool, sets, max_chars=max_chars), kind="stable").tolist():
        text = pool[number]
        if kept[text] == "extractive" or not check(text, source):
            return Summary(text, kept[text], support=tuple(support(text, source)))
    return copied(article, mode="abstract", max_chars=max_chars)


def copied(article: Article, *, mode: Mode, max_chars: int) -> Summary:
    """Return what ``extractive`` makes of an article."""
    if mode == "abstract":
        return extractive(article, max_chars=max_chars)
    sentences = standing_sentences(article)
    limit = min(max_chars, HEADLINE_CHARS)
    line, was_cut = headline(article, sentences, range(len(sentences)), max_chars=limit)
    return Summary(line, "extractive", ("empty_text",) if not line else ("cut",) if was_cut else ())


def well_formed(text: str, article: Article, *, mode: Mode, max_chars: int) -> bool:
    """Say whether a summary has the form of its mode; see ``choose_checked``."""
    limit = min(max_chars, HEADLINE_CHARS) if mode == "headline" else max_chars
    if not _LEAST_CHARS <= len(text) <= limit or text[0] in "，。；：、" or "\n" in text or not balanced(text):
        return False
    if (_END.search(text) is None) if mode == "abstract" else text[-1] in "。，；：、":
        return False
    return not repeats(text, f"{article.title}\n{article.text}")


def repeats(text: str, source: str) -> bool:
    """Say whether a run of six characters stands in ``text`` more often than in ``source`` and more than once.

    Blanks do not count: a page's line breaks are no part of its sentences.
    """
    text, source = "".join(text.split()), "".join(source.split())
    runs = [text[start : start + _REPEATED_CHARS] for start in range(len(text) - _REPEATED_CHARS + 1)]
    return any(runs.count(run) > max(1, source.count(run)) for run in set(runs))
