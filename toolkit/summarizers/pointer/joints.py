"""How likely people are to join words as a candidate does: a small network over the joints of a summary.

A joint is where a summary leaves the article's course: it skips words, writes one, or ends. The network that writes
sees the article only; this one also sees what the encoder makes of the candidate itself, where a torn phrase shows. It
is learned by telling people's joints from those of the network's own candidates (noise-contrastive estimation: Gutmann
and Hyvärinen, 2010; to rank what a model writes: Deng et al., "Residual Energy-Based Models for Text
Generation", 2020).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import softplus

from toolkit.summarizers.pointer.alignment import segments
from toolkit.summarizers.pointer.bans import CLAUSE_ENDS
from toolkit.summarizers.pointer.source import FIGURES, PointerSource
from toolkit.words import cut

_DISTANCES = np.array([1, 2, 3, 5, 8, 12, 20, 40])  # words
_KIND, _TAG = list(FIGURES).index("kind"), list(FIGURES).index("tag")
_SENTENCE = list(FIGURES).index("sentence")
_PLACES = ("copied_last", "left_out_first", "left_out_last", "now")  # of the article, around a joint
_SLOTS = 4 + len(_PLACES)  # two words of the summary on either side of the joint, and those places

# How many values each figure of a joint can take; that of a place is one more, for none.
JOINT_FIGURES = {
    "headline": 2,
    "at": 3,  # the first word, a later one, the end
    "written_before": 2,
    "written": 2,
    "distance": 2 * (len(_DISTANCES) + 1) + 1,  # back, none, ahead
    "same_clause": 2,
    "same_sentence": 2,
} | {f"{figure}_{place}": FIGURES[figure] + 1 for place in _PLACES for figure in ("kind", "tag")}


@dataclass(frozen=True, slots=True)
class Aligned:
    """A summary beside its article: its words, and where in the article each was copied from, -1 for a written one."""

    words: tuple[str, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Joints:
    """The joints of a summary.

    ``places`` (joints, 8) are row numbers of the vectors of the article and the summary set one after another, with a
    row of zeros behind; ``figures`` is (joints, len(JOINT_FIGURES)); ``at`` says before which character each joint is.
    """

    places: np.ndarray
    figures: np.ndarray
    at: tuple[int, ...]


def align_summary(summary: str, source: PointerSource) -> Aligned:
    """Align a summary, whoever wrote it, so that people's and the network's are compared alike."""
    return aligned(segments(source.words, summary), source)


def aligned(path: Sequence[int | str], source: PointerSource) -> Aligned:
    """Return a path as ``alignment.segments`` gives it, its written strings cut into words."""
    words: list[str] = []
    places: list[int] = []
    for part in path:
        new = [source.words[part]] if isinstance(part, int) else cut(part)
        words += new
        places += [part] if isinstance(part, int) else [-1] * len(new)
    return Aligned(tuple(words), tuple(places))


def find_joints(summary: Aligned, source: PointerSource, *, headline: bool) -> Joints:
    """Return where a summary leaves the article's course; its beginning and its end are always joints."""
    words, copied = len(source.words), summary.places
    none = words + len(copied)
    clause = np.cumsum([0, *(word in CLAUSE_ENDS for word in source.words)])
    offsets = np.cumsum([0, *map(len, summary.words)]).tolist()
    places, figures, at = [], [], []
    last = -1

    def of_summary(step: int) -> int:
        return words + step if 0 <= step < len(copied) else none

    def of_article(place: int) -> int:
        return place if 0 <= place < words else none

    for step in range(len(copied) + 1):
        ends = step == len(copied)
        now = -1 if ends else copied[step]
        before = copied[step - 1] if step else -1
        if ends or now < 0 or before < 0 or now != last + 1:
            around = (last, last + 1, now - 1 if now >= 0 else -1, now)
            places.append([*map(of_summary, range(step - 2, step + 2)), *map(of_article, around)])
            known = now >= 0 and last >= 0
            figures.append(
                [
                    int(headline),
                    2 if ends else int(step > 0),
                    int(step > 0 and before < 0),
                    int(not ends and now < 0),
                    _distance(now - last) if known else len(_DISTANCES) + 1,
                    int(known and clause[last] == clause[now]),
                    int(known and source.figures[last, _SENTENCE] == source.figures[now, _SENTENCE]),
                    *(_figure(source, place, column) for place in around for column in (_KIND, _TAG)),
                ]
            )
            at.append(offsets[step])
        last = now if now >= 0 else last
    return Joints(np.array(places), np.array(figures), tuple(at))


