"""What extractive summarizers share: which sentences may stand in a summary, how many fit, and what to do if none."""

import re
from collections.abc import Sequence

from toolkit.residue import body_sentences
from toolkit.types import Article, Summary
from toolkit.words import cut

_END = re.compile(r"[。！？!?]$")
_QUOTED_END = re.compile(r"[。！？!?][”’」』]$")
# These point back at a sentence that a summary may not have.
_DANGLING = re.compile(
    "所幸|最后|其次|然而|但是?|不过|此外|同时|其中|而且?|对此|于是|因此|为此|随后|接着|另外|再者|并且|所以|可是|反之|由此|与此同时|除此之外"
    "|[他她它](?:们)?|这|那|该|以下|如下|上述|[一二三四五六七八九十]是|据(?:介绍|了解|悉|称)|会议(?:强调|指出|要求|认为|决定|听取|审议|通过|讨论|研究|还)"
    "|[，,、；;：:。！？!?)）】》”’]"  # the beginning was lost
)
# It announces, asks what the article answers, or speaks to the visitors of a website.
_EMPTY = re.compile(
    r"(?:^|[，,])(?:一起|下面|让我们|请)*(?:来看|请看|看看|详见)[^，。]{0,24}[。！]$"
    r"|来看(?:本台|总台|记者)[^，。]{0,24}[。！]$|[？?]$"
    "|小编|笔者|^图(?:[:：一二三四0-9]|为)|点击(?:上方|下方|右上|阅读|查看|下载|关注)|扫一扫|扫(?:码|描)(?:关注|下载|加)|关注(?:本公众|我们的|微信公众)"
    "|(?:严禁|谢绝|欢迎|授权)转载|转载(?:请|自)|(?:请|欢迎)(?:注明|投稿|咨询|拨打|直接复制|加微信)|(?:微信|QQ|qq)(?:号|群|同号|[:：])"
    "|https?:|www[.]|各位(?:朋友|网友|亲)|欢迎(?:光临|收看|收听)"
)
_CLAUSE_END = re.compile("[，；]")
_SHORTEST_BEGINNING = 30
LEADS_ON = re.compile(
    "(?:表示|显示|指出|强调|认为|介绍|获悉|了解到?|委托|要求|提出|来看|同时|期间|以来|之后|时|说|称|下|中|后|前|机会|契机|基础上)$"
)
_TURNS = re.compile("但|而|却|不|以|并|反")
_CLOSING = "。！？!?…，,；;：:、 "
_SHORTEST = 8  # characters; 惊险！ says nothing


def complete_sentences(article: Article) -> list[str]:
    """Return the sentences that end in 。！？, or those that end in a closing quotation mark if there are no others."""
    found = body_sentences(article)
    complete = [sentence for sentence in found if _END.search(sentence)]
    return complete or [sentence for sentence in found if _QUOTED_END.search(sentence)]


def stands_alone(sentence: str) -> bool:
    """Say whether a sentence says something without the one before it."""
    return len(sentence) >= _SHORTEST and not _DANGLING.match(sentence) and not says_nothing(sentence)


def says_nothing(sentence: str) -> bool:
    """Say whether a sentence only announces what comes, or asks it."""
    return _EMPTY.search(sentence) is not None


def standing_sentences(article: Article) -> list[str]:
    """Return the complete sentences that stand alone, or all complete ones if none does."""
    complete = complete_sentences(article)
    return [sentence for sentence in complete if stands_alone(sentence)] or complete


def choose(sentences: Sequence[str], ranking: Sequence[int], *, max_chars: int) -> list[int]:
    """Take sentences in the order of ``ranking`` while they fit; return their positions in the order of the text."""
    chosen: list[int] = []
    left = max_chars
    for position in ranking:
        if len(sentences[position]) <= left:
            chosen.append(position)
            left -= len(sentences[position])
    return sorted(chosen)


def first_that_fits(article: Article, sentences: Sequence[str], *, max_chars: int, method: str) -> Summary:
    """Summarize an article of which no complete sentence fits: nothing for no text, else the start of its text.

    The start is cut after a clause, or at a word if the first clause is too long, and closed with 。; ``cut`` says so.
    """
    source = list(sentences) or body_sentences(article)
    if not source:
        return Summary("", method, ("empty_text",))
    start = source[0].rstrip(_CLOSING)
    if len(start) < max_chars:
        return Summary(start + "。", method, ("no_full_stop",))
    return Summary(cut_line(start, max_chars=max_chars - 1) + "。", method, ("cut",))


def first_clauses(sentence: str, *, max_chars: int) -> str:
    """Return the beginning of a sentence that is whole in itself, closed with 。; empty if there is none that long.

    It has at least thirty characters, ends where no clause hangs on it (表示，; 期间，), and what follows does not turn
    against it (但).
    """
    for mark in reversed(list(_CLAUSE_END.finditer(sentence, _SHORTEST_BEGINNING, max_chars))):
        kept = sentence[: mark.start()]
        if balanced(kept) and not LEADS_ON.search(kept) and not _TURNS.match(sentence, mark.end()):
            return kept + "。"
    return ""


def cut_line(line: str, *, max_chars: int) -> str:
    """Return the beginning of ``line``, at most ``max_chars`` characters, ending before a comma or at least a word."""
    ends = [position for position in range(min(max_chars, len(line) - 1), 0, -1) if line[position] in "，；,;"]
    kept = next((line[:end] for end in ends if balanced(line[:end])), "")
    if kept:
        return kept
    for word in cut(line[: max_chars + 20]):
        if len(kept) + len(word) > max_chars:
            break
        kept += word
    return (kept or line[:max_chars]).rstrip(_CLOSING + "的和与及在（(“《")


def balanced(line: str) -> bool:
    """Say whether every bracket and quotation mark in ``line`` has its partner."""
    return all(line.count(opening) == line.count(closing) for opening, closing in ("（）", "()", "“”", "《》", "【】"))
