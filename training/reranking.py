"""Learn which of several summaries is best: ``python -m training.reranking [-o FILE]``.

It reads what ``training.abstracts`` and ``training.public_data`` write to ``data``. Two linear models are added up.
One learned from abstracts that people wrote: a candidate is worth its ROUGE-L and half its ROUGE-2
(``training/listnet.py``). The other learned from candidates that were judged: its score is the log-odds that one can be
printed. The first alone likes what tells much and reads badly, the second alone what reads well and tells little.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from toolkit.summarizers.reranking.figures import FIGURES, read_figures
from toolkit.summarizers.reranking.reranker import WEIGHTS, copied_candidates
from toolkit.types import Article, DataError
from training.command import output_path, say
from training.judged import PUBLIC, TELEVISION
from training.listnet import Ranked, fit, judge_candidates

DATA = Path("data")
_REFERENCES = ("abstracts-train.jsonl", "inews-abstracts.jsonl")
_JUDGED = (TELEVISION, PUBLIC)
_MAX_CHARS = 110  # of the references, and of what was judged
_PENALTY = 1e-4  # on squared weights of standardized figures
_STRENGTH = 0.02  # scikit-learn's C: there are about a thousand judged summaries
_FOLDS = 5
_SEED = 13


@dataclass(frozen=True, slots=True)
class Judged:
    """The judged summaries of one article: figures (summaries, len(FIGURES)) and whether each can be printed."""

    figures: np.ndarray
    printable: np.ndarray


def main() -> None:
    """Cross-validate, fit on everything, write the weights."""
    output = output_path(WEIGHTS)
    ranked = rank_references(_rows(_REFERENCES))
    judged = read_judgements(_rows(_JUDGED))
    found = cross_validate(ranked, judged)
    say(f"{len(ranked)} references, {len(judged)} judged articles, out of fold:")
    say("\n".join(f"  {name}: {value:.3f}" for name, value in found.items()))
    weights = learn(ranked, judged)
    card = {
        "references": len(ranked),
        "judged": {"articles": len(judged), "summaries": sum(len(one.printable) for one in judged)},
        "date": date.today().isoformat(),
        "out_of_fold": found,
        "weights": {name: round(float(value), 4) for name, value in zip(FIGURES, weights, strict=True)},
    }
    output.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def rank_references(rows: Iterator[dict[str, Any]]) -> list[Ranked]:
    """Return the candidates of whole sentences of each article that has any, with what they are worth."""
    found = []
    for row in rows:
        article = _article(row)
        texts, sets = copied_candidates(article, max_chars=_MAX_CHARS)
        if texts:
            figures = read_figures(article, texts, sets, max_chars=_MAX_CHARS)
            found.append(judge_candidates(figures, texts, row["abstract"]))
    return found


def read_judgements(rows: Iterator[dict[str, Any]]) -> list[Judged]:
    """Return the figures of the judged summaries; rows as ``training.judged.join_judged`` gives them."""
    found = []
    for row in rows:
        article = _article(row)
        _, sets = copied_candidates(article, max_chars=_MAX_CHARS)
        figures = read_figures(article, [one["text"] for one in row["judged"]], sets, max_chars=_MAX_CHARS)
        found.append(Judged(figures, np.array([one["printable"] for one in row["judged"]], dtype=bool)))
    return found


def learn(ranked: Sequence[Ranked], judged: Sequence[Judged]) -> np.ndarray:
    """Return the weights of both models, added up: (len(FIGURES),)."""
    added: np.ndarray = fit(ranked, penalty=_PENALTY) + fit_printable(judged)
    return added


def fit_printable(judged: Sequence[Judged]) -> np.ndarray:
    """Return the weights of a logistic regression on what can be printed: (len(FIGURES),)."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=1000))
    model.fit(np.concatenate([one.figures for one in judged]), np.concatenate([one.printable for one in judged]))
    weights: np.ndarray = model[-1].coef_[0] / model[0].scale_
    return weights


def cross_validate(ranked: Sequence[Ranked], judged: Sequence[Judged]) -> dict[str, float]:
    """Return what weights choose that were learned on the other folds.

    ``rouge_l`` is of the references; ``printable`` the share of judged articles of which a summary that can be printed
    is chosen, ``printable_any`` the share that has one, ``auc`` how well summaries of all articles are told apart.
    """
    rouge_l: list[float] = []
    printable: list[bool] = []
    odds: list[np.ndarray] = []
    gold: list[np.ndarray] = []
    draw = np.random.default_rng(_SEED)
    orders = [draw.permutation(len(items)).tolist() for items in (ranked, judged)]
    for fold in range(_FOLDS):
        references = [ranked[number] for at, number in enumerate(orders[0]) if at % _FOLDS != fold]
        judgements = [judged[number] for at, number in enumerate(orders[1]) if at % _FOLDS != fold]
        weights, of_print = learn(references, judgements), fit_printable(judgements)
        for item in (ranked[number] for number in orders[0][fold::_FOLDS]):
            rouge_l.append(item.rouge_l[int(np.argmax(item.figures @ weights))])
        for one in (judged[number] for number in orders[1][fold::_FOLDS]):
            printable.append(one.printable[int(np.argmax(one.figures @ weights))])
            odds.append(one.figures @ of_print)
            gold.append(one.printable)
    found = {
        "rouge_l": np.mean(rouge_l),
        "printable": np.mean(printable),
        "printable_any": np.mean([one.printable.any() for one in judged]),
        "auc": roc_auc_score(np.concatenate(gold), np.concatenate(odds)),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def _article(row: dict[str, Any]) -> Article:
    return Article(id=row["id"], title=row["title"], text=row["text"], source=row["id"])


def _rows(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name in names:
        path = DATA / name
        if not path.is_file():
            raise DataError(
                f"{path} is not there; python -m training.abstracts and python -m training.public_data write such files"
            )
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
