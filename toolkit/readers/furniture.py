"""What a printed page holds beside its articles: page heads, editors' names, telephone numbers, jumps, rules."""

import re

_FURNITURE_CHARS = 80  # a longer line is prose
_RULE = re.compile(r"[—\-–=_*#~·•…☆★◆◇■□●○※＊－＝\s]{3,}")
_SPACED_MASTHEAD = re.compile(r"(?:[\u3400-\u9fff] ){3,}[\u3400-\u9fff]")  # 澜 川 日 报

_SECTION = (
    "(?:要闻|时政|综合|民生|社会|经济|文化|教育|健康|副刊|专版|专题|广告|聚焦|城事|本地|国内|国际|体育|公告|镇街|基层"
    "|平安|法治|本地新闻|综合新闻)"
)
_PAGE = r"(?:第?\s*[A-Z]?\d{1,3}\s*版|[A-Z]\d{1,2}|第\s*[一二三四五六七八九十]{1,3}\s*版|\d{1,3})"
_YEAR = r"(?:\d{4}|[〇○零一二三四五六七八九]{4})"
_DATE = rf"{_YEAR}\s*年\s*[\d一二三四五六七八九十]{{1,3}}\s*月\s*[\d一二三四五六七八九十]{{1,3}}\s*日"
_WEEKDAY = "(?:星期|周)[一二三四五六日天]"
_PAPER = (
    r"(?:[\u3400-\u9fff]{2,6}(?:日报|晚报|时报|晨报|早报|新报|商报|都市报|新闻)"
    r"|[\u3400-\u9fff]{2,4}(?<![预通公简战海捷喜快汇举申警情电播填上回])报)"  # 平湖报, but no 天气预报
)
_EDITOR = (
    r"(?:责任编辑|责\s*编|编辑|编委|主编|版式设计|版\s*式|美\s*编|美术编辑|校\s*对|审\s*校|审\s*读|组\s*版|编\s*审|总值班"
    r"|值班总编|值班主任|监\s*制)"
)
_CONTACT = (
    r"(?:热线|电\s*话|传\s*真|邮\s*箱|投稿邮箱|电子邮箱|电子信箱|网\s*址|社\s*址|地\s*址|邮\s*编|广告热线|订阅热线|发行热线"
    r"|报料热线|E-?mail)"
)
_IMPRINT = (
    r"(?:国内统一(?:连续出版物|刊)号|CN\s?\d{2}|邮发代号|总第\s*\d{2,6}\s*期|第\s*\d{3,6}\s*期(?=\s|$)|今日\s*\d{1,2}\s*版"
    r"|本报今日|(?:零售价|定价)[:：\d]|印刷[:：]|https?://|www\.)"
)
_TARGET = r"第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*版"
_GAP = r"[\s|,，]*"
_FURNITURE = re.compile(
    "|".join(
        (
            rf"[-—–·•|\s]*{_PAGE}[-—–·•|\s]*[:：]?\s*{_SECTION}?[-—–\s]*",
            rf"{_SECTION}(?:新闻|版)?\s*[:：|/]?\s*{_PAGE}?",
            rf"(?:{_PAPER}|{_SECTION})?{_GAP}{_PAGE}?{_GAP}{_SECTION}?{_GAP}{_DATE}{_GAP}(?:{_WEEKDAY})?{_GAP}"
            rf"(?:农历.{{2,14}})?{_PAGE}?{_GAP}{_SECTION}?{_GAP}(?:总?第.{{1,8}}期)?(?:{_PAPER})?",
            rf"{_PAPER}社?(?:\s*{_PAGE})?(?:\s*{_SECTION})?(?:\s+(?:主管|主办|出版).{{0,20}})?",
            rf"{_WEEKDAY}(?:\s+农历.{{2,10}})?|农历.{{4,16}}",
            rf"(?:本版|值班|版面)?{_EDITOR}\s*[:：|/ ].{{1,50}}",
            rf"{_IMPRINT}.{{0,60}}",
            rf"[（(【▶►→\s]*(?:紧|上|下)[接转]{_TARGET}?[^。，]{{0,12}}[）)】◀\s]*",
        )
    )
)
_CONTACT_LINE = re.compile(rf"(?:新闻)?{_CONTACT}(?:电话)?\s*[:：].{{1,60}}")
_NEWSROOM_LINE = re.compile(r"(?:投稿邮箱|(?:新闻|广告|订阅|发行|报料)热线)\s*[:：].{5,60}")
_JUMP_OUT = re.compile(rf"\s*[（(【▶►→]*\s*(?:紧|上|下)[接转]{_TARGET}[^）)。，]{{0,6}}[）)】]?\s*$")
_JUMP_IN = re.compile(rf"^[（(【▶►→]*\s*(?:紧接|上接){_TARGET}[^）)。，]{{0,6}}[）)】]\s*")
_JUMP_CHARS = 40


def is_furniture(line: str) -> bool:
    """Say whether a line belongs to the page and to none of its articles."""
    if len(line) > _FURNITURE_CHARS:
        return _RULE.match(line) is not None and not line.strip(line[0])
    if _SPACED_MASTHEAD.fullmatch(line):
        line = line.replace(" ", "")
    return bool(_RULE.fullmatch(line) or (_FURNITURE.fullmatch(line) and not line.endswith("。")))


def is_contact(line: str) -> bool:
    """Say whether a line gives a telephone number or an address: the paper's own, or that of a notice in it."""
    return len(line) <= _FURNITURE_CHARS and _CONTACT_LINE.fullmatch(line) is not None


def is_newsroom_contact(line: str) -> bool:
    """Say whether a line says how to reach the newspaper itself."""
    return len(line) <= _FURNITURE_CHARS and _NEWSROOM_LINE.fullmatch(line) is not None


def drop_jumps(line: str) -> tuple[str, bool]:
    """Cut （上接第1版） off the front and （下转第3版） off the end; say whether the article goes on elsewhere."""
    line = _JUMP_IN.sub("", line)
    tail = line[-_JUMP_CHARS:]  # the line may be a megabyte
    match = _JUMP_OUT.search(tail)
    if match is None:
        return line, False
    return line[: len(line) - len(tail) + match.start()], True
