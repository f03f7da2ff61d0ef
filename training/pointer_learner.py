"""One training of the pointer network with Hugging Face's Trainer: batches, the loss, evaluation by summarizing."""

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import Dataset
from transformers import Trainer, TrainingArguments, set_seed

from toolkit.summarizers.pointer.network import PAD, PointerNetwork
from training.config import PointerConfig
from training.pointer_examples import Example, article_batch, kept_words, sequence_batch, shortened
from training.trainer import Say, callbacks, run_trainer, shared_arguments

_KEPT_WEIGHT = 0.3  # of the loss that asks of each word whether the first summary has it
_UNTITLED = 0.3  # share of the articles whose title is hidden, as many come without one
_SHORTENED = 0.2  # share of the abstracts that are cut after an earlier sentence
# A summary told to fill its room to the character ends in a fragment; it learns to end where it is complete.
_MOST_SLACK = 0.4
_METRIC = "rouge_l"


class _Examples(Dataset[dict[str, Any]]):
    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        # The Trainer sorts by the length of what is called input_ids.
        return {"input_ids": self._examples[index].source.words, "example": self._examples[index], "index": index}


@dataclass(frozen=True, slots=True)
class _Collate:
    """Makes batches; ``written`` are the words that can be written, after an empty string for each mark."""

    max_words: int
    written: Sequence[str]
    seed: int

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        # Drawn anew for each batch, so that a training that goes on after a kill draws alike.
        rng = random.Random(f"{self.seed} {[row['index'] for row in rows]}")
        examples = [self._maybe_shorter(row["example"], rng) for row in rows]
        untitled = [rng.random() < _UNTITLED for _ in examples]
        slack = [rng.uniform(0, _MOST_SLACK) for _ in examples]
        states, figures, mask = article_batch(examples, most_words=self.max_words, untitled=untitled)
        width, n_written = mask.shape[1], len(self.written)
        return {
            "states": states,
            "figures": figures,
            "mask": mask,
            "kept": kept_words([example.targets[0] for example in examples], n_written, width),
            "sequences": [
                sequence_batch(examples, which, n_written, width=width, slack=slack)
                for which in range(len(examples[0].targets))
            ],
        }

    def _maybe_shorter(self, example: Example, rng: random.Random) -> Example:
        if rng.random() >= _SHORTENED:
            return example
        first = shortened(example.targets[0], example.source, self.written, rng)
        return replace(example, targets=(first, *example.targets[1:]))


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
            hidden = self.network.decode(memory, sequence["items"], sequence["left"])
            scores = self.network.score(memory, hidden, sequence["last"], sequence["taken"])
            told = sequence["wanted"] != PAD
            total = total - torch.gather(scores, 2, sequence["wanted"][..., None]).squeeze(-1)[told].sum()
            count += int(told.sum())
        chosen = self.network.kept(memory.words).squeeze(-1).float()
        asked = mask & (kept >= 0)
        keeping = binary_cross_entropy_with_logits(chosen[asked], kept[asked]) if asked.any() else chosen.sum() * 0
        return {"loss": total / max(1, count) + _KEPT_WEIGHT * keeping}


class _SummarizingTrainer(Trainer):
    """A Trainer that evaluates by summarizing: transformers has such a one for its own models only."""

    judge: Callable[[PointerNetwork], float]

    def evaluate(self, *_: object, **__: object) -> dict[str, float]:
        network = self.accelerator.unwrap_model(self.model).network
        # The search runs on the processor; a copy leaves what a GPU or several processes hold alone.
        metrics = {f"eval_{_METRIC}": self.judge(copy.deepcopy(network).cpu().eval())}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


@dataclass(frozen=True)
class Course:
    """What one training needs beside the network.

    ``judge`` returns the ROUGE-L of a network, in [0, 1], that picks the best checkpoint.
    """

    examples: Sequence[Example]
    written: Sequence[str]
    judge: Callable[[PointerNetwork], float]
    folder: Path


def learn(network: PointerNetwork, course: Course, options: PointerConfig, seed: int, say: Say) -> None:
    """Train ``network`` in place; it ends with the weights of the best evaluation, in eval mode.

    If the course's folder holds checkpoints, training goes on from the last one.
    """
    set_seed(seed)
    settings = shared_arguments(options, course.folder, n_examples=len(course.examples), seed=seed, metric=_METRIC)
    trainer = _SummarizingTrainer(
        model=LearningPointer(network),
        args=TrainingArguments(**settings),
        data_collator=_Collate(options.max_words, course.written, seed),
        train_dataset=_Examples(course.examples),
        eval_dataset=_Examples(course.examples[:1]),  # the Trainer insists; ``judge`` knows what it measures on
        callbacks=callbacks(options, say, _METRIC, "ROUGE-L {:.3f} on what was held back"),
    )
    trainer.judge = course.judge
    run_trainer(trainer, course.folder, say)
    network.cpu().eval()
