"""Beam search for the pointer network, with rules for what may follow what."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from toolkit.summarizers.pointer.bans import Rules, Tables, banned, read_tables
from toolkit.summarizers.pointer.drafts import NEVER, Drafts, Next
from toolkit.summarizers.pointer.network import END, Memory, Past, PointerNetwork
from toolkit.summarizers.pointer.source import PointerSource

MOST_STEPS = {"abstract": 110, "headline": 26}
_WORTH_LEAVING = 0.8  # share of articles still searched at which the others leave: to leave costs a copy of the rest


@dataclass(frozen=True, slots=True)
class Path:
    """A finished summary: its items without marks, and the mean log-probability of them and the end."""

    items: tuple[int, ...]
    score: float


@dataclass(slots=True)
class _Search:
    """The articles that are still searched; ``numbers`` are their places in the batch."""

    numbers: list[int]
    memory: Memory
    tables: Tables
    drafts: Drafts
    past: Past

    def keep(self, articles: torch.Tensor) -> "_Search":
        rows = torch.arange(self.drafts.scores.numel()).view(self.drafts.scores.shape)[articles].flatten()
        self.past.keep(rows)
        numbers = [self.numbers[place] for place in articles.tolist()]
        return _Search(
            numbers, self.memory.keep(articles), self.tables.keep(articles), self.drafts.keep(articles), self.past
        )


def words_of(items: Sequence[int], source: PointerSource, written: Sequence[str]) -> list[str]:
    """Return the words that items stand for."""
    n = len(written)
    return [source.words[item - n] if item >= n else written[item] for item in items]


@torch.inference_mode()
def search(
    network: PointerNetwork, memory: Memory, sources: Sequence[PointerSource], written: Sequence[str], rules: Rules
) -> list[list[Path]]:
    """Return the finished summaries of each source, best first; none where none could be finished.

    ``memory`` has one article for each of ``sources``. ``written`` holds the words that can be written, with an empty
    string for each mark.
    """
    n, searches, words = len(sources), len(rules.targets), memory.mask.shape[1]
    targets = torch.tensor(rules.targets).repeat_interleave(rules.beams)
    state = _Search(
        list(range(n)),
        memory,
        read_tables(sources, written, words, rules),
        Drafts.start(n, words, searches=searches, beams=rules.beams, item=rules.start),
        Past(network.shape, rows=n * len(targets), steps=MOST_STEPS[rules.mode]),
    )
    done: list[list[list[Path]]] = [[[] for _ in range(searches)] for _ in range(n)]
    for _ in range(MOST_STEPS[rules.mode]):
        scores = _score(network, state, targets)
        scores.masked_fill_(banned(state.drafts, state.tables, rules), NEVER)
        following = _choose(state, scores, done, rules.beams)
        # What has no draft left that may go on is done, too.
        going = (following.scores > NEVER / 2).view(len(state.numbers), -1).any(1)
        if not going.any():
            break
        state.drafts, parents = state.drafts.extend(following.in_place(), state.tables.chars)
        state.past.reorder(parents)
        if going.sum() <= _WORTH_LEAVING * len(going):
            state = state.keep(going.nonzero()[:, 0])
    return [merge(found) for found in done]


def merge(found: Sequence[Sequence[Path]]) -> list[Path]:
    """Return what the searches of an article found, best first and each once."""
    paths = {path.items: path for paths in found for path in paths}
    return sorted(paths.values(), key=lambda path: -path.score)


def _score(network: PointerNetwork, state: _Search, targets: torch.Tensor) -> torch.Tensor:
    """Return the log-probability of every item as the next: (articles, rows of one, written + words)."""
    drafts = state.drafts
    left = (targets - drafts.used).clamp(min=0)
    hidden = network.decode(state.memory, drafts.items[:, :, -1].reshape(-1, 1), left.view(-1, 1), state.past)
    scores = network.score(state.memory, hidden, drafts.last.view(-1, 1), drafts.taken.flatten(0, 1)[:, None])
    return scores.view(*drafts.scores.shape, -1)


def _choose(state: _Search, scores: torch.Tensor, done: list[list[list[Path]]], beams: int) -> Next:
    """Return what every search goes on with, its best first, and finish what ends."""
    drafts, width = state.drafts, scores.shape[2]
    searches = drafts.scores.shape[1] // beams
    scores += drafts.scores[:, :, None]
    best, places = scores.view(-1, beams * width).topk(2 * beams, dim=1)
    parents, items = places // width, places % width
    ends = items == END
    # A summary ends only while it is better than the drafts that go on.
    ending = ends & (best > NEVER / 2) & ((~ends).cumsum(1) < beams)
    for number, place in ending.nonzero().tolist():
        article, row = number // searches, number % searches * beams + int(parents[number, place])
        items_so_far = drafts.items[article, row].tolist()
        path = Path(tuple(items_so_far[1:]), float(best[number, place]) / len(items_so_far))
        done[state.numbers[article]][number % searches].append(path)
    going = ends.byte().sort(dim=1, stable=True).indices[:, :beams]
    enough = torch.tensor([len(paths) >= beams for number in state.numbers for paths in done[number]])
    kept = best.gather(1, going).masked_fill(enough[:, None], NEVER)
    return Next(parents.gather(1, going), items.gather(1, going), kept)
