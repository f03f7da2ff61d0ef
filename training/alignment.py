"""A reference summary as a path through its article: which runs of words were copied, and what was written between."""

from collections.abc import Sequence

import numpy as np

_JUMP = 1.0  # to a word farther on; in units of about one written character
_JUMP_BACK = 1.4
_WRITE = 0.7  # one character that is not copied
_NEVER = 1e9


def align(words: Sequence[str], reference: str) -> list[int]:
    """Return for each character of the reference the position in the joined words that it was copied from, or -1.

    Copied runs begin and end with whole words; of all such paths the one of fewest jumps and written characters.
    """
    source = _codes("".join(words))
    n = len(source)
    edges = np.zeros(n + 1, dtype=bool)
    edges[np.cumsum([0, *map(len, words)])] = True
    at = np.arange(n + 1)
    # copied[j]: the last character was source[j - 1]; written[j]: it was written, after copying up to j.
    copied, written = np.full(n + 1, _NEVER), np.full(n + 1, _NEVER)
    copied[0] = 0.0
    history: list[tuple[np.ndarray, np.ndarray]] = []
    for code in _codes(reference):
        leave = np.where(edges, np.minimum(copied, written), _NEVER)
        before = np.minimum.accumulate(leave)
        after = np.minimum.accumulate(leave[::-1])[::-1]
        ahead, back = before + _JUMP, after + _JUMP_BACK
        came_from = np.where(ahead <= back, _last_at(leave, before), _first_at(leave, after))
        enter = np.where(edges, np.minimum(ahead, back), _NEVER)
        stay = np.minimum(copied, np.where(edges, written, _NEVER))
        step = np.minimum(stay, enter)[:-1]
        copied = np.concatenate([[_NEVER], np.where(source == code, step, _NEVER)])
        written = leave + _WRITE
        history.append((copied <= written, np.concatenate([[0], np.where(stay <= enter, at, came_from)[:-1]])))
    end = int(np.argmin(np.where(edges, np.minimum(copied, written), _NEVER)))
    return _walk_back(history, end)


def _walk_back(history: Sequence[tuple[np.ndarray, np.ndarray]], place: int) -> list[int]:
    path = []
    for was_copied, came_from in reversed(history):
        if was_copied[place]:
            path.append(place - 1)
            place = int(came_from[place])
        else:
            path.append(-1)
    return path[::-1]


def _last_at(values: np.ndarray, smallest: np.ndarray) -> np.ndarray:
    """Return for each place the last one up to it that has the smallest value so far."""
    found: np.ndarray = np.maximum.accumulate(np.where(values == smallest, np.arange(len(values)), 0))
    return found


def _first_at(values: np.ndarray, smallest: np.ndarray) -> np.ndarray:
    n = len(values)
    found: np.ndarray = np.minimum.accumulate(np.where(values == smallest, np.arange(n), n - 1)[::-1])[::-1]
    return found


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def segments(words: Sequence[str], reference: str) -> list[int | str]:
    """Return the reference as positions of copied words, and written strings between them."""
    starts = {start: number for number, start in enumerate(np.cumsum([0, *map(len, words)])[:-1].tolist())}
    found: list[int | str] = []
    for char, place in zip(reference, align(words, reference), strict=True):
        if place < 0:
            if found and isinstance(found[-1], str):
                found[-1] += char
            else:
                found.append(char)
        elif place in starts:
            found.append(starts[place])
    return found
