"""Extractive: of the best sets of whole sentences and the article's beginning, the one that reads and tells best."""

import numpy as np

from toolkit.summarizers.lead import lead
from toolkit.summarizers.reranking.reranker import copied_candidates, rerank
from toolkit.types import Article, Summary


def extractive(article: Article, *, max_chars: int) -> Summary:
    """Return the best set of up to three whole sentences, in the order of the article; ``lead`` where none fits."""
    texts, sets = copied_candidates(article, max_chars=max_chars)
    if not texts:
        return lead(article, max_chars=max_chars)
    return Summary(texts[int(np.argmax(rerank(article, texts, sets, max_chars=max_chars)))], "extractive")
