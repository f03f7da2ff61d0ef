"""A candidate with a doubtful joint is mended: the whole sentence of the article takes the place of the joined one."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from toolkit.summarizers.pointer.bans import FINAL
from toolkit.summarizers.pointer.joints import JudgedJoints
from toolkit.summarizers.pointer.search import words_of
from toolkit.summarizers.pointer.source import FIGURES, PointerSource
from toolkit.summarizers.select import stands_alone

_FROM_START = list(FIGURES).index("from_sentence_start")


def mend(
    items: Sequence[int],
    judged: JudgedJoints,
    source: PointerSource,
    written: Sequence[str],
    *,
    max_chars: int,
    doubted: float,
) -> tuple[int, ...] | None:
    """Return a candidate, items without marks, with whole sentences of the article for its doubtful ones.

    A joint is doubtful beyond ``doubted``; ``judged`` is of the candidate's text. A whole sentence that is too long, or
    leans on another, is left out. None: nothing was to be mended, or nothing whole took its place.
    """
    starts = np.flatnonzero(source.figures[:, _FROM_START] == 0).tolist()
    ends = [*starts[1:], len(source.words)]
    bad = {at for at, surprise in zip(judged.at, judged.surprises.tolist(), strict=True) if surprise > doubted}
    parts: list[tuple[bool, tuple[int, ...]]] = []  # whether it is a whole sentence of the article, and its items
    used: set[int] = set()
    words = words_of(items, source, written)
    offsets = np.cumsum([0, *map(len, words)]).tolist()
    for start, end in _sentences(words):
        # The joint before a sentence's first word is its own; the one at the end of all belongs to the last.
        if not bad.intersection(range(offsets[start], offsets[end] + (end == len(items)))):
            parts.append((False, tuple(items[start:end])))
            continue
        sentence = _comes_from(items[start:end], starts, len(written))
        if sentence is not None and sentence not in used:
            used.add(sentence)
            text = "".join(source.words[starts[sentence] : ends[sentence]])
            if text[-1] in FINAL and stands_alone(text):
                parts.append((True, tuple(range(len(written) + starts[sentence], len(written) + ends[sentence]))))
    kept = _fitting(parts, source, written, max_chars)
    return tuple(item for _, part in kept for item in part) if any(is_whole for is_whole, _ in kept) else None


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


def _fitting(
    parts: Sequence[tuple[bool, tuple[int, ...]]], source: PointerSource, written: Sequence[str], max_chars: int
) -> list[tuple[bool, tuple[int, ...]]]:
    """Leave whole sentences out, the last first, until the rest fits."""
    kept = list(parts)
    while kept and sum(len(word) for _, part in kept for word in words_of(part, source, written)) > max_chars:
        whole = [number for number, (is_whole, _) in enumerate(kept) if is_whole]
        if not whole:
            return []
        del kept[whole[-1]]
    return kept
