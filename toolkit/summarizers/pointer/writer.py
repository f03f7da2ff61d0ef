"""What writes with a pointer network: articles as tensors, the search, and the mending of what it finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from toolkit.summarizers.checked import Candidate
from toolkit.summarizers.headline import HEADLINE_CHARS
from toolkit.summarizers.pointer.bans import Rules
from toolkit.summarizers.pointer.mending import Mender
from toolkit.summarizers.pointer.network import Memory, PointerNetwork
from toolkit.summarizers.pointer.search import Path, search, words_of
from toolkit.summarizers.pointer.source import FIGURES, PointerSource
from toolkit.types import Mode

Search = Callable[[PointerNetwork, Memory, Sequence[PointerSource], Sequence[str], Rules], list[list[Path]]]

BEAMS = 4
_LENGTHS = (0.78, 0.9, 1.0)  # of the longest to aim at: the network is told a length, and some lengths end badly
_ROOM = 1.2  # times the typical length: the network has learned to leave up to two fifths, on average one fifth


@dataclass(frozen=True)
class PointerWriter:
    """A network with what it needs to write.

    ``written`` are the words that it can write, after an empty string for each mark; ``starts`` and ``typical_chars``
    hold each mode's start item and the mean length of the summaries that it learned from. Abstracts are mended unless
    ``free``. ``search`` is another one only where both are compared.
    """

    network: PointerNetwork
    written: tuple[str, ...]
    starts: Mapping[Mode, int]
    typical_chars: Mapping[Mode, float]
    lengths: tuple[float, ...] = _LENGTHS
    beams: int = BEAMS
    free: bool = False
    search: Search = search

    def candidates(
        self, sources: Sequence[PointerSource], states: Sequence[np.ndarray], mode: Mode, max_chars: int
    ) -> list[list[Candidate]]:
        """Return what can be written of each article, scored by the network's mean log-probability; see ``paths``."""
        limit = limit_of(mode, max_chars)
        found = []
        for source, searched in zip(sources, self.paths(sources, states, mode, max_chars), strict=True):
            paths = self.whole(searched, source, mode, limit)
            found.append([Candidate(self.text(path.items, source), path.score) for path in paths])
        return found

    def whole(self, paths: Sequence[Path], source: PointerSource, mode: Mode, max_chars: int) -> list[Path]:
        """Return what mending makes of an article's abstracts, each once; headlines stay, and all stay if ``free``."""
        if mode == "headline" or self.free:
            return list(paths)
        mender = Mender(source, self.written, max_chars)
        found: dict[tuple[int, ...], Path] = {}
        for path in paths:
            for items in mender.mend(path.items):
                found.setdefault(items, Path(items, path.score))
        return list(found.values())

    def paths(
        self, sources: Sequence[PointerSource], states: Sequence[np.ndarray], mode: Mode, max_chars: int
    ) -> list[list[Path]]:
        """Search for each article; ``states`` holds float16 (words, width) for each."""
        limit = limit_of(mode, max_chars)
        longest = min(_ROOM * self.typical_chars[mode], limit)
        targets = tuple(dict.fromkeys(round(length * longest) for length in self.lengths))
        rules = Rules(mode, self.starts[mode], limit, targets, self.beams, self.free)
        return self.search(self.network, remember(self.network, sources, states), sources, self.written, rules)

    def text(self, items: Sequence[int], source: PointerSource) -> str:
        """Return the summary that items make."""
        return "".join(words_of(items, source, self.written))


def limit_of(mode: Mode, max_chars: int) -> int:
    """Return how many characters a summary may have."""
    return min(max_chars, HEADLINE_CHARS) if mode == "headline" else max_chars


def remember(network: PointerNetwork, sources: Sequence[PointerSource], states: Sequence[np.ndarray]) -> Memory:
    """Return what the network makes of articles, in the order given."""
    with torch.inference_mode():
        return network.encode(*pad_articles(sources, states, width=max(1, *(len(source.words) for source in sources))))


def pad_articles(
    sources: Sequence[PointerSource], states: Sequence[np.ndarray], *, width: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the first ``width`` words of articles as ``PointerNetwork.encode`` takes them: states, figures, mask."""
    shape = (len(sources), width)
    vectors = torch.zeros(*shape, states[0].shape[1])
    figures = torch.zeros(*shape, len(FIGURES), dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.bool)
    for row, (source, state) in enumerate(zip(sources, states, strict=True)):
        length = min(width, len(source.words))
        vectors[row, :length] = torch.from_numpy(state[:length].astype(np.float32))
        figures[row, :length] = torch.from_numpy(source.figures[:length].astype(np.int64))
        mask[row, :length] = True
    return vectors, figures, mask
