"""A candidate with a doubtful joint is mended: the sentence is trimmed, or the article's whole one takes its place."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from toolkit.summarizers.pointer.bans import FINAL
from toolkit.summarizers.pointer.joints import JudgedJoints
from toolkit.summarizers.pointer.search import words_of
from toolkit.summarizers.pointer.source import FIGURES, PointerSource
from toolkit.summarizers.select import stands_alone

_FROM_START = list(FIGURES).index("from_sentence_start")


@dataclass(frozen=True, slots=True)
class _Part:
    """A sentence of a candidate: its items, and whether they are a whole sentence of the article put there."""

    items: tuple[int, ...]
    is_whole: bool = False


def mend(
    items: Sequence[int],
    judged: JudgedJoints,
    source: PointerSource,
    written: Sequence[str],
    *,
    max_chars: int,
    doubted: float,
) -> list[tuple[int, ...]]:
    """Return a candidate, items without marks, mended in up to two ways; none where nothing was to be mended.

    A joint is doubtful beyond ``doubted``; ``judged`` is of the candidate's text. A doubtful sentence is trimmed to the
    clauses before its first doubtful joint; or the article's whole sentence takes its place, unless that is too long or
    leans on another. What cannot be mended is left out.
    """
    words = words_of(items, source, written)
    offsets = np.cumsum([0, *map(len, words)]).tolist()
    bad = [at for at, surprise in zip(judged.at, judged.surprises.tolist(), strict=True) if surprise > doubted]
    trimmed: list[_Part] = []
    replaced: list[_Part] = []
    starts = np.flatnonzero(source.figures[:, _FROM_START] == 0).tolist()
    used: set[int] = set()
    for start, end in _sentences(words):
        # The joint before a sentence's first word is its own; the one at the end of all belongs to the last.
        doubtful = [at for at in bad if offsets[start] <= at < offsets[end] + (end == len(items))]
        if not doubtful:
            trimmed.append(_Part(tuple(items[start:end])))
            replaced.append(trimmed[-1])
            continue
        kept = _trim(items[start:end], words[start:end], doubtful[0] - offsets[start], source, written)
        trimmed += [_Part(kept)] if kept else []
        sentence = _comes_from(items[start:end], starts, len(written))
        if sentence is not None and sentence not in used:
            used.add(sentence)
            whole = range(starts[sentence], (*starts, len(source.words))[sentence + 1])
            text = "".join(source.words[place] for place in whole)
            if text[-1] in FINAL and stands_alone(text):
                replaced.append(_Part(tuple(len(written) + place for place in whole), is_whole=True))
    if not bad:
        return []
    fitting = [trimmed, _fitting(replaced, source, written, max_chars)]
    found = [tuple(item for part in parts for item in part.items) for parts in fitting]
    return [made for made in dict.fromkeys(found) if made and made != tuple(items)]


def _trim(
    items: Sequence[int], words: Sequence[str], reach: int, source: PointerSource, written: Sequence[str]
) -> tuple[int, ...]:
    """Return the clauses of a sentence that end before the character ``reach``, closed with 。; empty if none does."""
    ends = [at for at, word in enumerate(words) if word in "，；" and sum(map(len, words[: at + 1])) <= reach]
    stop = _full_stop(source, written)
    return (*items[: ends[-1]], stop) if ends and stop is not None else ()


def _full_stop(source: PointerSource, written: Sequence[str]) -> int | None:
    if "。" in written:
        return written.index("。")
    return len(written) + source.words.index("。") if "。" in source.words else None


def _sentences(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the sentences of a candidate start and end."""
    ends = [at + 1 for at, word in enumerate(words) if word in FINAL]
    if not ends or ends[-1] < len(words):
        ends.append(len(words))
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _comes_from(items: Sequence[int], starts: Sequence[int], n_written: int) -> int | None:
    """Return the number of the article's sentence that most of the copied words stand in."""
    places = [item - n_written for item in items if item >= n_written]
    if not places:
        return None
    counts = Counter(int(np.searchsorted(starts, place, side="right")) - 1 for place in places)
    return counts.most_common(1)[0][0]


def _fitting(parts: Sequence[_Part], source: PointerSource, written: Sequence[str], max_chars: int) -> list[_Part]:
    """Leave whole sentences out, the last first, until the rest fits; nothing where none of them is left."""
    kept = list(parts)
    while sum(len(word) for part in kept for word in words_of(part.items, source, written)) > max_chars:
        whole = [number for number, part in enumerate(kept) if part.is_whole]
        if not whole:
            return []
        del kept[whole[-1]]
    return kept
