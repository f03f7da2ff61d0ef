"""Learn to tell people's joints from those of a pointer network; see ``toolkit/summarizers/pointer/joints.py``."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.nn.functional import binary_cross_entropy_with_logits

from toolkit.summarizers.pointer.joints import (
    JointNetwork,
    Joints,
    align_summary,
    aligned,
    find_joints,
    joint_vectors,
)
from toolkit.summarizers.pointer.source import PointerSource
from toolkit.summarizers.pointer.threads import map_in_threads
from toolkit.summarizers.pointer.writer import PointerWriter, limit_of
from toolkit.types import Mode
from training.pointer_reading import Read
from training.trainer import Say

_CANDIDATES = 4  # of an article, drawn from all that the search finds
_BATCH = 32  # candidates
_SEARCHED = 8  # articles searched together
_EPOCHS = 5
_LEARNING_RATE = 1e-3
_WEIGHT_DECAY = 0.05
_LEAST_ARTICLES = 2  # one to learn from, one to measure on
_TRIED = 0.1  # share of the articles that measure

Encode = Callable[[Sequence[Sequence[str]]], list[np.ndarray]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A summary with its joints; ``article`` and ``vectors`` are float16 (words, states)."""

    joints: Joints
    article: np.ndarray
    vectors: np.ndarray
    by_people: bool


def learn_joints(
    people: Sequence[Sequence[Judged]], found: Sequence[Sequence[Judged]], seed: int, say: Say
) -> tuple[JointNetwork, float] | None:
    """Return the network, and the area under the ROC curve on a tenth of the articles that it did not learn from.

    ``people`` and ``found`` hold the summaries of each article. None: there are too few of either to learn and measure.
    """
    if min(len(people), len(found)) < _LEAST_ARTICLES:
        say(f"joints of {len(people)} references and of {len(found)} articles: too few to learn from")
        return None
    rng = random.Random(seed)
    torch.manual_seed(seed)
    tried: list[Judged] = []
    learned: list[Judged] = []
    for group in (list(people), list(found)):
        rng.shuffle(group)
        n_tried = max(1, round(_TRIED * len(group)))
        tried += [item for own in group[:n_tried] for item in own]
        learned += [item for own in group[n_tried:] for item in own]
    network = JointNetwork(learned[0].article.shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
    area = 0.0
    for _ in range(_EPOCHS):
        network.train()
        rng.shuffle(learned)
        for start in range(0, len(learned), _BATCH):
            vectors, figures, wanted = _tensors(learned[start : start + _BATCH])
            loss = binary_cross_entropy_with_logits(network(vectors, figures), wanted)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        network.eval()
        area = _area(network, tried)
        say(f"joints: area under the ROC curve {area:.3f} on what was left out")
    return network, area


def _area(network: JointNetwork, tried: Sequence[Judged]) -> float:
    odds, wanted = [], []
    with torch.inference_mode():
        for start in range(0, len(tried), _BATCH):
            vectors, figures, own = _tensors(tried[start : start + _BATCH])
            odds.append(network(vectors, figures))
            wanted.append(own)
    return float(roc_auc_score(torch.cat(wanted).numpy(), torch.cat(odds).numpy()))


def _tensors(batch: Sequence[Judged]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    vectors = np.concatenate([joint_vectors(item.joints, item.article, item.vectors) for item in batch])
    figures = np.concatenate([item.joints.figures for item in batch])
    wanted = np.repeat([float(not item.by_people) for item in batch], [len(item.joints.at) for item in batch])
    return (
        torch.from_numpy(vectors.astype(np.float32)),
        torch.from_numpy(figures),
        torch.from_numpy(wanted.astype(np.float32)),
    )


def peoples_joints(read: Read, numbers: Sequence[int], mode: Mode, encode: Encode) -> list[list[Judged]]:
    """Return the reference summaries of some articles of a corpus."""
    summaries = [aligned(read.paths[mode][number], read.sources[number]) for number in numbers]
    vectors = encode([summary.words for summary in summaries])
    return [
        [
            Judged(
                find_joints(summary, read.sources[number], headline=mode == "headline"),
                read.states_of(number),
                own,
                by_people=True,
            )
        ]
        for number, summary, own in zip(numbers, summaries, vectors, strict=True)
        if summary.words
    ]


def networks_joints(
    writer: PointerWriter, articles: Sequence[tuple[PointerSource, np.ndarray]], mode: Mode, encode: Encode, seed: int
) -> list[list[Judged]]:
    """Return candidates of the network for articles that it has not learned to summarize."""
    rng = random.Random(seed)
    limit = limit_of(mode, round(writer.typical_chars[mode]) if mode == "abstract" else 10**6)
    order = sorted(range(len(articles)), key=lambda number: len(articles[number][0].words))
    batches = [
        [articles[number] for number in order[start : start + _SEARCHED]] for start in range(0, len(order), _SEARCHED)
    ]
    searched = map_in_threads(
        lambda batch: writer.paths([source for source, _ in batch], [states for _, states in batch], mode, limit),
        batches,
    )
    found: list[list[Judged]] = []
    for batch, paths in zip(batches, searched, strict=True):
        drawn = [
            [
                align_summary(writer.text(path.items, source), source)
                for path in rng.sample(own, min(_CANDIDATES, len(own)))
            ]
            for (source, _), own in zip(batch, paths, strict=True)
        ]
        vectors = iter(encode([summary.words for own in drawn for summary in own]))
        for (source, states), own in zip(batch, drawn, strict=True):
            marked = [find_joints(summary, source, headline=mode == "headline") for summary in own]
            found.append([Judged(joints, states, next(vectors), by_people=False) for joints in marked])
    return [own for own in found if own]
