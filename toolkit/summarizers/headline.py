"""Extractive headlines: the clauses of the best sentences that say most in thirty characters."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from toolkit.residue import body_sentences
from toolkit.summarizers.select import balanced, cut_line, stands_alone
from toolkit.types import Article
from toolkit.words import cut

HEADLINE_CHARS = 30
_BEST_SENTENCES = 3
_CLAUSE = re.compile(r"[^，,；;。！？!?]+")
# 昨天上午，/ 1月15日，/ 近日，: when it happened opens a sentence but not a headline.
_NUMERAL = "[0-9一二三四五六七八九十]+"
_WHEN = re.compile(
    r"^(?:昨[天日]|今[天日]|前[天日]|日前|近日|近期|目前|据悉|据了解|记者获悉"
    rf"|(?:{_NUMERAL}年)?(?:{_NUMERAL}月)?{_NUMERAL}日)"
    r"(?:[（(][^）)]{1,8}[）)])?(?:凌晨|清晨|早上|上午|中午|下午|傍晚|晚上?|夜间)?(?:\d+[时点:：](?:\d+分?)?)?(?:许|左右)?[，,]?\s*"
)
# 他表示 / 数据显示: the point comes after it. 随着…… / 受……委托: an adverbial, no statement.
_NO_POINT = re.compile(r"(?:表示|显示|指出|强调|认为|介绍|获悉|了解|委托|要求|提出|来看|同时|期间|以来|之后|时)$")
_HEARD = re.compile(r"记者.{0,15}(?:获悉|了解到|看到)$")
_ADVERBIAL = re.compile(
    "随着|受|在|据|根据|由于|为|自|从|当|经|并|也|还|以|通过|针对|围绕|对于|如果|虽然|因|后|且|则|其"
)
_PLAIN_WEIGHT = 0.5  # share of its value that a clause without a point of its own keeps
_TITLE_WEIGHT = 2.0  # the editor thought these words worth a title


def headline(article: Article, sentences: Sequence[str], ranking: Sequence[int], *, max_chars: int) -> tuple[str, bool]:
    """Return a line of at most ``max_chars`` characters from the best-ranked sentences, and whether it had to be cut.

    Of all runs of neighbouring clauses that fit, the one is taken whose words are most frequent in the article and its
    title. Empty only for an article with neither text nor title.
    """
    best = [sentences[position] for position in ranking[:_BEST_SENTENCES]]
    value = _word_values(article)
    candidates = [line for sentence in best for line in _runs(sentence, max_chars)]
    if candidates:
        return max(candidates, key=lambda line: _worth(line, value)), False
    start = (best or body_sentences(article)[:1] or [article.title])[0]
    line = _WHEN.sub("", start).rstrip("。！？!?…，,；;：: ")
    return (line, False) if len(line) <= max_chars else (cut_line(line, max_chars=max_chars), True)


def _runs(sentence: str, max_chars: int) -> list[str]:
    clauses = list(_CLAUSE.finditer(sentence))
    found = []
    for first, start in enumerate(clauses):
        for end in clauses[first:]:
            line = _WHEN.sub("", sentence[start.start() : end.end()]).strip()
            if len(line) > max_chars:
                break
            if line and balanced(line):
                found.append(line)
    return found


def _word_values(article: Article) -> dict[str, float]:
    counts = Counter(word for word in cut(article.text[:3000]) if len(word) > 1)
    title = set(cut(article.title))
    return {word: math.log1p(count) * (_TITLE_WEIGHT if word in title else 1) for word, count in counts.items()}


def _worth(line: str, value: dict[str, float]) -> float:
    worth = sum(value.get(word, 0.0) for word in set(cut(line)))
    clauses = _CLAUSE.findall(line)
    if _HEARD.search(clauses[0]):
        return 0.0
    if _NO_POINT.search(clauses[-1]) or _ADVERBIAL.match(clauses[0]) or not stands_alone(line):
        return worth * _PLAIN_WEIGHT
    return worth
