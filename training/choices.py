"""Why the TF-IDF settings are what they are: cross-validation of each alternative on the training data alone.

``python -m training.choices`` prints one row an alternative. It needs the real data beside the project. Thresholds are
chosen on one half of the articles and applied to the other, so that they are not measured where they were chosen.
"""

import sys
from pathlib import Path

import numpy as np

from toolkit.words import load_segmenter
from training.config import DecisionConfig, TfidfConfig, TrainConfig, load_train_config
from training.data import gold_matrix, repeat_groups
from training.metrics import Judged, measure
from training.tfidf import TrainingSet, count_blocks, out_of_fold
from training.train import read_training_data
from training.tune import choose_thresholds, fit_scaling

CONFIG = Path("configs/train/tfidf-shipped.yaml")
ALTERNATIVES: dict[str, dict[str, object]] = {
    "as shipped": {},
    "words only": {"char_ngrams": 0, "word_ngrams": 1},
    "words and word pairs only": {"char_ngrams": 0},
    "characters and character pairs only": {"word_ngrams": 0},
    "words and characters, no pairs": {"char_ngrams": 1, "word_ngrams": 1},
    "words weigh 0.5": {"word_weight": 0.5},
    "words weigh 1": {"word_weight": 1.0},
    "title counts once": {"title_weight": 1},
    "title counts twice": {"title_weight": 2},
    "title counts five times": {"title_weight": 5},
    "200 characters of the text": {"lead_chars": 200},
    "600 characters": {"lead_chars": 600},
    "the whole text": {"lead_chars": 100_000},
    "terms in one article kept": {"min_df": 1},
    "terms in fewer than 5 dropped": {"min_df": 5},
    "C = 0.3": {"c": 0.3},
    "C = 3": {"c": 3.0},
    "learning from unsure articles too": {"use_unsure": True},
}


def main() -> None:
    """Print the table."""
    config = load_train_config(CONFIG, sys.argv[1:])
    if not isinstance(config, TrainConfig) or not isinstance(config.model, TfidfConfig):
        raise TypeError(config.model.kind)
    topics, articles = read_training_data(config)
    gold = gold_matrix(articles, topics)
    groups = repeat_groups(articles)
    sure = np.array([not article.unsure for article in articles], dtype=bool)
    keys = [topic.key for topic in topics]
    sys.stdout.write("| | macro-F1 | without unsure | mean AP | topic-less given a topic |\n|---|---|---|---|---|\n")
    for name, changes in ALTERNATIVES.items():
        model = config.model.model_copy(update=changes)
        blocks = count_blocks(articles, load_segmenter(model.segmenter, model.dictionary), model)
        learn = sure | model.use_unsure
        judged = _cross_validate(TrainingSet(blocks, gold, learn, groups), model, config)
        whole, clear = measure(judged, keys), measure(judged.where(np.tile(sure, config.decisions.repeats)), keys)
        sys.stdout.write(_row(name, whole, clear))
        sys.stdout.flush()


def _cross_validate(labelled: TrainingSet, model: TfidfConfig, config: TrainConfig) -> Judged:
    decisions: DecisionConfig = config.decisions
    margins = out_of_fold(labelled, model, decisions, config.seed)
    gold = np.tile(labelled.gold, (decisions.repeats, 1))
    # Reprints stay on one side: what is chosen on an article must not be measured on its double.
    half = np.tile(np.array(labelled.groups) % 2 == 0, decisions.repeats)
    probabilities, given = np.zeros(gold.shape), np.zeros(gold.shape, dtype=bool)
    for here in (half, ~half):
        scaling = fit_scaling(margins[~here], gold[~here])
        probabilities[here] = scaling.probabilities(margins[here])
        chosen = choose_thresholds(
            scaling.probabilities(margins[~here]),
            gold[~here],
            none_given_at_most=decisions.none_given_at_most,
            seed=config.seed,
        )
        given[here] = probabilities[here] >= chosen
    return Judged(gold, given, probabilities, np.zeros(len(gold), dtype=bool))


def _row(name: str, *blocks: dict[str, object]) -> str:
    whole, clear = blocks
    figures = [_value(whole, "macro", "f1"), _value(clear, "macro", "f1"), _value(whole, "macro", "average_precision")]
    return f"| {name} | " + " | ".join([*figures, _value(whole, "none_given_a_topic")]) + " |\n"


def _value(block: object, *names: str) -> str:
    for name in (*names, "value"):
        block = block[name]  # type: ignore[index]
    return f"{block:.3f}"


if __name__ == "__main__":
    main()
