"""Fit the TF-IDF classifier: scikit-learn counts and LinearSVC, scaled and thresholded out of fold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from toolkit.classifiers.features import Reading, documents, is_term
from toolkit.decide import Band
from toolkit.types import Article, DataError, Topic
from toolkit.words import Segmenter
from training.config import DecisionConfig, TfidfConfig
from training.data import gold_matrix, repeat_groups, strata
from training.held_out import HeldOut
from training.tune import choose_bands, choose_thresholds, figures, fit_scaling

_ITERATIONS = 5000


@dataclass(frozen=True, slots=True)
class Blocks:
    """Counts of words and of characters, (articles, terms) each, with the terms that name the columns."""

    words: sp.csr_matrix
    chars: sp.csr_matrix
    word_terms: np.ndarray
    char_terms: np.ndarray


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Counted articles with their labels.

    ``gold`` is bool, (articles, topics); ``learn`` bool, (articles,): which may teach the weights; articles with the
    same number in ``groups`` are reprints of one another.
    """

    blocks: Blocks
    gold: np.ndarray
    learn: np.ndarray
    groups: Sequence[int]


@dataclass(frozen=True, slots=True)
class Linear:
    """A fitted linear model over the columns that were kept: ``kept_words`` and ``kept_chars`` number them."""

    kept_words: np.ndarray
    kept_chars: np.ndarray
    idf: np.ndarray
    classifier: OneVsRestClassifier


@dataclass(frozen=True, slots=True)
class FittedTfidf:
    """A trained model as it will be saved: ``weights`` goes into pipeline.skops, the rest into readable files."""

    weights: dict[str, Any]
    n_word_terms: int
    bands: tuple[Band, ...]
    out_of_fold: dict[str, float]
    held_out: HeldOut


def fit_tfidf(
    articles: Sequence[Article],
    topics: Sequence[Topic],
    segmenter: Segmenter,
    config: TfidfConfig,
    decisions: DecisionConfig,
    seed: int,
) -> FittedTfidf:
    """Fit on labelled articles.

    Articles marked unsure teach the weights only if the config says so; they count where thresholds are chosen, since
    the desk will meet such articles too.

    Raises:
        DataError: a topic has fewer articles than there are folds, or no term is left.
    """
    gold = gold_matrix(articles, topics)
    learn = np.array([config.use_unsure or not article.unsure for article in articles], dtype=bool)
    _check_enough(gold[learn], topics, decisions.folds)
    blocks = count_blocks(articles, segmenter, config)
    labelled = TrainingSet(blocks, gold, learn, repeat_groups(articles))
    margins = out_of_fold(labelled, config, decisions, seed)
    repeated = np.tile(gold, (decisions.repeats, 1))
    scaling = fit_scaling(margins, repeated)
    probabilities = scaling.probabilities(margins)
    thresholds = choose_thresholds(probabilities, repeated, none_given_at_most=decisions.none_given_at_most)
    bands, coverage = choose_bands(
        probabilities, repeated, thresholds, kept_right_at_least=decisions.kept_right_at_least
    )
    linear = fit_linear(blocks, gold, np.flatnonzero(learn), config, seed)
    terms = [*blocks.word_terms[linear.kept_words], *blocks.char_terms[linear.kept_chars]]
    weights = {
        "terms": "\n".join(terms),
        "idf": linear.idf.astype(np.float32),
        "classifier": linear.classifier,
        "slopes": scaling.slopes,
        "offsets": scaling.offsets,
    }
    measured = figures(probabilities >= thresholds, repeated) | {"coverage": round(coverage, 4)}
    held_out = HeldOut(tuple(article.id for article in articles), probabilities[: len(articles)])
    return FittedTfidf(weights, len(linear.kept_words), tuple(bands), measured, held_out)


def _check_enough(gold: np.ndarray, topics: Sequence[Topic], folds: int) -> None:
    for topic, carried in zip(topics, gold.sum(axis=0).tolist(), strict=True):
        if min(carried, len(gold) - carried) < folds:
            raise DataError(
                f"topic {topic.key}: {carried} of {len(gold)} training articles carry it; at least {folds} must and "
                f"{folds} must not (decisions.folds), not counting unsure ones"
            )


def count_blocks(articles: Sequence[Article], segmenter: Segmenter, config: TfidfConfig) -> Blocks:
    """Count all terms of all articles with scikit-learn's CountVectorizer."""
    words, chars = documents(articles, Reading(config.lead_chars, config.title_weight), segmenter)
    word_counts, word_terms = _count(words, config.word_ngrams, chars=False)
    char_counts, char_terms = _count(chars, config.char_ngrams, chars=True)
    return Blocks(word_counts, char_counts, word_terms, char_terms)


