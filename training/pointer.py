"""Train the pointer network: states computed once and kept on disk, references as paths, the Trainer for the rest."""

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import Dataset
from transformers import Trainer, TrainingArguments, set_seed

from toolkit.summarizers.pointer.network import PAD, PointerNetwork, Shape
from toolkit.summarizers.pointer.search import Rules, search
from toolkit.summarizers.pointer.source import PointerSource, read_source
from toolkit.summarizers.pointer.states import WordStates
from toolkit.summarizers.pointer.summarizer import remember
from toolkit.types import Article
from training.config import PointerConfig
from training.pointer_examples import (
    Example,
    Itemizer,
    article_batch,
    kept_words,
    paths_of,
    sequence_batch,
    shortened,
    written_words,
)
from training.rouge import rouge
from training.trainer import Say, callbacks, run_trainer, shared_arguments

_KEPT_WEIGHT = 0.3  # of the loss that asks of each word whether the abstract has it
_UNTITLED = 0.3  # share of the articles whose title is hidden, as many have none when labelled
_SHORTENED = 0.2
_CHUNK = 512
_SEARCHED = 16


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles with references: ``references[mode]`` has one for each article."""

    articles: Sequence[Article]
    references: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Read:
    """A corpus as the network reads it; ``states`` (all words, width) float16 lies on disk, ``starts`` says where."""

    sources: list[PointerSource]
    paths: dict[str, list[list[int | str]]]
    states: np.ndarray
    starts: np.ndarray

    def examples(self, itemizer: Itemizer, modes: Sequence[str], numbers: dict[str, int]) -> list[Example]:
        """Return one example for each article, with a target for each of ``modes``."""
        return [
            Example(
                source,
                self.states[self.starts[row] : self.starts[row + 1]],
                tuple(itemizer.target(self.paths[mode][row], source, numbers[mode]) for mode in modes),
            )
            for row, source in enumerate(self.sources)
        ]


def read_corpus(corpus: Corpus, states: WordStates, kept: Path, say: Say, *, use_title: bool) -> Read:
    """Read a corpus; the encoder's states are computed once, and found again in ``kept`` after a kill."""
    sources = [read_source(article, use_title=use_title) for article in corpus.articles]
    starts = np.cumsum([0, *(len(source.words) for source in sources)])
    if not kept.is_file():
        say(f"computing the encoder's states of {len(sources)} articles")
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial")
        with partial.open("wb") as file:
            for start in range(0, len(sources), _CHUNK):
                for found in states.compute([source.words for source in sources[start : start + _CHUNK]]):
                    file.write(np.ascontiguousarray(found).tobytes())
        partial.replace(kept)
    flat = np.memmap(kept, dtype=np.float16, mode="r")
    width = len(flat) // max(1, int(starts[-1]))
    paths = {mode: paths_of(sources, references) for mode, references in corpus.references.items()}
    return Read(sources, paths, flat.reshape(int(starts[-1]), width), starts)


class _Examples(Dataset[dict[str, Any]]):
    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        # The Trainer sorts by the length of what is called input_ids.
        return {"input_ids": self._examples[index].source.words, "example": self._examples[index]}


@dataclass(frozen=True, slots=True)
class _Collate:
    config: PointerConfig
    written: Sequence[str]
    rng: random.Random
    abstracts: bool

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        examples: list[Example] = [row["example"] for row in rows]
        if self.abstracts:
            examples = [self._maybe_shorter(example) for example in examples]
        untitled = [self.rng.random() < _UNTITLED for _ in examples]
        states, figures, mask = article_batch(examples, most_words=self.config.max_words, untitled=untitled)
        width, n_written = mask.shape[1], len(self.written)
        return {
            "states": states,
            "figures": figures,
            "mask": mask,
            "kept": kept_words([example.targets[0] for example in examples], n_written, width),
            "sequences": [
                sequence_batch(examples, which, n_written, width) for which in range(len(examples[0].targets))
            ],
        }

    def _maybe_shorter(self, example: Example) -> Example:
        if self.rng.random() >= _SHORTENED:
            return example
        first = shortened(example.targets[0], example.source, self.written, self.rng)
        return Example(example.source, example.states, (first, *example.targets[1:]))


