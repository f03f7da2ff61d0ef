"""How well a pointer network writes of articles kept from it, and which of its candidates is best.

``python -m training.pointer_ranking FOLDER`` learns the ranking of a trained folder again, from the same held-back
articles, and writes its model.json and README.md: do it when the rules of the search have changed.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.summarizers.options import SummaryOptions
from toolkit.summarizers.pointer.ranking import RANKING, rank_figures
from toolkit.summarizers.pointer.search import Path as Written
from toolkit.summarizers.pointer.summarizer import PointerSummarizer
from toolkit.summarizers.pointer.threads import map_in_threads
from toolkit.summarizers.pointer.writer import PointerWriter, limit_of
from toolkit.types import DataError, Mode
from training.card import summarizer_card
from training.command import say
from training.config import PointerConfig, SummaryTrainConfig, load_train_config
from training.listnet import Ranked, cross_validate, fit, judge_candidates
from training.pointer_reading import Corpus, Read, read_corpus, split_corpus
from training.rouge import rouge
from training.taught import read_taught
from training.trainer import Say

_PENALTY = 3e-3  # of the weights: there are few articles to learn them from
_LEAST_GAIN = 0.005  # in ROUGE-L, out of fold: the 0.004 that headlines gained did not carry over to other articles
_BATCH = 8  # articles searched together
_SLACK = 1.09  # the longest abstract over the mean one, where the ranking is learned: the references' own spread


def main() -> None:
    """Learn the ranking of a folder again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    rank_folder(folder, say)


def rank_folder(folder: Path, say: Say) -> None:
    """Learn the ranking of a trained folder again, and write its model.json and README.md.

    Raises:
        DataError: the folder holds no pointer network, or the data of its train.yaml are others than at the training.
    """
    config = load_train_config(folder / "train.yaml")
    if not isinstance(config, SummaryTrainConfig) or not isinstance(config.model, PointerConfig):
        raise DataError(f"{folder}: its train.yaml is not of a pointer network")
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    taught = read_taught(config)
    if taught.digest != card["data"]["digest"]:
        raise DataError(f"{folder}: the files that its train.yaml names hold other articles than at the training")
    summarizer = PointerSummarizer.load(folder, SummaryOptions())
    corpus, held = split_corpus(taught, config.model, config.seed)
    kept = Corpus(
        [corpus.articles[number] for number in held],
        {mode: [references[number] for number in held] for mode, references in corpus.references.items()},
    )
    with tempfile.TemporaryDirectory() as scratch:
        read = read_corpus(kept, summarizer.states, Path(scratch) / "states", say)
        card |= judge_held_back(summarizer.writer, read, range(len(held)), say)
    (folder / "model.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    report = folder / "report.json"
    measured = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else None
    (folder / "README.md").write_text(summarizer_card(card, measured), encoding="utf-8")


def judge_held_back(writer: PointerWriter, read: Read, held: Sequence[int], say: Say) -> dict[str, Any]:
    """Return ``ranking`` and ``held_back`` of model.json, from the articles numbered ``held``.

    A mode whose ranking does not pay, out of fold, has none.
    """
    ranking: dict[str, dict[str, float]] = {}
    figures: dict[str, Any] = {}
    for mode in read.paths:
        ranked = _candidates(writer, read, held, mode)
        if len(ranked) < 2:  # noqa: PLR2004 - one to fit, one to try
            continue
        probable = round(float(np.mean([item.rouge_l[0] for item in ranked])), 4)
        figures[mode] = {"most_probable": probable} | cross_validate(ranked, penalty=_PENALTY)
        say(f"{mode}, ranked: " + ", ".join(f"{name} {value:.3f}" for name, value in figures[mode].items()))
        if figures[mode]["rouge_l"] - probable > _LEAST_GAIN:
            weights = fit(ranked, penalty=_PENALTY).tolist()
            ranking[mode] = {name: round(weight, 4) for name, weight in zip(RANKING, weights, strict=True)}
    single = round(rouge_l(writer, read, held), 4)
    return {"ranking": ranking, "held_back": {"articles": len(held), "rougeL": single, "ranked": figures}}


def rouge_l(writer: PointerWriter, read: Read, held: Sequence[int]) -> float:
    """Return the mean ROUGE-L of what the network likes best, one search each, in the corpus's first mode.

    It is unchecked, and 0 for an article of which nothing could be finished.
    """
    mode = next(iter(read.paths))
    references = read.corpus.references[mode]
    single = replace(writer, lengths=(1.0,))
    scores = []
    for number, paths in _written(single, read, held, mode):
        text = single.text(paths[0].items, read.sources[number]) if paths else ""
        scores.append(rouge(text, references[number])["rougeL"])
    return float(np.mean(scores))


def _candidates(writer: PointerWriter, read: Read, held: Sequence[int], mode: Mode) -> list[Ranked]:
    found = []
    limit = _limit(writer, mode)
    for number, searched in _written(writer, read, held, mode):
        source = read.sources[number]
        if paths := writer.whole(searched, source, mode, limit):
            texts = [writer.text(path.items, source) for path in paths]
            figures = rank_figures(source, writer.written, paths, limit)
            found.append(judge_candidates(figures, texts, read.corpus.references[mode][number]))
    return found


def _written(writer: PointerWriter, read: Read, numbers: Sequence[int], mode: Mode) -> list[tuple[int, list[Written]]]:
    """Search for some articles of a corpus, in batches of like length; return each number with what was found."""
    order = sorted(numbers, key=lambda number: len(read.sources[number].words))
    batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

    def write(batch: Sequence[int]) -> list[list[Written]]:
        sources, states = [read.sources[number] for number in batch], [read.states_of(number) for number in batch]
        return writer.paths(sources, states, mode, _limit(writer, mode))

    searched = [paths for found in map_in_threads(write, batches) for paths in found]
    return list(zip(order, searched, strict=True))


def _limit(writer: PointerWriter, mode: Mode) -> int:
    return limit_of(mode, round(_SLACK * writer.typical_chars[mode]) if mode == "abstract" else 10**6)


if __name__ == "__main__":
    main()