def _count(texts: Sequence[str], ngrams: int, *, chars: bool) -> tuple[sp.csr_matrix, np.ndarray]:
    if ngrams == 0:
        return sp.csr_matrix((len(texts), 0)), np.zeros(0, dtype=object)
    vectorizer = CountVectorizer(
        analyzer="char" if chars else "word",
        token_pattern=None if chars else r"\S+",
        lowercase=False,
        ngram_range=(1, ngrams),
    )
    try:
        counts = vectorizer.fit_transform(texts)
    except ValueError:  # "empty vocabulary"
        return sp.csr_matrix((len(texts), 0)), np.zeros(0, dtype=object)
    terms = vectorizer.get_feature_names_out()
    kept = np.array([is_term(term, chars=chars) for term in terms], dtype=bool)
    return counts[:, kept].astype(np.float64), terms[kept]


def fit_linear(blocks: Blocks, gold: np.ndarray, rows: np.ndarray, config: TfidfConfig, seed: int) -> Linear:
    """Fit one LinearSVC per topic on the given rows; terms in fewer than ``min_df`` of them are dropped.

    Raises:
        DataError: no term is left.
    """
    kept_words, kept_chars = (_frequent(block[rows], config.min_df) for block in (blocks.words, blocks.chars))
    if len(kept_words) + len(kept_chars) == 0:
        raise DataError(f"no term stands in {config.min_df} training articles; lower model.min_df or add articles")
    idf = np.concatenate([_idf(blocks.words[rows][:, kept_words]), _idf(blocks.chars[rows][:, kept_chars])])
    values = term_values(blocks, rows, (kept_words, kept_chars), idf, config.word_weight)
    svm = LinearSVC(C=config.c, random_state=seed, max_iter=_ITERATIONS)
    classifier = OneVsRestClassifier(svm).fit(values, gold[rows].astype(int))
    for part in classifier.estimators_:
        # Half the size, and far finer than the data can tell.
        part.coef_ = part.coef_.astype(np.float32)
    return Linear(kept_words, kept_chars, idf, classifier)


def _frequent(counts: sp.csr_matrix, min_df: int) -> np.ndarray:
    return np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= min_df)


def _idf(counts: sp.csr_matrix) -> np.ndarray:
    if counts.shape[1] == 0:
        return np.zeros(0)
    idf: np.ndarray = TfidfTransformer(norm=None).fit(counts).idf_
    return idf


def term_values(
    blocks: Blocks, rows: np.ndarray, kept: tuple[np.ndarray, np.ndarray], idf: np.ndarray, word_weight: float
) -> sp.csr_matrix:
    """Return the values of the kept terms as ``toolkit.classifiers.tfidf`` defines them: (rows, terms)."""
    words = blocks.words[rows][:, kept[0]] @ sp.diags(idf[: len(kept[0])])
    chars = blocks.chars[rows][:, kept[1]] @ sp.diags(idf[len(kept[0]) :])
    return unit_rows(sp.hstack([unit_rows(words) * word_weight, unit_rows(chars)]).tocsr())


def unit_rows(values: sp.csr_matrix) -> sp.csr_matrix:
    """Divide each row by its Euclidean length; a block without columns stays as it is."""
    return normalize(values) if values.shape[1] else values


def out_of_fold(labelled: TrainingSet, config: TfidfConfig, decisions: DecisionConfig, seed: int) -> np.ndarray:
    """Return margins, (repeats * articles, topics), each by a model that saw neither the article nor a reprint of it.

    The folds of each repeat are drawn with the next seed.
    """
    gold = labelled.gold
    marks = strata(gold, decisions.folds)
    margins = np.zeros((decisions.repeats, *gold.shape))
    for repeat in range(decisions.repeats):
        folds = StratifiedGroupKFold(decisions.folds, shuffle=True, random_state=seed + repeat)
        for train, test in folds.split(marks, marks, labelled.groups):
            linear = fit_linear(labelled.blocks, gold, train[labelled.learn[train]], config, seed)
            kept = (linear.kept_words, linear.kept_chars)
            values = term_values(labelled.blocks, test, kept, linear.idf, config.word_weight)
            margins[repeat, test] = linear.classifier.decision_function(values)
    return margins.reshape(-1, gold.shape[1])
