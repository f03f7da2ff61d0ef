"""Which of several candidates is best: a linear model over figures of each, learned from reference summaries.

The network alone prefers what is easy to say. ``training/pointer_ranking.py`` learns the weights from articles that the
network had not learned from.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from toolkit.summarizers.pointer.bans import CLAUSE_ENDS, FINAL, MARKS
from toolkit.summarizers.pointer.search import Path, words_of
from toolkit.summarizers.pointer.source import FIGURES, PointerSource

RANKING = (
    "mean_log_probability",
    "log_probability",
    "filled",
    "filled_squared",
    "last_sentence",
    "jumps",
    "jumps_back",
    "jumps_into_other_sentence",
    "written_words",
    "sentences",
    "sentence_ends_inside_clause",
    "clause_ends_inside_clause",
    "sentence_starts_inside_clause",
    "ends_inside_clause",
    "title_words",
    "extractive_rank",
    "extractive_share",
    "opens_article",
    "sentence_number",
    "stands_alone",
    "numerals",
    "agreement",
)
_COLUMN = {name: number for number, name in enumerate(FIGURES)}


def rank_figures(source: PointerSource, written: Sequence[str], paths: Sequence[Path], max_chars: int) -> np.ndarray:
    """Return what is known of each candidate: (candidates, len(RANKING))."""
    texts = [words_of(path.items, source, written) for path in paths]
    pairs = [Counter(zip(text, text[1:], strict=False)) for text in map("".join, texts)]
    rows = np.zeros((len(paths), len(RANKING)))
    for row, (path, words, own) in enumerate(zip(paths, texts, pairs, strict=True)):
        others = [_shared(own, other) for number, other in enumerate(pairs) if number != row]
        rows[row] = [
            *_of_length(path, sum(map(len, words)) / max_chars),
            _last_sentence(words),
            *_of_joints(path.items, source, words, len(written)),
            *_of_content(path.items, source, len(written)),
            sum(others) / max(1, len(others)),
        ]
    return rows


def rank_scores(figures: np.ndarray, weights: Mapping[str, float], names: Sequence[str] = RANKING) -> np.ndarray:
    """Return the score of each candidate: (candidates,). ``names`` are those of the figures' columns."""
    found: np.ndarray = figures @ np.array([weights[name] for name in names])
    return found


def _shared(one: Counter[tuple[str, str]], other: Counter[tuple[str, str]]) -> float:
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _of_length(path: Path, filled: float) -> list[float]:
    return [path.score, path.score * len(path.items) / 50, filled, filled**2]


def _last_sentence(words: Sequence[str]) -> float:
    """Return the length of the last sentence, 1 from thirty characters on: a short one is often a fragment."""
    whole = "".join(words)
    inner = whole.rstrip(FINAL)
    start = max(inner.rfind(mark) for mark in FINAL) + 1
    return min(1.0, (len(inner) - start) / 30)


def _of_joints(items: Sequence[int], source: PointerSource, words: Sequence[str], n: int) -> list[float]:
    """Count where the summary leaves the article's course: jumps, written words, and joints inside a clause."""
    jumps = back = across = written = finals = bad_finals = bad_ends = bad_starts = 0
    last, fresh, before = -1, True, ""
    sentence_of = source.figures[:, _COLUMN["sentence"]]

    def inside() -> bool:
        return 0 <= last < len(source.words) - 1 and source.words[last + 1] not in CLAUSE_ENDS

    for item, word in zip(items, words, strict=True):
        place = item - n
        is_mark = word in MARKS
        if is_mark and place != last + 1:
            bad_finals += inside() and word in FINAL
            bad_ends += inside() and word not in FINAL
        finals += word in FINAL
        if place < 0:
            written += not is_mark
        elif not is_mark:
            jumps += place != last + 1
            back += place < last
            across += place != last + 1 and before not in MARKS and sentence_of[place] != sentence_of[max(last, 0)]
            bad_starts += fresh and source.figures[place, _COLUMN["from_clause_start"]] > 0
        if place >= 0:
            last = place
        fresh, before = word in FINAL, word
    ends_inside = bool(items) and items[-1] >= n and words[-1] not in MARKS and inside()
    return [jumps / 10, back, across, written / 10, finals, bad_finals, bad_ends, bad_starts, ends_inside]


def _of_content(items: Sequence[int], source: PointerSource, n: int) -> list[float]:
    places = [item - n for item in items if item >= n]
    if not places:
        return [0.0] * 7
    figures = source.figures[places]
    in_title = source.figures[:, _COLUMN["in_title"]] == 1
    wanted = {source.words[place] for place in np.flatnonzero(in_title).tolist()}
    said = {source.words[place] for place in places}
    return [
        len(wanted & said) / max(1, len(wanted)),
        float(figures[:, _COLUMN["extractive_rank"]].mean()) / 5,
        float((figures[:, _COLUMN["extractive"]] > 0).mean()),
        float(figures[0, _COLUMN["sentence"]] == 0),
        float(figures[:, _COLUMN["sentence"]].mean()) / 10,
        float(figures[0, _COLUMN["stands_alone"]]),
        float(source.number[places].sum()) / 10,
    ]
