"""The lines of a page dump: page furniture dropped, and how the dump breaks its lines."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_SPACES = re.compile(r"[ \t\u3000\xa0]+")
_INDENT = re.compile(r"^(?:\u3000{2}|[ \xa0]{2,8}|\t)(?=\S)")
_RULE = re.compile(r"^[—\-–=_*#~·•…☆★◆◇■□●○※＊－＝\s]{3,}$")
_CLOSED = re.compile(
    r"(?:[。！？!?…][”’」』）)》】\"']*|摄(?:影)?[）)]?|[（(][^（）()]{0,40}(?:记者|通讯员|完|摄影)[^（）()]{0,40}[）)])$"
)
_LIST_ITEM = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十]{1,3}[、）)]|[（(]?\d{1,2}(?:[、）)]|\.(?!\d)|．)|[①-⑳]|第[一二三四五六七八九十]{1,3}[条章节、：])"
)
_SECTIONS = "要闻|时政|综合|民生|社会|经济|文化|教育|健康|副刊|专版|专题|广告|聚焦|城事|本地|本地新闻|综合新闻|国内|国际|体育|公告|镇街|基层|平安|法治"
_PAGE_NUMBER = r"(?:第?\s*[A-Z]?\d{1,3}\s*版|[A-Z]\d{1,2}|第\s*[一二三四五六七八九十]{1,3}\s*版|\d{1,3})"
_DATE = r"(?:\d{4}|[〇○零一二三四五六七八九]{4})\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日"
_PAPER = r"[\u3400-\u9fff]{2,6}(?:日报|晚报|时报|晨报|早报|新报|商报|都市报|新闻)"
_FURNITURE = re.compile(
    rf"(?:[-—–·•|\s]*{_PAGE_NUMBER}[-—–·•|\s]*[:：]?\s*(?:{_SECTIONS})?[-—–\s]*"
    rf"|(?:{_SECTIONS})(?:新闻|版)?\s*[:：|/]?\s*(?:{_PAGE_NUMBER})?"
    rf"|(?:{_PAPER}|{_SECTIONS})?[\s|]*(?:{_PAGE_NUMBER})?[\s|]*(?:{_SECTIONS})?[\s|]*{_DATE}[\s|,，]*(?:(?:星期|周)[一二三四五六日天])?[\s|]*(?:农历.{{2,14}})?(?:{_PAGE_NUMBER})?[\s|]*(?:{_SECTIONS})?[\s|]*(?:总?第.{{1,8}}期)?(?:{_PAPER})?"
    rf"|{_PAPER}(?:社)?(?:\s*{_PAGE_NUMBER})?(?:\s*(?:{_SECTIONS}))?(?:\s+(?:主管|主办|出版).{{0,20}})?"
    r"|(?:星期|周)[一二三四五六日天](?:\s+农历.{2,10})?|农历.{4,16}"
    r"|(?:本版|值班|版面)?(?:责任编辑|责\s*编|编辑|编委|主编|版式设计|版\s*式|美\s*编|美术编辑|校\s*对|审\s*校|审\s*读|组\s*版|编\s*审|总值班|值班总编|值班主任|监\s*制)\s*[:：|/ \u3000].{1,50}"
    r"|(?:新闻)?(?:热线|电\s*话|传\s*真|邮\s*箱|投稿邮箱|电子邮箱|电子信箱|网\s*址|社\s*址|地\s*址|邮\s*编|广告热线|订阅热线|发行热线|报料热线|E-?mail)(?:电话)?\s*[:：].{1,60}"
    r"|(?:国内统一(?:连续出版物|刊)号|CN\s?\d{2}|邮发代号|总第\s*\d{2,6}\s*期|第\s*\d{3,6}\s*期(?=\s|$)|今日\s*\d{1,2}\s*版|本报今日|零售价?|定价|印刷[:：]|https?://|www\.).{0,60}"
    r"|[（(【▶►→\s]*(?:紧|上|下)[接转]第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*版?[^。，]{0,12}[）)】◀\s]*)"
)
_JUMP = re.compile(
    r"\s*[（(【▶►→]*\s*(?:紧|上|下)[接转]第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*版[^）)。，]{0,6}[）)】]?\s*$"
)
_JUMP_IN = re.compile(
    r"^[（(【▶►→]*\s*(?:紧接|上接)第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*版[^）)。，]{0,6}[）)】]\s*"
)
_FURNITURE_CHARS = 80  # a longer line is prose
_COLUMN_CHARS = 50  # the widest column line


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line. ``blanks`` counts the empty lines before it; ``cut`` means a rule or page furniture stood there."""

    text: str
    blanks: int = 0
    indent: bool = False
    cut: bool = False
    ends: bool = False  # "continued on page 3" followed: nothing of this article comes after


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page breaks its lines: the column width (0 when lines hold whole paragraphs), indents, blank lines.

    Widths are in half characters: a Chinese character has two; a Latin letter or digit one, or two where the column
    counts characters.
    """

    width: int = 0
    slack: int = 0  # a line that is shorter than the column by no more than this is full
    by_chars: bool = True
    indented: bool = False
    gap: int = 0  # blank lines between two paragraphs

    def size(self, line: Line) -> int:
        """Measure a line in half characters."""
        indent = 4 if line.indent else 0
        return indent + (2 * len(line.text) if self.by_chars else round(2 * display_width(line.text)))


def display_width(text: str) -> float:
    """Width in Chinese characters: a Latin letter or a digit takes half the place."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def is_closed(text: str) -> bool:
    """Say whether a line ends as a paragraph does: with a full stop, a photo credit, or （记者 X）."""
    return _CLOSED.search(text[-100:]) is not None


