"""What writes with a pointer network: articles as tensors, the search, and the ranking of what it finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add

import numpy as np
import torch

from toolkit.summarizers.checked import Candidate
from toolkit.summarizers.headline import HEADLINE_CHARS
from toolkit.summarizers.pointer.bans import Rules
from toolkit.summarizers.pointer.joints import JOINT_RANKING, JointJudge, JudgedJoints
from toolkit.summarizers.pointer.mending import mend
from toolkit.summarizers.pointer.network import Memory, PointerNetwork
from toolkit.summarizers.pointer.ranking import RANKING, rank_figures, rank_scores
from toolkit.summarizers.pointer.search import Path, search, words_of
from toolkit.summarizers.pointer.source import FIGURES, PointerSource
from toolkit.types import Mode

Search = Callable[[PointerNetwork, Memory, Sequence[PointerSource], Sequence[str], Rules], list[list[Path]]]

BEAMS = 4
_LENGTHS = (0.78, 0.9, 1.0)  # of the longest to aim at: the network is told a length, and some lengths end badly
_JUDGED = 4  # candidates of an article whose joints are judged: the encoder reads each
_ROOM = 1.2  # times the typical length: the network has learned to leave up to two fifths, on average one fifth


@dataclass(frozen=True)
class PointerWriter:
    """A network with what it needs to write.

    ``written`` are the words that it can write, after an empty string for each mark; ``starts`` and ``typical_chars``
    hold each mode's start item and the mean length of the summaries that it learned from. ``ranking`` holds each mode's
    weights of ``RANKING``; a mode without: the network's own probability ranks. ``judge`` judges the joints of the
    candidates that are then the best, and ``judged`` holds each mode's weights of ``RANKING`` and ``JOINT_RANKING``,
    which rank them; None, or a mode without: joints are not judged. A candidate whose worst joint is beyond ``doubted``
    of its mode is left out. ``search`` is another one only where both
    are compared.
    """

    network: PointerNetwork
    written: tuple[str, ...]
    starts: Mapping[Mode, int]
    typical_chars: Mapping[Mode, float]
    ranking: Mapping[Mode, Mapping[str, float]]
    judged: Mapping[Mode, Mapping[str, float]] = field(default_factory=dict)
    doubted: Mapping[Mode, float] = field(default_factory=dict)
    judge: JointJudge | None = None
    lengths: tuple[float, ...] = _LENGTHS
    beams: int = BEAMS
    free: bool = False
    search: Search = search

    def candidates(
        self, sources: Sequence[PointerSource], states: Sequence[np.ndarray], mode: Mode, max_chars: int
    ) -> list[list[Candidate]]:
        """Return what can be written of each article; see ``paths``."""
        limit = limit_of(mode, max_chars)
        articles = list(zip(sources, states, strict=True))
        searched = self.paths(sources, states, mode, max_chars)
        scored = [
            list(zip(paths, self._scores(source, paths, mode, limit), strict=True))
            for source, paths in zip(sources, searched, strict=True)
        ]
        if self.judge is not None and mode in self.judged:
            best = [[path for path, _ in sorted(own, key=lambda one: -one[1])[:_JUDGED]] for own in scored]
            scored = self._judged(articles, best, mode, limit)
        return [
            [Candidate(self.text(path.items, source), score) for path, score in own]
            for source, own in zip(sources, scored, strict=True)
        ]

    def _scores(self, source: PointerSource, paths: Sequence[Path], mode: Mode, limit: int) -> list[float]:
        if mode not in self.ranking or not paths:
            return [path.score for path in paths]
        found: list[float] = rank_scores(rank_figures(source, self.written, paths, limit), self.ranking[mode]).tolist()
        return found

    def _judged(
        self, articles: Sequence[tuple[PointerSource, np.ndarray]], best: list[list[Path]], mode: Mode, limit: int
    ) -> list[list[tuple[Path, float]]]:
        """Return candidates whose joints are not doubted, mended ones among them, each with its score."""
        doubted = self.doubted.get(mode, np.inf)
        joints = self.judge_joints(articles, best, mode)
        mended: list[list[Path]] = [[] for _ in articles]
        if mode == "abstract":
            for (source, _), paths, own, more in zip(articles, best, joints, mended, strict=True):
                for path, judged in zip(paths, own, strict=True):
                    known = {other.items for other in (*paths, *more)}
                    made = mend(path.items, judged, source, self.written, max_chars=limit, doubted=doubted)
                    more += [Path(items, path.score) for items in made if items not in known]
        of_mended = self.judge_joints(articles, mended, mode)
        found = []
        for (source, _), paths, own in zip(articles, map(add, best, mended), map(add, joints, of_mended), strict=True):
            scores = self.judged_scores(source, paths, own, mode, limit)
            found.append(
                [
                    (path, score)
                    for path, score, judged in zip(paths, scores, own, strict=True)
                    if judged.surprises.max() <= doubted
                ]
            )
        return found

    def judged_scores(
        self, source: PointerSource, paths: Sequence[Path], joints: Sequence[JudgedJoints], mode: Mode, limit: int
    ) -> list[float]:
        """Return the score of each candidate, from what is known of it and of its joints."""
        if not paths:
            return []
        figures = rank_figures(source, self.written, paths, limit)
        together = np.concatenate([figures, np.array([judged.figures for judged in joints])], axis=1)
        found: list[float] = rank_scores(together, self.judged[mode], (*RANKING, *JOINT_RANKING)).tolist()
        return found

    def judge_joints(
        self, articles: Sequence[tuple[PointerSource, np.ndarray]], searched: Sequence[Sequence[Path]], mode: Mode
    ) -> list[list[JudgedJoints]]:
        """Return the joints of each article's candidates; a writer without a judge has none to give."""
        if self.judge is None:
            return [[] for _ in searched]
        texts = [
            [self.text(path.items, source) for path in paths]
            for (source, _), paths in zip(articles, searched, strict=True)
        ]
        return self.judge.judge(articles, texts, headline=mode == "headline")

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