class LearningPointer(nn.Module):
    """The network with its loss, as the Trainer expects."""

    def __init__(self, network: PointerNetwork) -> None:
        """Take the network to train."""
        super().__init__()
        self.network = network

    def forward(
        self,
        states: torch.Tensor,
        figures: torch.Tensor,
        mask: torch.Tensor,
        kept: torch.Tensor,
        sequences: list[dict[str, torch.Tensor]],
    ) -> dict[str, torch.Tensor]:
        """Return ``loss``: the mean negative log-probability of the items, and the loss of which words are kept."""
        memory = self.network.encode(states, figures, mask)
        total, count = torch.zeros(()), 0
        for sequence in sequences:
            hidden, _ = self.network.decode(memory, sequence["items"], sequence["left"])
            scores = self.network.score(memory, hidden, sequence["last"], sequence["taken"])
            told = sequence["wanted"] != PAD
            total = total - torch.gather(scores, 2, sequence["wanted"][..., None]).squeeze(-1)[told].sum()
            count += int(told.sum())
        chosen = self.network.kept(memory.words).squeeze(-1).float()
        keeping = binary_cross_entropy_with_logits(chosen[mask], kept[mask])
        return {"loss": total / max(1, count) + _KEPT_WEIGHT * keeping}


class _PointerTrainer(Trainer):
    """A Trainer that evaluates by summarizing: transformers has such a one for its own models only."""

    judge: Callable[[], float]

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        self.model.eval()
        metrics = {"eval_rouge_l": self.judge()}
        self.model.train()
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


@dataclass(frozen=True, slots=True)
class Stage:
    """One training over one corpus: ``watched`` holds the numbers of the articles that pick the best checkpoint."""

    read: Read
    references: dict[str, list[str]]
    modes: tuple[str, ...]
    watched: Sequence[int]
    options: PointerConfig
    folder: Path


@dataclass(frozen=True, slots=True)
class Learner:
    """What the stages share: the network, the words that it can write, and the modes' numbers."""

    network: PointerNetwork
    itemizer: Itemizer
    written: tuple[str, ...]  # after an empty string for each mark
    numbers: dict[str, int]

    def train(self, stage: Stage, seed: int, say: Say) -> None:
        """Train in place; the network ends with the weights of the best evaluation."""
        set_seed(seed)
        examples = stage.read.examples(self.itemizer, stage.modes, self.numbers)
        watched = set(stage.watched)
        learn = [example for number, example in enumerate(examples) if number not in watched]
        settings = shared_arguments(stage.options, stage.folder, n_examples=len(learn), seed=seed, metric="rouge_l")
        trainer = _PointerTrainer(
            model=LearningPointer(self.network),
            args=TrainingArguments(**settings),
            data_collator=_Collate(stage.options, self.written, random.Random(seed), stage.modes[0] == "abstract"),
            train_dataset=_Examples(learn),
            eval_dataset=_Examples([examples[number] for number in stage.watched]),
            callbacks=callbacks(stage.options, say, "rouge_l", "ROUGE-L {:.3f}"),
        )
        trainer.judge = lambda: self.rouge_l(stage)
        run_trainer(trainer, stage.folder, say)

    def rouge_l(self, stage: Stage) -> float:
        """Return the mean character ROUGE-L of what is written, unchecked, for the watched articles."""
        mode = stage.modes[0]
        references = [stage.references[mode][number] for number in stage.watched]
        lengths = [len(reference) for reference in references]
        rules = Rules(
            mode=mode,
            start=2 + self.numbers[mode],
            target_chars=round(float(np.mean(lengths))),
            max_chars=max(lengths),
            beams=4,
        )
        scores = []
        order = sorted(range(len(references)), key=lambda at: len(stage.read.sources[stage.watched[at]].words))
        for start in range(0, len(order), _SEARCHED):
            batch = order[start : start + _SEARCHED]
            sources = [stage.read.sources[stage.watched[at]] for at in batch]
            states = [
                stage.read.states[slice(*stage.read.starts[[stage.watched[at], stage.watched[at] + 1]])] for at in batch
            ]
            memory = remember(self.network, sources, [np.array(state) for state in states])
            for at, paths in zip(batch, search(self.network, memory, sources, self.written, rules), strict=True):
                text = self._text(paths[0].items, stage.read.sources[stage.watched[at]]) if paths else ""
                scores.append(rouge(text, references[at], "char")["rougeL"])
        return float(np.mean(scores))

    def _text(self, items: Sequence[int], source: PointerSource) -> str:
        n = len(self.written)
        return "".join(source.words[item - n] if item >= n else self.written[item] for item in items)