def is_list_item(text: str) -> bool:
    """Say whether a line begins with a number of a list: 一、 （二） 3. ④."""
    return _LIST_ITEM.match(text) is not None


def read_lines(text: str) -> list[Line]:
    """Cut a dump into its printed lines, without page heads, page numbers, editors' names, jumps and rules."""
    found: list[Line] = []
    blanks, cut = 0, False
    for raw in text.splitlines():
        line = _SPACES.sub(" ", raw).strip()
        if not line:
            blanks += 1
        elif _is_furniture(line):
            # What stands around page furniture may be one sentence that it interrupts, or two articles.
            cut, blanks = True, blanks + 1
        else:
            found.append(_line(line, raw, blanks, cut=cut))
            blanks, cut = 0, False
    return found


def _line(text: str, raw: str, blanks: int, *, cut: bool) -> Line:
    tail = text[-40:]
    match = _JUMP.search(tail)
    if match and match.start() > 0 or (match and len(text) > len(tail)):
        text = text[: len(text) - len(tail) + match.start()]
    text = _JUMP_IN.sub("", text)
    return Line(text, blanks, _INDENT.match(raw) is not None, cut, match is not None)


def _is_furniture(line: str) -> bool:
    if len(line) > _FURNITURE_CHARS:
        return _RULE.match(line[:200]) is not None and not line.strip(line[0])
    if re.fullmatch(r"(?:[\u3400-\u9fff] ){3,}[\u3400-\u9fff]", line):
        line = line.replace(" ", "")  # a masthead set wide: 澜 川 日 报
    return bool(_RULE.match(line) or (_FURNITURE.fullmatch(line) and not line.endswith("。")))


def measure(lines: Sequence[Line]) -> Layout:
    """Find out how a page breaks its lines."""
    running = [one for one, after in pairwise(lines) if after.blanks == 0 and _may_run(one)]
    after_stop = [after for one, after in pairwise(lines) if is_closed(one.text)]
    width, slack, by_chars = 0, 0, True
    if len(running) >= max(4, len(lines) * 0.3):
        _, width, slack, by_chars = max(_column(running, by_chars=True), _column(running, by_chars=False))
    gaps = Counter(min(line.blanks, 3) for line in after_stop)
    indents = sum(line.indent for line in after_stop)
    gap = gaps.most_common(1)[0][0] if gaps else 1
    return Layout(width, slack, by_chars, indents > 0.35 * len(after_stop), gap)


def _may_run(line: Line) -> bool:
    return 8 <= len(line.text) <= _COLUMN_CHARS and not is_closed(line.text)


def _column(running: Sequence[Line], *, by_chars: bool) -> tuple[int, int, int, bool]:
    layout = Layout(by_chars=by_chars)
    sizes = Counter(layout.size(line) for line in running)
    best = (0, 0, 0)
    for width in list(sizes):
        exact = sizes[width] + (0 if by_chars else sizes[width - 1])
        # Printers do not begin a line with 。 so a line is at times one character short or long.
        near = sum(sizes[size] for size in range(width - 2, width + 3))
        best = max(best, (exact, width, near))
    exact, width, near = best
    if near < 0.5 * len(running):
        return 0, 0, 0, by_chars
    slack = 0 if by_chars else 1
    return exact, width, slack if exact >= 0.85 * near else 2, by_chars
