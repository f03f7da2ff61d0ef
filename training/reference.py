"""The slow path: a saved model taken apart and run by scikit-learn alone, to prove that the fast path is right."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import skops.io
from scipy.special import expit
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from toolkit.classifiers.features import Reading, documents
from toolkit.types import Article
from toolkit.words import Engine, load_segmenter


def reference_probabilities(folder: Path, articles: Sequence[Article], engine: Engine = "jieba") -> np.ndarray:
    """Score articles with jieba, CountVectorizer and the saved LinearSVC: shape (articles, topics)."""
    features = json.loads((folder / "model.json").read_text(encoding="utf-8"))["features"]
    content = skops.io.load(folder / "pipeline.skops")
    dictionary = folder / "dictionary.txt" if features["dictionary_digest"] else None
    reading = Reading(features["lead_chars"], features["title_weight"])
    words, chars = documents(articles, reading, load_segmenter(engine, dictionary))
    terms, n_words = content["terms"].split("\n"), features["word_terms"]
    blocks = []
    for texts, block_terms, analyzer in ((words, terms[:n_words], "word"), (chars, terms[n_words:], "char")):
        if not block_terms:
            blocks.append(sp.csr_matrix((len(articles), 0)))
            continue
        counts = _vectorizer(block_terms, analyzer).transform(texts).astype(float)
        idf = content["idf"][:n_words] if analyzer == "word" else content["idf"][n_words:]
        blocks.append(normalize(counts @ sp.diags(idf)))
    values = normalize(sp.hstack([blocks[0] * features["word_weight"], blocks[1]]).tocsr())
    margins = content["classifier"].decision_function(values)
    probabilities: np.ndarray = expit(margins * content["slopes"] + content["offsets"])
    return probabilities


def _vectorizer(terms: Sequence[str], analyzer: str) -> CountVectorizer:
    pattern = r"\S+" if analyzer == "word" else None
    return CountVectorizer(
        analyzer=analyzer, token_pattern=pattern, lowercase=False, ngram_range=(1, 2), vocabulary=list(terms)
    )
