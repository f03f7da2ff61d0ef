"""How well a pointer network writes of articles kept from it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from toolkit.summarizers.pointer.search import Path as Written
from toolkit.summarizers.pointer.threads import map_in_threads
from toolkit.summarizers.pointer.writer import PointerWriter, limit_of
from toolkit.types import Mode
from training.pointer_reading import Read
from training.rouge import rouge

_BATCH = 8  # articles searched together
_SLACK = 1.09  # the longest abstract over the mean one: the references' own spread


def rouge_l(writer: PointerWriter, read: Read, held: Sequence[int]) -> float:
    """Return the mean ROUGE-L of what the network likes best, one search each, in the corpus's first mode.

    It is unchecked, and 0 for an article of which nothing could be finished.
    """
    mode = next(iter(read.paths))
    references = read.corpus.references[mode]
    single = replace(writer, lengths=(1.0,))
    scores = []
    for number, paths in _written(single, read, held, mode):
        text = single.text(paths[0].items, read.sources[number]) if paths else ""
        scores.append(rouge(text, references[number])["rougeL"])
    return float(np.mean(scores))


def _written(writer: PointerWriter, read: Read, numbers: Sequence[int], mode: Mode) -> list[tuple[int, list[Written]]]:
    """Search for some articles of a corpus, in batches of like length; return each number with what was found."""
    order = sorted(numbers, key=lambda number: len(read.sources[number].words))
    batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

    def write(batch: Sequence[int]) -> list[list[Written]]:
        sources, states = [read.sources[number] for number in batch], [read.states_of(number) for number in batch]
        return writer.paths(sources, states, mode, _limit(writer, mode))

    searched = [paths for found in map_in_threads(write, batches) for paths in found]
    return list(zip(order, searched, strict=True))


def _limit(writer: PointerWriter, mode: Mode) -> int:
    return limit_of(mode, round(_SLACK * writer.typical_chars[mode]) if mode == "abstract" else 10**6)
