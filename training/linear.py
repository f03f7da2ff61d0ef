"""Fit the small linear models that ship as JSON: a weight for each named feature."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression


def fit_weights(
    rows: Sequence[Sequence[str]],
    gold: Sequence[bool],
    sample_weight: Sequence[float] | None = None,
    *,
    min_count: int,
    strength: float,
    weakest: float,
) -> dict[str, float]:
    """Fit a logistic regression on the names of what is true of each example; both answers count alike.

    Features seen fewer than ``min_count`` times are left out, and weights nearer to zero than ``weakest``;
    ``strength`` is scikit-learn's C.
    """
    counts = Counter(feature for row in rows for feature in row)
    names = sorted(feature for feature, count in counts.items() if count >= min_count)
    column = {name: number for number, name in enumerate(names)}
    cells = [[column[feature] for feature in row if feature in column] for row in rows]
    ends = np.cumsum([0, *map(len, cells)])
    matrix = sp.csr_matrix((np.ones(ends[-1]), [one for row in cells for one in row], ends), (len(rows), len(names)))
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000, fit_intercept=False)
    model.fit(matrix, gold, sample_weight=sample_weight)
    weights = zip(names, model.coef_[0].tolist(), strict=True)
    return {name: round(weight, 2) for name, weight in weights if abs(weight) >= weakest}
