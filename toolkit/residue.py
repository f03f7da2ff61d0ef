"""What a page or a website leaves around an article: datelines, bylines, source notes, the title glued on."""

import re
from functools import lru_cache
from unicodedata import normalize

from toolkit.headings import split_headings
from toolkit.text import sentences
from toolkit.types import Article

_PERSON = r"[一-鿿·]{2,4}"
_PAPER = "本报|本网|本台|见习|实习|特约|驻地|全媒体|融媒体|首席"
_WORK = "记者|通讯员|实习生|撰稿|作者|编辑|责编|责任编辑|审核|校对|摄影|摄像|供图|供稿"
_ROLE = f"(?:{_PAPER})*(?:{_WORK})"
# 新华社某地1月5日电（记者 某某）, 本报讯, 某某网讯
_AGENCY = (
    "(?:新华社|中新社|中国新闻网|央广网|央视网|[一-鿿]{2,8}(?:网|报|社|台|港|客户端|在线|热线|新闻)|本报|本网|本台"
    "|[A-Za-z0-9一-鿿]{1,8}之家)"
)
_DAY = "[0-9一二三四五六七八九十]+"
_DATELINE = re.compile(
    rf"^{_AGENCY}[^，。,\s（(]{{0,12}}?(?:{_DAY}月{_DAY}日)?(?:综合)?(?:讯|电|消息)(?:\s*[（(][^）)]{{0,60}}[）)])?[\s：:]*"
)
_CREDITS = re.compile(
    rf"[（(【]\s*(?:[一-鿿·]{{2,8}}(?:报|网|台|社|客户端))?(?:{_ROLE}|来源|图片来源|资料图|图文|文/|图/)[^）)】。]{{0,60}}[）)】]"
)
_LINE_CREDITS = re.compile(rf"^{_ROLE}[\s:：/|︱丨]+{_PERSON}(?:[\s、]+(?:{_ROLE}[\s:：]*)?{_PERSON}){{0,6}}\s*")
_REPORTS = re.compile(rf"^{_ROLE}{_PERSON}(?:[\s、]+{_PERSON}){{0,3}}\s*(?:摄影)?报道\s*[:：]\s*")
_LEADING_NOTE = re.compile(
    r"^(?:[^，。\s:：]{2,8}核心提示\s*[:：]\s*)?(?:原标题|原题|标题|核心提示|导读|(?:本文|内容|新闻|文章)?(?:摘要|导语|提要))\s*[:：]\s*"
)
# What a web page sets over the article: when it was posted, where to share it, who may reprint it.
_STAMP = re.compile(r"^(?:发布时间[:：])?\s*\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?\s*\d{1,2}:\d{2}(?::\d{2}(?!\d))?\s*")
_SHARE = re.compile(r"^.{0,60}分享到[:：](?:微信|微博|新浪|腾讯|朋友圈|qq|QQ|好友|空间|人人网|豆瓣网?|\s)+")
_REPRINT = re.compile(r"^[^。]{0,40}(?:欢迎|谢绝|如需)转载[^。]{0,30}。[?？\s]*")
_EDITED = re.compile(r"^本帖最后由[^。]{1,30}编辑\s*")
# Before a sentence: the number of an item, a label in brackets, a hashtag, a bullet, what closes a bracket lost before.
_LABEL = re.compile(
    r"^(?:(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[、.．)）](?![0-9])|0[1-9](?=[一-鿿])|[（(](?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[）)]"
    r"|[a-zA-Z][)）、]|[①-⑳➊-➓]|[•·●◆■▲★☆►▼※~～>|｜_]+|【[^】]{1,24}】|\[[^\]]{1,24}\]|#[^#，。]{1,20}#|[^（(，。【“”]{0,16}[)）\]】])\s*"
)
# From here to the end of the text nothing belongs to the article.
_TAIL = re.compile(
    r"返回搜狐|责任编辑\s*[:：]|责编\s*[:：|︱丨]|(?:文章|图片|信息|素材|内容)?(?:来源|转自)\s*[:：|︱丨]|特别声明|【?版权声明|版权归"
    r"|本文(?:来自|为|由)[^。]{0,30}(?:号|作者|原创|撰写)|未经(?:许可|授权)|更多精彩|关注微信公众号|扫描二维码|点击阅读原文"
)
_TITLE_CHARS = 6  # a shorter title may well be how the first sentence starts
_GOES_ON = ("，", ",", "、", "；", "的", "在")
# Dumps of pages have half-width marks, which nobody prints beside Chinese characters.
_WIDE = dict(zip(",:;?!", "，：；？！", strict=True))
_HALF_WIDTH = re.compile(r"(?<=[一-鿿”’》）])[,:;?!]|[,:;?!](?=[一-鿿“‘《（])")
_KEPT = 256  # articles whose sentences are remembered
_MOST_LABELS = 3  # before one sentence
_WORD = re.compile(r"[（(《“‘]?\w")
_MARKS = " ■□▲△●○◆◇★☆"
_ESCAPED_BREAK = re.compile(r"\\+[nrt]")
_SOFT_BREAK = re.compile(r"(?<=[，,、；])\s*\n\s*")  # web editors break lines where a phone's screen ends
_SITE = re.compile(r"[|｜_].*$")  # headline|site, as a web page's title has it
# 今天（9月20日）: on another day only the date is true.
_TODAY = re.compile(r"[今昨前][天日][（(]((?:[0-9]{1,2}月)?[0-9]{1,2}[日号])[)）]")
_BLANKS = re.compile(r"[ \t\u3000\xa0]+")
_CJK_GAP = re.compile(r"(?<=[一-鿿，。！？；：、“”]) (?=[一-鿿，。！？；：、“”])")


