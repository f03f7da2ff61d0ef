"""References as items of the pointer network, and batches of them."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from toolkit.summarizers.pointer.network import END, PAD, last_copied
from toolkit.summarizers.pointer.source import FIGURES, PointerSource
from toolkit.summarizers.pointer.writer import pad_articles
from toolkit.words import cut
from training.alignment import segments

# Names and numerals are copied or not said at all.
_COPIED_TAGS = ("nr", "ns", "nt", "nz", "m", "eng")
_COPIED_CHARS = set("%％㎡℃一二三四五六七八九十百千万亿两“”‘’《》（）()")
_FINAL = "。！？"
_SHORTEST_CHARS = 25  # of the beginning of a reference that is learned from by itself
_PAD_WORDS, _PAD_STEPS = 64, 16  # each new shape costs oneDNN a plan of its own
_NO_TITLE = 2  # of the figure in_title
_IN_TITLE = list(FIGURES).index("in_title")


@dataclass(frozen=True, slots=True)
class Target:
    """A reference as items, from its start mark to its end, and how many characters each between them has."""

    items: tuple[int, ...]
    chars: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An article with its references: ``states`` (words, width) may lie on disk.

    A target of a start mark alone stands for a reference that the article does not have.
    """

    source: PointerSource
    states: np.ndarray
    targets: tuple[Target, ...]


def written_words(paths: Sequence[Sequence[int | str]], *, most: int, least: int) -> list[str]:
    """Return the words that references have and articles lack, the most frequent first: at most ``most`` of them.

    A word must be written ``least`` times; names, numerals, Latin words and quotation marks are never among them.
    """
    counts = Counter(word for path in paths for part in path if isinstance(part, str) for word in cut(part))
    return [word for word, count in counts.most_common() if count >= least and _may_be_written(word)][:most]


def _may_be_written(word: str) -> bool:
    import rjieba

    if any(char in _COPIED_CHARS or char.isdigit() or (char.isascii() and char.isalpha()) for char in word):
        return False
    return not word.strip() or rjieba.tag(word)[0][1] not in _COPIED_TAGS


class Itemizer:
    """Turns references into items."""

    def __init__(self, written: Sequence[str], n_modes: int) -> None:
        """Take the words that can be written; they follow the marks of ``n_modes`` modes."""
        self.first = 2 + n_modes
        self.n_written = self.first + len(written)
        self._ids = {word: self.first + number for number, word in enumerate(written)}

    def target(self, path: Sequence[int | str], source: PointerSource, mode: int) -> Target:
        """Return a path (see ``alignment.segments``) as items; what cannot be written becomes ``PAD``."""
        items, chars = [2 + mode], []
        for part in path:
            if isinstance(part, int):
                items.append(self.n_written + part)
                chars.append(len(source.words[part]))
                continue
            for word in cut(part):
                # A word that is not on the list may have its characters there.
                for piece in [word] if word in self._ids else word:
                    items.append(self._ids.get(piece, PAD))
                    chars.append(len(piece))
        return Target((*items, END), tuple(chars))


def rehearsed(examples: Sequence[Example], *, share: float, of: int, mode: int, n_modes: int) -> list[Example]:
    """Return some examples of headlines alone, a share of the ``of`` examples of ``n_modes`` modes that they join.

    What was learned first is forgotten unless it is seen again. Their one target becomes that of ``mode``.
    """
    drawn = random.Random(of).sample(range(len(examples)), min(len(examples), round(share * of)))
    empty = [Target((2 + number,), ()) for number in range(n_modes)]
    return [
        replace(examples[number], targets=(*empty[:mode], examples[number].targets[0], *empty[mode + 1 :]))
        for number in sorted(drawn)
    ]


def shortened(target: Target, source: PointerSource, written: Sequence[str], rng: random.Random) -> Target:
    """Return a target cut after one of its earlier sentences, so that shorter summaries are learned too."""
    n = len(written)
    total, ends = 0, []
    for at, (item, chars) in enumerate(zip(target.items[1:-2], target.chars, strict=False), start=1):
        total += chars
        word = source.words[item - n] if item >= n else written[item]
        if word and word in _FINAL and total >= _SHORTEST_CHARS:
            ends.append(at)
    if not ends:
        return target
    at = rng.choice(ends)
    return Target((*target.items[: at + 1], END), target.chars[:at])


def sequence_batch(
    examples: Sequence[Example], which: int, n_written: int, *, width: int, slack: Sequence[float]
) -> dict[str, torch.Tensor]:
    """Return target ``which`` of each example as tensors (batch, steps); see ``PointerNetwork.decode`` and ``score``.

    A word beyond ``width`` is not read; its item becomes padding. ``slack`` says by which share of its length more room
    is left than each target takes.
    """
    targets = [example.targets[which] for example in examples]
    steps = _up(max(len(target.items) for target in targets) - 1, _PAD_STEPS)
    shape = (len(examples), steps)
    items, wanted, left = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    last, taken = torch.full(shape, -1), torch.zeros(*shape, width)
    for row, target in enumerate(targets):
        read = [item if item < n_written + width else PAD for item in target.items]
        length = len(read) - 1
        items[row, :length] = torch.tensor(read[:-1])
        wanted[row, :length] = torch.tensor(read[1:])
        room = round((1 + slack[row]) * sum(target.chars))
        left[row, :length] = room - torch.tensor([0, *target.chars]).cumsum(0)
        last[row, :length] = torch.tensor(last_copied(read[:-1], n_written))
        for step, item in enumerate(read[:-1]):
            if item >= n_written:
                taken[row, step:, item - n_written] = 1
    return {"items": items, "wanted": wanted, "left": left, "last": last, "taken": taken}


def article_batch(
    examples: Sequence[Example], *, most_words: int, untitled: Sequence[bool]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return states, figures and mask, all (batch, words, ...); ``untitled`` hides which words stand in the title."""
    width = _up(min(most_words, max(len(example.source.words) for example in examples)), _PAD_WORDS)
    sources, vectors = [example.source for example in examples], [example.states for example in examples]
    states, figures, mask = pad_articles(sources, vectors, width=width)
    figures[torch.tensor(untitled), :, _IN_TITLE] = _NO_TITLE
    return states, figures, mask


def kept_words(targets: Sequence[Target], n_written: int, width: int) -> torch.Tensor:
    """Return 1 for each word that a target copies, 0 for others, -1 where there is no target: float (batch, words)."""
    kept = torch.zeros(len(targets), width)
    for row, target in enumerate(targets):
        if not target.chars:
            kept[row] = -1
        places = [item - n_written for item in target.items if n_written <= item < n_written + width]
        kept[row, places] = 1
    return kept


def paths_of(sources: Sequence[PointerSource], references: Sequence[str]) -> list[list[int | str]]:
    """Return how each reference is made from its article."""
    return [segments(source.words, reference) for source, reference in zip(sources, references, strict=True)]


def _up(length: int, step: int) -> int:
    return -(-max(1, length) // step) * step
