"""Whole sentences as one more candidate: what the network thinks of the sentences that ``extractive`` would take."""

from collections.abc import Sequence

import numpy as np
import torch

from toolkit.summarizers.pointer.network import END, Memory, PointerNetwork, last_copied
from toolkit.summarizers.pointer.search import Path
from toolkit.summarizers.pointer.source import FIGURES, PointerSource

_EXTRACTIVE = list(FIGURES).index("extractive")


def whole_sentences(source: PointerSource, n_written: int, max_chars: int) -> tuple[int, ...]:
    """Return the items that copy the best set of whole sentences; none where it is not read whole or does not fit."""
    places = np.flatnonzero(source.figures[:, _EXTRACTIVE] > 0).tolist()
    fits = sum(len(source.words[place]) for place in places) <= max_chars
    return tuple(n_written + place for place in places) if fits else ()


@torch.inference_mode()
def score_items(
    network: PointerNetwork,
    memory: Memory,
    given: Sequence[tuple[int, ...]],
    chars: Sequence[Sequence[int]],
    start: int,
) -> list[Path]:
    """Return the score of given items, one summary for each article of ``memory``; see ``Path``.

    ``chars`` says how many characters each item has.
    """
    n, steps, n_written = len(given), max(map(len, given)) + 1, network.shape.written
    items, left = torch.full((n, steps), END), torch.zeros(n, steps, dtype=torch.long)
    last, taken = torch.full((n, steps), -1), torch.zeros(n, steps, memory.mask.shape[1])
    for row, (own, lengths) in enumerate(zip(given, chars, strict=True)):
        read = (start, *own)
        items[row, : len(read)] = torch.tensor(read)
        left[row, : len(read)] = sum(lengths) - torch.tensor([0, *lengths]).cumsum(0)
        last[row, : len(read)] = torch.tensor(last_copied(read, n_written))
        for step, item in enumerate(own, start=1):
            if item >= n_written:
                taken[row, step:, item - n_written] = 1
    scores = network.score(memory, network.decode(memory, items, left), last, taken)
    found = []
    for row, own in enumerate(given):
        wanted = torch.tensor([*own, END])
        found.append(Path(own, float(scores[row, : len(wanted)].gather(1, wanted[:, None]).mean())))
    return found
