"""Fine-tune an encoder-decoder on articles and summaries, with Hugging Face's Seq2SeqTrainer."""

import json
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import Dataset
from transformers import (
    DataCollatorForSeq2Seq,
    EvalPrediction,
    GenerationConfig,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)

from toolkit.summarizers import load_summarizer
from toolkit.summarizers.pieces import Pieces, load_pieces
from toolkit.summarizers.pretrained import SETTINGS, Writer, load_writer, position_limit
from toolkit.summarizers.reading import SourceReader
from toolkit.types import ConfigError, Mode
from training.config import Seq2seqConfig
from training.rouge import rouge
from training.summaries import evaluate_summarizer, format_summary_report
from training.taught import Pair, Taught, split_taught
from training.trainer import PAD_TO, Say, callbacks, run_trainer, shared_arguments

_METRIC = "rougeL"
_MAX_CHARS = 120  # as the command line has it
_BEAMS = 4  # that the saved model asks for
_IDS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "forced_bos_token_id")


@dataclass(frozen=True, slots=True)
class Examples(Dataset[dict[str, Any]]):
    """Articles and summaries as token ids."""

    sources: Sequence[list[int]]
    targets: Sequence[list[int]]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.sources)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return one example, without its padding."""
        source = self.sources[index]
        return {"input_ids": source, "attention_mask": [1] * len(source), "labels": self.targets[index]}


def fit_seq2seq(
    taught: Taught, options: Seq2seqConfig, folders: tuple[Path, Path], seed: int, say: Say
) -> dict[str, Any] | None:
    """Fine-tune, and write a Hugging Face folder with wenzhai.json.

    Args:
        taught: what to learn from; a share is held back.
        options: the settings.
        folders: the model folder, which exists, and the folder of the checkpoints; if that holds any, training goes on
            from the last one.
        seed: of everything random.
        say: told the progress, line by line.

    Returns:
        What goes into model.json; None in all but the first process of a distributed run.

    Raises:
        ConfigError: there is no such model, or it has fewer positions than the settings want.
        DataError: the model cannot be used, or there are too few articles.
    """
    made, checkpoints = folders
    learn, held = split_taught(taught.pairs, held_back=options.held_back, seed=seed)
    say(f"{len(learn)} summaries teach the weights, {len(held)} are held back")
    writer = load_writer(options.pretrained, revision=options.revision)
    _check_positions(writer, options)
    _prepare_generation(writer)
    parts = (_examples(writer, learn, options), _examples(writer, held, options))
    score = _train(writer, parts, options, (checkpoints, seed), say)
    if os.environ.get("RANK", "0") != "0":
        return None
    say(f"held back: ROUGE-L {100 * score:.1f}")
    _save(writer, options, made)
    found = writer.found
    return {
        "modes": list(options.modes),
        "pretrained": {"name": options.pretrained, "revision": found.revision, "digest": found.digest},
        "held_back": {"articles": len(held), _METRIC: round(score, 4)},
    }


def measure_modes(folder: Path, valid: Path, modes: Sequence[Mode], say: Say) -> dict[str, Any]:
    """Return the report of each mode on validation articles."""
    summarizer = load_summarizer(str(folder))
    reports: dict[str, Any] = {}
    for mode in modes:
        reports[mode] = evaluate_summarizer(summarizer, valid, mode=mode, max_chars=_MAX_CHARS)
        say(format_summary_report(reports[mode]))
    return reports


def _check_positions(writer: Writer, options: Seq2seqConfig) -> None:
    for name, side in (("max_source_tokens", "encoder"), ("max_target_tokens", "decoder")):
        limit, wanted = position_limit(writer.network.config, side), getattr(options, name)
        if limit is not None and wanted > limit:
            raise ConfigError(f"model.{name} is {wanted}; the model's {side} has {limit} positions")


def _prepare_generation(writer: Writer) -> None:
    """Leave out what the settings were for another task: its lengths, and penalties that fit them."""
    own = writer.network.generation_config
    ids = {name: value for name in _IDS if (value := getattr(own, name, None)) is not None}
    writer.network.generation_config = GenerationConfig(num_beams=_BEAMS, **ids)  # type: ignore[no-untyped-call]


def _examples(writer: Writer, pairs: Sequence[Pair], options: Seq2seqConfig) -> Examples:
    reader = SourceReader(writer.tokenizer, options.prefix, options.max_source_tokens)
    sources = [reader.read(pair.article, pair.mode).input_ids for pair in pairs]
    summaries = [pair.summary for pair in pairs]
    targets = writer.tokenizer(text_target=summaries, truncation=True, max_length=options.max_target_tokens)
    return Examples(sources, targets["input_ids"])


def _train(
    writer: Writer, parts: tuple[Examples, Examples], options: Seq2seqConfig, place: tuple[Path, int], say: Say
) -> float:
    """Train the network in place and return the ROUGE-L of its best evaluation, in [0, 1].

    ``place`` is the folder of the checkpoints and the seed.
    """
    folder, seed = place
    set_seed(seed)
    pieces = load_pieces(writer.tokenizer, str(writer.found.folder))
    learn, watch = parts
    arguments = shared_arguments(options, folder, n_examples=len(learn), seed=seed, metric=_METRIC)
    trainer = Seq2SeqTrainer(
        model=writer.network,
        args=Seq2SeqTrainingArguments(
            **arguments,
            predict_with_generate=True,
            generation_max_length=options.max_target_tokens,
            generation_num_beams=options.generation_num_beams,
        ),
        data_collator=DataCollatorForSeq2Seq(writer.tokenizer, writer.network, pad_to_multiple_of=PAD_TO),
        train_dataset=learn,
        eval_dataset=watch,
        compute_metrics=lambda found: {_METRIC: mean_rouge(found, pieces)},
        callbacks=callbacks(options, say, _METRIC, "ROUGE-L {:.3f} on what was held back"),
    )
    with warnings.catch_warnings():
        # EncoderDecoderModel says at every step that its loss was computed otherwise before 2021.
        warnings.filterwarnings("ignore", message="Version v4.12.0", category=FutureWarning)
        run_trainer(trainer, folder, say)
    return float(trainer.state.best_metric or 0.0)


def mean_rouge(found: EvalPrediction, pieces: Pieces) -> float:
    """Return the mean ROUGE-L over characters of generated ids against label ids; negative ids are padding."""
    both = (np.asarray(found.predictions), np.asarray(found.label_ids))
    written, wanted = ([pieces.join(row[row >= 0].tolist()) for row in token_ids] for token_ids in both)
    return float(np.mean([rouge(one, other)["rougeL"] for one, other in zip(written, wanted, strict=True)]))


def _save(writer: Writer, options: Seq2seqConfig, made: Path) -> None:
    writer.network.save_pretrained(made)
    writer.tokenizer.save_pretrained(made)
    settings = {
        "prefix": options.prefix,
        "max_source_tokens": options.max_source_tokens,
        "max_target_tokens": dict.fromkeys(options.modes, options.max_target_tokens),
    }
    (made / SETTINGS).write_text(json.dumps(settings, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
