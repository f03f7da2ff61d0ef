"""What a summary says that its article does not."""

from collections.abc import Iterator

from toolkit.faithful.dates import (
    date_is_supported,
    find_dates,
    find_times,
    time_is_supported,
    unsupported_day_words,
)
from toolkit.faithful.finding import Finding, Kind
from toolkit.faithful.marks import unsupported_latin, unsupported_quotes, unsupported_titles
from toolkit.faithful.moved import is_moved
from toolkit.faithful.names import Name, find_names, is_supported
from toolkit.faithful.normal import letters, normal
from toolkit.faithful.quantities import Quantity, counted, find_quantities, supports
from toolkit.faithful.sentences import best_match, clauses, pairs
from toolkit.faithful.source import Source
from toolkit.faithful.words import Word, tagged
from toolkit.types import Support

__all__ = ["Finding", "Kind", "Source", "check", "support"]

_Found = Iterator[tuple[Kind, int, int]]


def check(summary: str, source: Source) -> list[Finding]:
    """Return what the article does not bear out, in the order of the summary; a copied sentence has no findings."""
    text = normal(summary)
    words = tagged(text)
    names = list(find_names(words))
    found = {*_dates(text, source), *_numbers(text, words, source), *_marks(text, source), *_names(text, names, source)}
    found |= {("negation", start, end) for start, end in source.polarity.reversed_in(text)}
    found |= {("hedge", start, end) for start, end in source.hedges.lost_in(text)}
    found |= {("joined_names", start, end) for start, end in source.neighbours.joined_in(text, words, names)}
    ordered = sorted(found, key=lambda item: (item[1], item[2], item[0]))
    return [Finding(kind, summary[start:end], start, end) for kind, start, end in ordered]


def support(summary: str, source: Source) -> list[Support]:
    """Return for each clause (cut at 。！？，；) the sentence of the article that shares most with it."""
    text = normal(summary)
    found = []
    for start, end in clauses(text):
        best = best_match(pairs(letters(text[start:end])), source.sentence_pairs)
        found.append(Support(start, end, None if best is None else source.sentences[best]))
    return found


def _dates(text: str, source: Source) -> _Found:
    for date in find_dates(text):
        if not date_is_supported(date, source.dates):
            yield "date", date.start, date.end
    for hour, start, end in find_times(text):
        if not time_is_supported(hour, source.times):
            yield "date", start, end
    for start, end in unsupported_day_words(text, source.packed):
        yield "date", start, end


def _numbers(text: str, words: list[Word], source: Source) -> _Found:
    dates = [(date.start, date.end) for date in find_dates(text)] + [(start, end) for _, start, end in find_times(text)]
    for quantity in counted(find_quantities(text), text, words):
        if any(start < quantity.end and quantity.start < end for start, end in dates):
            continue
        if not any(supports(known, quantity) for known in source.quantities):
            yield quantity.kind, quantity.start, quantity.end
        elif not _is_ratio(text, quantity) and is_moved(quantity, words, source.anchored):
            yield "moved_number", quantity.start, quantity.end


def _is_ratio(text: str, quantity: Quantity) -> bool:
    return ":" in text[max(0, quantity.start - 1) : quantity.start] + text[quantity.end : quantity.end + 1]


def _marks(text: str, source: Source) -> _Found:
    for start, end in unsupported_quotes(text, source.letters):
        yield "quote", start, end
    for start, end in unsupported_titles(text, source.letters):
        yield "title", start, end
    for start, end in unsupported_latin(text, source.latin):
        yield "latin", start, end


def _names(text: str, names: list[Name], source: Source) -> _Found:
    for name in names:
        if not is_supported(name, text, source.packed, source.persons):
            yield name.kind, name.start, name.end