def _distance(jump: int) -> int:
    middle = len(_DISTANCES) + 1
    far = int(np.searchsorted(_DISTANCES, abs(jump), side="right"))
    return middle + far if jump > 0 else middle - far


def _figure(source: PointerSource, place: int, column: int) -> int:
    sizes = tuple(FIGURES.values())
    return int(source.figures[place, column]) if 0 <= place < len(source.words) else sizes[column]


class JointNetwork(nn.Module):
    """Word vectors and figures around a joint in, the log-odds that the network and no person made it out."""

    def __init__(self, states: int, *, width: int = 64, dropout: float = 0.3) -> None:
        """Build it with fresh weights; ``states`` is the width of the word vectors."""
        super().__init__()
        self.scale = nn.LayerNorm(states)
        self.slots = nn.ModuleList(nn.Linear(states, width) for _ in range(_SLOTS))
        self.figures = nn.ModuleList(nn.Embedding(size, 2 * width) for size in JOINT_FIGURES.values())
        self.mix = nn.Linear(_SLOTS * width, 2 * width)
        self.judge = nn.Sequential(nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, 1))
        self.drop = nn.Dropout(dropout)
        for embedding in self.figures:
            nn.init.normal_(embedding.weight, std=0.05)  # type: ignore[arg-type]

    def forward(self, vectors: torch.Tensor, figures: torch.Tensor) -> torch.Tensor:
        """Return (joints,) for vectors (joints, 8, states) and figures (joints, len(JOINT_FIGURES))."""
        scaled = self.scale(vectors)
        slots = torch.cat([project(scaled[:, slot]) for slot, project in enumerate(self.slots)], dim=-1)
        hidden = self.mix(self.drop(slots))
        for column, embed in enumerate(self.figures):
            hidden = hidden + embed(figures[:, column])
        found: torch.Tensor = self.judge(hidden).squeeze(-1)
        return found


def joint_vectors(joints: Joints, article: np.ndarray, summary: np.ndarray) -> np.ndarray:
    """Return the vectors around each joint: float16 (joints, 8, states)."""
    nothing = np.zeros((1, article.shape[1]), dtype=np.float16)
    found: np.ndarray = np.concatenate([article, summary, nothing])[joints.places]
    return found


JOINT_RANKING = ("joints_together", "worst_joint", "worst_two_joints")


@dataclass(frozen=True, slots=True)
class JudgedJoints:
    """The joints of a summary: before which characters, and how little each looks like people's, 0 for a common one."""

    at: tuple[int, ...]
    surprises: np.ndarray

    @property
    def figures(self) -> list[float]:
        """The values of ``JOINT_RANKING``."""
        worst = np.sort(self.surprises)[::-1]
        return [float(worst.sum()) / 10, float(worst[0]), float(worst[:2].sum())]


@dataclass(frozen=True)
class JointJudge:
    """Judges the joints of summaries; ``encode`` returns float16 (words, states) for each list of words."""

    network: JointNetwork
    encode: Callable[[Sequence[Sequence[str]]], list[np.ndarray]]

    def judge(
        self, articles: Sequence[tuple[PointerSource, np.ndarray]], texts: Sequence[Sequence[str]], *, headline: bool
    ) -> list[list[JudgedJoints]]:
        """Judge the summaries of each article, which is its source and the vectors of its words."""
        pairs = [
            (source, states, align_summary(text, source))
            for (source, states), own in zip(articles, texts, strict=True)
            for text in own
        ]
        vectors = self.encode([summary.words for _, _, summary in pairs])
        found = iter(
            self.surprises(find_joints(summary, source, headline=headline), states, own)
            for (source, states, summary), own in zip(pairs, vectors, strict=True)
        )
        return [[next(found) for _ in own] for own in texts]

    @torch.inference_mode()
    def surprises(self, joints: Joints, article: np.ndarray, summary: np.ndarray) -> JudgedJoints:
        """Judge one summary; ``article`` and ``summary`` are the vectors of their words."""
        vectors = torch.from_numpy(joint_vectors(joints, article, summary).astype(np.float32))
        odds = self.network(vectors, torch.from_numpy(joints.figures))
        return JudgedJoints(joints.at, softplus(odds).numpy())
