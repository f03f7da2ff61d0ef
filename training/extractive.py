"""Learn the weights of the extractive summarizer: ``python -m training.extractive [-o FILE]``.

From the training part of the abstracts beside the project (``training/abstracts.py``). A set of sentences is worth its
ROUGE-L and half its ROUGE-2 against the abstract; the weights make the sets' softmax as like as can be, in
cross-entropy, to the softmax of their worth (ListNet: Cao et al., "Learning to Rank: From Pairwise Approach to Listwise
Approach", 2007). That is convex, so the same data give the same weights.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from toolkit.summarizers.extractive import FIGURES, WEIGHTS, find_candidates
from toolkit.types import Article
from training.abstracts import join_abstracts
from training.command import output_path, real_data, say
from training.rouge import f1_of_ngrams, longest_common_subsequence, units

_MAX_CHARS = 110  # of the references
_SHARPNESS = 0.06  # of the softmax of worth: sets that are 0.06 apart differ by a factor of e
_PENALTY = 1e-4  # on squared weights of standardized figures
_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Ranked:
    """The sets of one article: figures (sets, len(FIGURES)), and the worth and ROUGE-L of each."""

    figures: np.ndarray
    worth: np.ndarray
    rouge_l: np.ndarray


def main() -> None:
    """Cross-validate, fit on everything, write the weights."""
    output = output_path(WEIGHTS)
    ranked = rank_articles(join_abstracts(real_data())["train"])
    found = cross_validate(ranked)
    say(f"{len(ranked)} articles, {_FOLDS} folds: " + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    weights = {name: round(float(value), 4) for name, value in zip(FIGURES, fit(ranked), strict=True)}
    card = {"articles": len(ranked), "date": date.today().isoformat(), "out_of_fold": found, "weights": weights}
    output.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def rank_articles(rows: Sequence[dict[str, str]]) -> list[Ranked]:
    """Return the sets of each article that has any, with what they are worth; rows as ``join_abstracts`` gives them."""
    found = []
    for row in rows:
        article = Article(id=row["id"], title=row["title"], text=row["text"], source=row["id"])
        candidates = find_candidates(article, max_chars=_MAX_CHARS)
        if not candidates.sets:
            continue
        reference = units(row["abstract"], "char")
        cut = [units(sentence, "char") for sentence in candidates.sentences]
        worth, rouge_l = [], []
        for chosen in candidates.sets:
            ours = [unit for place in chosen for unit in cut[place]]
            common = longest_common_subsequence(ours, reference)
            rouge_l.append(2 * common / (len(ours) + len(reference)))
            worth.append(rouge_l[-1] + f1_of_ngrams(ours, reference, 2) / 2)
        found.append(Ranked(candidates.figures, np.array(worth), np.array(rouge_l)))
    return found


def fit(ranked: Sequence[Ranked]) -> np.ndarray:
    """Return the weights: (len(FIGURES),)."""
    together = np.concatenate([item.figures for item in ranked])
    mean, spread = together.mean(axis=0), together.std(axis=0)
    spread[spread == 0] = 1
    parts = [((item.figures - mean) / spread, softmax(item.worth / _SHARPNESS)) for item in ranked]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, gradient = 0.0, np.zeros_like(weights)
        for figures, wanted in parts:
            scores = figures @ weights
            total -= float(wanted @ log_softmax(scores))
            gradient += figures.T @ (softmax(scores) - wanted)
        count = len(parts)
        return total / count + _PENALTY * float(weights @ weights), gradient / count + 2 * _PENALTY * weights

    weights: np.ndarray = minimize(loss, np.zeros(len(FIGURES)), jac=True, method="L-BFGS-B").x
    found: np.ndarray = weights / spread
    return found


def cross_validate(ranked: Sequence[Ranked]) -> dict[str, float]:
    """Return ROUGE-L of the sets that weights fitted on the other folds choose, and of the best sets."""
    folds = np.array_split(np.random.default_rng(13).permutation(len(ranked)), _FOLDS)
    chosen = []
    for held_out in folds:
        taken = set(held_out.tolist())
        weights = fit([item for number, item in enumerate(ranked) if number not in taken])
        chosen += [ranked[n].rouge_l[int(np.argmax(ranked[n].figures @ weights))] for n in held_out]
    best = [item.rouge_l.max() for item in ranked]
    return {"rouge_l": round(float(np.mean(chosen)), 4), "best_possible": round(float(np.mean(best)), 4)}


if __name__ == "__main__":
    main()
