"""The pipelines a desk could put together itself, to measure ours against.

Run as a program it is the ordinary one, timed: ``python -m training.rivals TRAIN.jsonl INPUT.jsonl OUTPUT.jsonl`` fits,
then reads, labels and writes, and prints the seconds that the latter took. Without arguments it only starts: imports,
and jieba's dictionary.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from toolkit.topics import load_topics
from toolkit.types import Article
from toolkit.words import load_segmenter
from training.data import gold_matrix, read_labelled
from training.tune import choose_thresholds

# Articles in; probabilities and which topics are given out, both (articles, topics).
Rival = Callable[[Sequence[Article]], tuple[np.ndarray, np.ndarray]]


def whole_text(article: Article) -> str:
    """Return title and text in one string, as the ordinary pipeline reads them."""
    return f"{article.title}\n{article.text}"


def _cut(text: str) -> list[str]:
    return load_segmenter("jieba").cut(text)


def ordinary_pipeline() -> Pipeline:
    """Return what most people write: TF-IDF over jieba words, one-vs-rest logistic regression."""
    return make_pipeline(TfidfVectorizer(analyzer=_cut), OneVsRestClassifier(LogisticRegression(max_iter=1000)))


def ordinary(articles: Sequence[Article], gold: np.ndarray) -> Rival:
    """Fit the ordinary pipeline; a topic is given at 0.5."""
    pipeline = ordinary_pipeline().fit([whole_text(article) for article in articles], gold.astype(int))

    def predict(unseen: Sequence[Article]) -> tuple[np.ndarray, np.ndarray]:
        probabilities = pipeline.predict_proba([whole_text(article) for article in unseen])
        return probabilities, probabilities >= 0.5

    return predict


def tuned_pairs(articles: Sequence[Article], gold: np.ndarray) -> Rival:
    """Fit words and pairs of words with balanced weights; thresholds of best F1 come from out-of-fold predictions."""

    def fit(rows: np.ndarray) -> Pipeline:
        vectorizer = TfidfVectorizer(
            tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=(1, 2), sublinear_tf=True, min_df=2
        )
        model = OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=1000))
        return make_pipeline(vectorizer, model).fit([texts[row] for row in rows], gold[rows].astype(int))

    texts = [" ".join(_cut(whole_text(article))) for article in articles]
    out_of_fold = np.zeros(gold.shape)
    first = np.where(gold.any(axis=1), gold.argmax(axis=1), -1)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(texts, first):
        out_of_fold[test] = fit(train).predict_proba([texts[row] for row in test])
    thresholds = choose_thresholds(out_of_fold, gold, none_given_at_most=1.0)
    pipeline = fit(np.arange(len(texts)))

    def predict(unseen: Sequence[Article]) -> tuple[np.ndarray, np.ndarray]:
        probabilities = pipeline.predict_proba([" ".join(_cut(whole_text(article))) for article in unseen])
        return probabilities, probabilities >= thresholds

    return predict


def fasttext_pairs(articles: Sequence[Article], gold: np.ndarray) -> Rival:
    """Fit fastText one-vs-all over words and pairs of words; a topic is given at 0.5.

    Raises:
        ImportError: the extra ``bench`` is not installed.
    """
    import fasttext

    topics = range(gold.shape[1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        with path.open("w", encoding="utf-8") as file:
            for article, row in zip(articles, gold, strict=True):
                labels = " ".join(f"__label__{topic}" for topic in topics if row[topic]) or "__label__none"
                file.write(f"{labels} {_one_line(article)}\n")
        options = {"loss": "ova", "wordNgrams": 2, "epoch": 25, "lr": 0.5, "minCount": 1, "thread": 1, "verbose": 0}
        model = fasttext.train_supervised(str(path), **options)

    def predict(unseen: Sequence[Article]) -> tuple[np.ndarray, np.ndarray]:
        probabilities = np.zeros((len(unseen), len(topics)))
        for row, article in enumerate(unseen):
            # Not model.predict: it asks numpy for an array in a way that numpy 2 refuses.
            for probability, label in model.f.predict(_one_line(article) + "\n", -1, 0.0, "strict"):
                if label != "__label__none":
                    probabilities[row, int(label.removeprefix("__label__"))] = min(probability, 1.0)
        return probabilities, probabilities >= 0.5

    return predict


def _one_line(article: Article) -> str:
    return " ".join(word for word in _cut(whole_text(article)) if not word.isspace())


def _time_labelling(train: Path, source: Path, output: Path) -> float:
    topics = load_topics(Path("configs/topics/local-news.yaml"))
    articles = read_labelled(train, topics)
    pipeline = ordinary_pipeline().fit([whole_text(a) for a in articles], gold_matrix(articles, topics).astype(int))
    start = time.perf_counter()
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    given = pipeline.predict([f"{row['title']}\n{row['text']}" for row in rows])
    with output.open("w", encoding="utf-8") as file:
        for row, found in zip(rows, given, strict=True):
            keys = [topic.key for topic, is_given in zip(topics, found, strict=True) if is_given]
            file.write(json.dumps(row | {"topics": keys}, ensure_ascii=False) + "\n")
    return time.perf_counter() - start


if __name__ == "__main__":
    _cut("")
    if len(sys.argv) > 1:
        sys.stdout.write(f"{_time_labelling(*map(Path, sys.argv[1:])):.3f}\n")
