"""What trainings with Hugging Face's Trainer share: its settings, progress in lines, going on after a kill."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments, logging
from transformers.trainer_callback import EarlyStoppingCallback, PrinterCallback, ProgressCallback
from transformers.trainer_utils import get_last_checkpoint

from training.config import BertConfig, PointerConfig, Seq2seqConfig

Options = BertConfig | PointerConfig | Seq2seqConfig
Say = Callable[[str], None]
PAD_TO = 32  # each new shape costs oneDNN a plan of its own: few shapes make training on a CPU three times as fast
_SECONDS_BETWEEN_LINES = 30


# The options of a config that TrainingArguments has under the same name, and with the same meaning.
_SAME = (
    *("num_train_epochs", "learning_rate", "lr_scheduler_type", "warmup_steps", "weight_decay", "max_grad_norm"),
    *("per_device_train_batch_size", "gradient_accumulation_steps"),
)


def shared_arguments(options: Options, folder: Path, *, n_examples: int, seed: int, metric: str) -> dict[str, Any]:
    """Return what TrainingArguments are made of.

    Args:
        options: the model's part of the config.
        folder: for checkpoints, one at each evaluation; the last and the best are kept.
        n_examples: how many there are in an epoch, over all processes.
        seed: of everything random.
        metric: whose highest value picks the best checkpoint, as compute_metrics names it.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    batch = options.per_device_train_batch_size * options.gradient_accumulation_steps * processes
    every = max(1, round(n_examples / batch / options.evaluations_per_epoch))
    return {
        **{name: getattr(options, name) for name in _SAME},
        **_evaluations(every, metric),
        "output_dir": str(folder),
        "per_device_eval_batch_size": 2 * options.per_device_train_batch_size,
        "train_sampling_strategy": "group_by_length",
        "bf16": options.precision == "bf16" or (options.precision == "auto" and has_bf16()),
        "use_cpu": not (torch.cuda.is_available() or torch.backends.mps.is_available()),
        "seed": seed,
        "data_seed": seed,
        "remove_unused_columns": False,
        "label_names": ["labels"],
        "dataloader_pin_memory": torch.cuda.is_available(),
        "ddp_backend": None if processes == 1 or torch.cuda.is_available() else "gloo",
    }


def _evaluations(every: int, metric: str) -> dict[str, Any]:
    return {
        "eval_strategy": "steps",
        "eval_steps": every,
        "save_strategy": "steps",
        "save_steps": every,
        "save_total_limit": 2,
        "load_best_model_at_end": True,
        "metric_for_best_model": metric,
        "greater_is_better": True,
        "logging_steps": max(1, every // 10),
        "report_to": "none",
        "disable_tqdm": True,
    }


def callbacks(options: Options, say: Say, metric: str, told: str) -> list[TrainerCallback]:
    """Return the progress lines, in which ``told`` formats the metric, and early stopping if it is asked for."""
    patience = options.early_stopping_patience
    return [_Progress(say, f"eval_{metric}", told), *([EarlyStoppingCallback(patience)] if patience else [])]


def run_trainer(trainer: Trainer, folder: Path, say: Say) -> None:
    """Train; if ``folder`` holds checkpoints, training goes on from the last one. It ends with the best weights."""
    for noisy in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(noisy)
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it warns of file systems and of its own defaults
    last: str | None = get_last_checkpoint(str(folder)) if folder.is_dir() else None  # type: ignore[no-untyped-call]
    if last:
        say(f"going on from {Path(last).name}")
    trainer.train(resume_from_checkpoint=last)


def has_bf16() -> bool:
    """Say whether this machine computes in bfloat16 by itself: a GPU that does, or a CPU with AVX512-BF16 or AMX."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    known = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("avx512_bf16", "amx_tile"))
    return any(ask() for ask in known if ask is not None)


class _Progress(TrainerCallback):
    """Says the loss and the time left now and then, and every evaluation."""

    def __init__(self, say: Say, metric: str, told: str) -> None:
        self._say = say
        self._metric = metric
        self._told = told
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
        if self._metric in logs:
            self._say(f"step {state.global_step}/{state.max_steps}: {self._told.format(logs[self._metric])}")
        elif "loss" in logs and now - self._last >= _SECONDS_BETWEEN_LINES:
            done = state.global_step - self._first_step
            left = (now - self._start) / max(done, 1) * (state.max_steps - state.global_step)
            self._last = now
            at = f"step {state.global_step}/{state.max_steps}"
            self._say(f"{at}: loss {float(logs['loss']):.3f}, about {_minutes(left)} left")


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
