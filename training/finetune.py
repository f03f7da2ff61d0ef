"""Fine-tune an encoder with Hugging Face's Trainer: which weights learn, on which windows, with checkpoints."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset
from transformers import EvalPrediction, Trainer, TrainingArguments, set_seed

from toolkit.classifiers import Task
from toolkit.classifiers.scorer import TokenScorer
from training.adapters import trainable_parameters
from training.config import BertConfig
from training.trainer import PAD_TO, Say, callbacks, run_trainer, shared_arguments


@dataclass(frozen=True, slots=True)
class Examples(Dataset[dict[str, Any]]):
    """Windows with the labels of their articles; ``gold`` has shape (windows, labels)."""

    token_ids: Sequence[list[int]]
    gold: np.ndarray

    def __len__(self) -> int:
        """Return how many windows there are."""
        return len(self.token_ids)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return one window. It carries its attention mask, as the Trainer sorts by the length of its input_ids."""
        ids = self.token_ids[index]
        return {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": self.gold[index].astype(np.float32)}


class LearningScorer(nn.Module):
    """A scorer that returns its loss beside its log-odds, as the Trainer expects."""

    def __init__(self, scorer: TokenScorer, task: Task, weights: np.ndarray | None) -> None:
        """Take a scorer; ``weights`` are those of the positive labels (multi-label) or of the classes; None: equal."""
        super().__init__()
        self.scorer = scorer
        self.task = task
        # Not a buffer: it belongs to the data, not to the checkpoint.
        self._weights = None if weights is None else torch.tensor(weights, dtype=torch.float32)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Return ``loss`` and ``logits``, (batch, labels); ``labels`` has that shape, 1 where a label is carried."""
        logits = self.scorer.pooled(input_ids, attention_mask)
        weights = None if self._weights is None else self._weights.to(logits.device)
        if self.task == "multi-label":
            loss = nn.functional.binary_cross_entropy_with_logits(logits, labels, pos_weight=weights)
        else:
            loss = nn.functional.cross_entropy(logits, labels.argmax(dim=1), weight=weights)
        return {"loss": loss, "logits": logits}


def class_weights(gold: np.ndarray, task: Task) -> np.ndarray:
    """Return weights that make up for rare labels: (labels,).

    Multi-label: the square root of articles without the label over articles with it, as the full ratio gives away
    precision; single-label: articles over labels times the label's articles (scikit-learn's "balanced").
    """
    carried = np.maximum(gold.sum(axis=0), 1)
    weights: np.ndarray = (
        np.sqrt((len(gold) - carried) / carried) if task == "multi-label" else len(gold) / (gold.shape[1] * carried)
    )
    return weights


def collate(pad_id: int) -> Callable[[list[dict[str, Any]]], dict[str, torch.Tensor]]:
    """Return what pads a list of examples to a batch."""

    def pad(examples: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        longest = max(len(example["input_ids"]) for example in examples)
        longest = -(-longest // PAD_TO) * PAD_TO
        ids = torch.full((len(examples), longest), pad_id, dtype=torch.long)
        mask = torch.zeros((len(examples), longest), dtype=torch.long)
        for row, example in enumerate(examples):
            length = len(example["input_ids"])
            ids[row, :length] = torch.tensor(example["input_ids"])
            mask[row, :length] = 1
        labels = torch.from_numpy(np.stack([example["labels"] for example in examples]))
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}

    return pad


def macro_f1(prediction: EvalPrediction, task: Task) -> dict[str, float]:
    """Return the macro-F1 of windows: labels at log-odds 0 and above, or the most probable one."""
    gold = np.asarray(prediction.label_ids) > 0.5
    logits = np.asarray(prediction.predictions)
    given = logits >= 0 if task == "multi-label" else np.eye(logits.shape[1], dtype=bool)[logits.argmax(axis=1)]
    hits = (given & gold).sum(axis=0)
    f1 = 2 * hits / np.maximum(given.sum(axis=0) + gold.sum(axis=0), 1)
    return {"macro_f1": float(f1[gold.any(axis=0)].mean())}


def finetune(
    scorer: TokenScorer, config: BertConfig, parts: tuple[Examples, Examples], folder: Path, seed: int, say: Say
) -> None:
    """Train ``scorer`` in place; it ends with the weights of the best evaluation.

    Args:
        scorer: prepared by ``training.adapters.choose_weights``.
        config: the options.
        parts: what to learn from, and what picks the best checkpoint.
        folder: for checkpoints; if it holds any, training goes on from the last one.
        seed: of everything random.
        say: told the progress, line by line.
    """
    set_seed(seed)
    learn, watch = parts
    weights = class_weights(learn.gold, config.task) if config.class_weights == "balanced" else None
    arguments = shared_arguments(config, folder, n_examples=len(learn), seed=seed, metric="macro_f1")
    trainer = Trainer(
        model=LearningScorer(scorer, config.task, weights),
        args=TrainingArguments(**arguments),
        data_collator=collate(_pad_id(scorer)),
        train_dataset=learn,
        eval_dataset=watch,
        compute_metrics=lambda prediction: macro_f1(prediction, config.task),
        callbacks=callbacks(config, say, "macro_f1", "macro-F1 {:.3f} at 0.5"),
        optimizers=(torch.optim.AdamW(trainable_parameters(scorer, config)), None),
    )
    run_trainer(trainer, folder, say)


def _pad_id(scorer: TokenScorer) -> int:
    return int(getattr(scorer.encoder.config, "pad_token_id", None) or 0)
