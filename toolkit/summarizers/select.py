"""What extractive summarizers share: which sentences may stand in a summary, how many fit, and what to do if none."""

import re
from collections.abc import Sequence

from toolkit.residue import body_sentences
from toolkit.types import Article, Summary
from toolkit.words import cut

_END = re.compile(r"[。！？!?]$")
_QUOTED_END = re.compile(r"[。！？!?][”’」』]$")
# These point back at a sentence that a summary may not have.
_DANGLING = re.compile(
    "所幸|然而|但是?|不过|此外|同时|其中|而且?|对此|于是|因此|为此|随后|接着|另外|再者|并且|所以|可是|反之|由此|与此同时|除此之外"
    "|[他她它](?:们)?|这|那|该|以下|如下|上述|[一二三四五六七八九十]是"
)
_CLOSING = "。！？!?…，,；;：:、 "
_SHORTEST = 8  # characters; 惊险！ says nothing


def complete_sentences(article: Article) -> list[str]:
    """Return the sentences that end in 。！？, or those that end in a closing quotation mark if there are no others."""
    found = body_sentences(article)
    complete = [sentence for sentence in found if _END.search(sentence)]
    return complete or [sentence for sentence in found if _QUOTED_END.search(sentence)]


def stands_alone(sentence: str) -> bool:
    """Say whether a sentence says something without the one before it."""
    return len(sentence) >= _SHORTEST and not _DANGLING.match(sentence)


def standing_sentences(article: Article) -> list[str]:
    """Return the complete sentences that stand alone, or all complete ones if none does."""
    complete = complete_sentences(article)
    return [sentence for sentence in complete if stands_alone(sentence)] or complete


def choose(sentences: Sequence[str], ranking: Sequence[int], *, max_chars: int) -> list[int]:
    """Take sentences in the order of ``ranking`` while they fit; return their positions in the order of the text."""
    chosen: list[int] = []
    left = max_chars
    for position in ranking:
        if len(sentences[position]) <= left:
            chosen.append(position)
            left -= len(sentences[position])
    return sorted(chosen)


def first_that_fits(article: Article, sentences: Sequence[str], *, max_chars: int, method: str) -> Summary:
    """Summarize an article of which no complete sentence fits: nothing for no text, else the start of its text.

    The start is cut after a clause, or at a word if the first clause is too long, and closed with 。; ``cut`` says so.
    """
    source = list(sentences) or body_sentences(article)
    if not source:
        return Summary("", method, ("empty_text",))
    start = source[0].rstrip(_CLOSING)
    if len(start) < max_chars:
        return Summary(start + "。", method, ("no_full_stop",))
    return Summary(cut_line(start, max_chars=max_chars - 1) + "。", method, ("cut",))


def cut_line(line: str, *, max_chars: int) -> str:
    """Return the beginning of ``line``, at most ``max_chars`` characters, ending before a comma or at least a word."""
    ends = [position for position in range(min(max_chars, len(line) - 1), 0, -1) if line[position] in "，；,;"]
    kept = next((line[:end] for end in ends if balanced(line[:end])), "")
    if kept:
        return kept
    for word in cut(line[: max_chars + 20]):
        if len(kept) + len(word) > max_chars:
            break
        kept += word
    return (kept or line[:max_chars]).rstrip(_CLOSING + "的和与及在（(“《")


def balanced(line: str) -> bool:
    """Say whether every bracket and quotation mark in ``line`` has its partner."""
    return all(line.count(opening) == line.count(closing) for opening, closing in ("（）", "()", "“”", "《》", "【】"))
