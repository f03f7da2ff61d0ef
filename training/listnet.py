"""Linear ranking of candidates, learned from what each is worth (ListNet).

Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007. The loss is convex, so the same data
give the same weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from training.rouge import f1_of_ngrams, longest_common_subsequence, units

_SHARPNESS = 0.06  # of the softmax of worth: candidates that are 0.06 apart differ by a factor of e
_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Ranked:
    """The candidates of one article: figures (candidates, figures), and the worth and ROUGE-L of each."""

    figures: np.ndarray
    worth: np.ndarray
    rouge_l: np.ndarray


def judge_candidates(figures: np.ndarray, candidates: Sequence[str], reference: str) -> Ranked:
    """Return candidates with what they are worth: ROUGE-L and half of ROUGE-2, over characters."""
    theirs = units(reference, "char")
    worth, rouge_l = [], []
    for candidate in candidates:
        ours = units(candidate, "char")
        common = longest_common_subsequence(ours, theirs)
        rouge_l.append(2 * common / max(1, len(ours) + len(theirs)))
        worth.append(rouge_l[-1] + f1_of_ngrams(ours, theirs, 2) / 2)
    return Ranked(figures, np.array(worth), np.array(rouge_l))


def fit(ranked: Sequence[Ranked], *, penalty: float) -> np.ndarray:
    """Return the weights: (figures,). ``penalty`` is on the squared weights of standardized figures."""
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
        return total / count + penalty * float(weights @ weights), gradient / count + 2 * penalty * weights

    weights: np.ndarray = minimize(loss, np.zeros(len(spread)), jac=True, method="L-BFGS-B").x
    found: np.ndarray = weights / spread
    return found


def cross_validate(ranked: Sequence[Ranked], *, penalty: float) -> dict[str, float]:
    """Return ROUGE-L of what weights fitted on the other folds choose, and of the best candidates."""
    folds = np.array_split(np.random.default_rng(13).permutation(len(ranked)), min(_FOLDS, len(ranked)))
    chosen = []
    for held_out in folds:
        taken = set(held_out.tolist())
        others = [item for number, item in enumerate(ranked) if number not in taken]
        weights = fit(others, penalty=penalty)
        chosen += [ranked[n].rouge_l[int(np.argmax(ranked[n].figures @ weights))] for n in held_out]
    best = [item.rouge_l.max() for item in ranked]
    return {"rouge_l": round(float(np.mean(chosen)), 4), "best_possible": round(float(np.mean(best)), 4)}
