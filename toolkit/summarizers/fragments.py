"""Where a sentence of a summary ends in a fragment: a clause that says nothing by itself."""

import re

from toolkit.summarizers.select import LEADS_ON

_SENTENCE = re.compile("[^。！？]+[。！？][”’」』]?")
_CLAUSE = re.compile("[^，；：]+")
_SHORTEST_SENTENCE = 12  # characters; of 6,007 abstracts written by people, one in 200 has a shorter one at its end
_TIME = re.compile("(?:[年月日时分晚]|时许|左右|[上下中]午|凌晨|期间|之后|以来|等)$")
_PREDICATES = "vazil"  # the first letters of the tags of verbs, adjectives, adverbials and set phrases


def find_fragments(text: str) -> list[int]:
    """Return before which characters a fragment begins, up to the end of its sentence.

    A fragment is a whole sentence of a few characters beside others, or a last clause without any word that predicates
    something, or one that ends in a time, in 等, or in what leads on (表示).
    """
    sentences = list(_SENTENCE.finditer(text))
    found = []
    for sentence in sentences:
        inner = sentence.group().rstrip("。！？”’」』")
        *_, last = _CLAUSE.finditer(inner) if _CLAUSE.search(inner) else [None]
        if last is None or (len(sentences) > 1 and len(sentence.group()) < _SHORTEST_SENTENCE):
            found.append(sentence.start())
        elif _TIME.search(last.group()) or LEADS_ON.search(last.group()) or not _predicates(last.group()):
            found.append(sentence.start() + last.start())
    return found


def _predicates(clause: str) -> bool:
    import rjieba

    return any(tag[0] in _PREDICATES and tag != "ad" for _, tag in rjieba.tag(clause))