def body_sentences(article: Article) -> list[str]:
    """Return the sentences of the article's running text, in order, without bylines, datelines and page residue.

    A heading that stood glued before a sentence becomes one of its own, without an end mark. Half-width marks beside
    Chinese characters become full-width.
    """
    return list(_body_sentences(article.title, article.text))


def forget_sentences() -> None:
    """Forget the sentences of the articles read last, to measure what reading them costs."""
    _body_sentences.cache_clear()


def glued_sentences(article: Article) -> list[str]:
    """Return what ``body_sentences`` does, with headings still glued to the sentences after them."""
    return _glued_sentences(article.title, article.text)


@lru_cache(maxsize=_KEPT)
def _body_sentences(title: str, text: str) -> tuple[str, ...]:
    # Of an article, the sentences are asked for by whoever chooses, writes, checks or explains.
    parts = (part for sentence in _glued_sentences(title, text) for part in split_headings(sentence, title))
    whole = (_HALF_WIDTH.sub(_widen, _strip_labels(part)) for part in parts)
    return tuple(filter(None, whole))


def _widen(mark: re.Match[str]) -> str:
    return _WIDE[mark.group()]


def _glued_sentences(title: str, text: str) -> list[str]:
    text = _SOFT_BREAK.sub("", _ESCAPED_BREAK.sub("\n", text))
    tail = _TAIL.search(text, len(text) // 2)
    if tail is not None:
        text = text[: tail.start()]
    lines = (_strip_line(line, title) for line in text.split("\n"))
    found = (_strip_labels(sentence) for line in lines for sentence in sentences(line))
    return [sentence for sentence in found if sentence]


def _strip_labels(sentence: str) -> str:
    """Drop the labels before a sentence; what is nothing but labels stays."""
    shorter = sentence
    for _ in range(_MOST_LABELS):
        shorter = _LABEL.sub("", shorter)
    return shorter if _WORD.match(shorter) else sentence


def _strip_line(line: str, title: str) -> str:
    line = _LEADING_NOTE.sub("", _BLANKS.sub(" ", line).strip(_MARKS))
    line = _without_title(line, _SITE.sub("", title).strip("【】"))
    for residue in (_EDITED, _STAMP, _SHARE, _REPRINT, _DATELINE, _CREDITS, _LINE_CREDITS, _REPORTS):
        line = residue.sub("", line)
    return _TODAY.sub(r"\1", _CJK_GAP.sub("", line)).strip()


def _without_title(line: str, title: str) -> str:
    """Drop the title that was glued to the beginning, whatever its blanks; not one that goes on as a sentence."""
    at = 0
    for char in title:
        if char.isspace():
            continue
        while line[at : at + 1].isspace():
            at += 1
        if normalize("NFKC", line[at : at + 1]) != normalize("NFKC", char):
            return line
        at += 1
    if at < _TITLE_CHARS or line[at : at + 1] in _GOES_ON:
        return line
    return line[at:].lstrip(" ：:。！？_-")
