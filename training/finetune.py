"""Fine-tune an encoder with Hugging Face's Trainer: which weights learn, on which windows, with checkpoints."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset
from transformers import (
    EvalPrediction,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    logging,
    set_seed,
)
from transformers.trainer_callback import EarlyStoppingCallback
from transformers.trainer_utils import get_last_checkpoint

from toolkit.classifiers import Task
from toolkit.classifiers.scorer import TokenScorer
from training.adapters import trainable_parameters
from training.config import BertConfig

Say = Callable[[str], None]
_SECONDS_BETWEEN_LINES = 30
_PAD_TO = 32


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
        # Each new shape costs oneDNN a plan of its own: few shapes make training on a CPU three times as fast.
        longest = -(-longest // _PAD_TO) * _PAD_TO
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
    trainer = Trainer(
        model=LearningScorer(scorer, config.task, weights),
        args=_arguments(config, folder, len(learn), seed),
        data_collator=collate(_pad_id(scorer)),
        train_dataset=learn,
        eval_dataset=watch,
        compute_metrics=lambda prediction: macro_f1(prediction, config.task),
        callbacks=[_Progress(say), *_early_stopping(config)],
        optimizers=(torch.optim.AdamW(trainable_parameters(scorer, config)), None),
    )
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    for noisy in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(noisy)
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it warns of file systems and of its own defaults
    last = _last_checkpoint(folder)
    if last:
        say(f"going on from {Path(last).name}")
    trainer.train(resume_from_checkpoint=last)


def _last_checkpoint(folder: Path) -> str | None:
    last: str | None = get_last_checkpoint(str(folder)) if folder.is_dir() else None  # type: ignore[no-untyped-call]
    return last


def _pad_id(scorer: TokenScorer) -> int:
    return int(getattr(scorer.encoder.config, "pad_token_id", None) or 0)


def _early_stopping(config: BertConfig) -> list[TrainerCallback]:
    return [EarlyStoppingCallback(config.early_stopping_patience)] if config.early_stopping_patience else []


def _arguments(config: BertConfig, folder: Path, n_windows: int, seed: int) -> TrainingArguments:
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    batch = config.per_device_train_batch_size * config.gradient_accumulation_steps * processes
    every = max(1, round(n_windows / batch / config.evaluations_per_epoch))
    bf16 = config.precision == "bf16" or (config.precision == "auto" and has_bf16())
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.num_train_epochs,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.lr_scheduler_type,
        warmup_steps=config.warmup_steps,
        max_grad_norm=config.max_grad_norm,
        per_device_train_batch_size=config.per_device_train_batch_size,
        per_device_eval_batch_size=2 * config.per_device_train_batch_size,
        gradient_accumulation_steps=config.gradient_accumulation_steps,
        train_sampling_strategy="group_by_length",
        bf16=bf16,
        use_cpu=not (torch.cuda.is_available() or torch.backends.mps.is_available()),
        seed=seed,
        data_seed=seed,
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        greater_is_better=True,
        logging_steps=max(1, every // 10),
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=torch.cuda.is_available(),
        ddp_backend=None if processes == 1 or torch.cuda.is_available() else "gloo",
    )


def has_bf16() -> bool:
    """Say whether this machine computes in bfloat16 by itself: a GPU that does, or a CPU with AVX512-BF16 or AMX."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    known = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("avx512_bf16", "amx_tile"))
    return any(ask() for ask in known if ask is not None)


class _Progress(TrainerCallback):
    """Says the loss and the time left now and then, and every evaluation."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._start = self._last = time.monotonic()
        self._first_step = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        self._start = self._last = time.monotonic()
        self._first_step = state.global_step

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: object,
    ) -> None:
        if not state.is_world_process_zero or logs is None:
            return
        now = time.monotonic()
        if "eval_macro_f1" in logs:
            self._say(f"step {state.global_step}/{state.max_steps}: macro-F1 {logs['eval_macro_f1']:.3f} at 0.5")
        elif "loss" in logs and now - self._last >= _SECONDS_BETWEEN_LINES:
            done = state.global_step - self._first_step
            left = (now - self._start) / max(done, 1) * (state.max_steps - state.global_step)
            self._last = now
            at = f"step {state.global_step}/{state.max_steps}"
            self._say(f"{at}: loss {float(logs['loss']):.3f}, about {_minutes(left)} left")


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
