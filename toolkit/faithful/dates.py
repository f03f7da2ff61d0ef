"""Dates and times of day: 2024年1月15日, 15日, 7时50分, 昨天, 上午."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolkit.faithful.numerals import value_of

_NUMBER = r"\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
# Web pages set a blank on either side of digits: 12 月 3 日.
_YEAR = r"(?P<year>\d{4}|[一二三四五六七八九〇零]{4})\s?年"
_MONTH = rf"(?P<month>{_NUMBER})\s?月份?"
_DAY = rf"(?P<day>{_NUMBER})"
# Digits may follow a Chinese numeral (逃不过十五2018年), and the other way round (3.十月).
_BEFORE = r"(?:(?<![\d.])(?=\d)|(?<![一二三四五六七八九十])(?!\d))"
_DATE = re.compile(
    rf"{_BEFORE}(?:(?:{_YEAR})?\s?{_MONTH}\s?(?:{_DAY}\s?[日号])?"
    rf"|(?P<lone_year>\d{{4}}|[一二三四五六七八九〇零]{{4}})\s?年"
    r"|(?P<lone_day>\d{1,2}|[二三]?十[一二三四五六七八九]?)\s?日(?!元))"
)
_BRACKETED_DAY = re.compile(r"\((?P<lone_day>\d{1,2})\)日")  # 今（15）日
_POINTED = re.compile(r"(?<![\d.])(?P<month>1[0-2]|[1-9])\.(?P<day>3[01]|[12]\d|[1-9])(?![\d.%‰万亿])")  # 5.18
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?!\d)")
_RANGE_START = re.compile(rf"{_BEFORE}(\d{{4}}|{_NUMBER})年?\s*(?:-|—|–|~|至|到|、|和)+\s*$")
_TIME = re.compile(
    r"(?<!\d)(?:(\d{1,2}):(\d{2})(?!\d)"
    r"|(\d{1,2}|十[一二]?|[二三四五六七八九])\s?(?:时|点(?=钟|半|许|左右|\s?\d|整))\s?(?:(\d{1,2})\s?分|(半))?)"
)
# Words for the same day or hour, as broad as colleagues use them.
_SAME = (
    ("上午", "早上", "早晨", "清晨", "早间", "一早", "晨"),
    ("下午", "午后"),
    ("中午", "正午"),
    ("傍晚", "晚", "夜"),
    ("凌晨", "拂晓"),
    ("昨天", "昨日", "昨"),
    ("今天", "今日", "今"),
    ("明天", "明日", "明起"),
    ("前天", "前日"),
    ("后天",),
    ("去年", "上年"),
    ("前年",),
    ("明年",),
    ("上周",),
    ("下周",),
    ("上月", "上个月"),
    ("下月", "下个月"),
    *((f"周{day}", f"星期{day}", f"礼拜{day}") for day in "一二三四五六日"),
)
# In 一周日均 there is no Sunday.
_WORD = re.compile("|".join(rf"(?<![一两每]){word}(?!均)" for words in _SAME for word in words if len(word) > 1))


@dataclass(frozen=True, slots=True)
class Date:
    """A date at ``text[start:end]``; None for a part that is not written."""

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int

    @property
    def parts(self) -> tuple[int | None, int | None, int | None]:
        """Year, month and day."""
        return self.year, self.month, self.day


def find_dates(text: str) -> list[Date]:
    """Return the dates in order; 14至16日 gives two."""
    found: list[Date] = []
    matches = [*_DATE.finditer(text), *_ISO.finditer(text), *_BRACKETED_DAY.finditer(text)]
    for match in sorted(matches, key=lambda match: match.start()):
        if found and match.start() < found[-1].end or _counts_months(match):
            continue
        named = match.groupdict()
        year, month, day = (_number(named.get(part)) for part in ("year", "month", "day"))
        date = Date(
            year or _number(named.get("lone_year")), month, day or _number(named.get("lone_day")), *match.span()
        )
        before = _RANGE_START.search(text, max(0, date.start - 8), date.start)
        if before is not None and (not found or before.start() >= found[-1].end):
            found.append(_range_start(date, before))
        found.append(date)
    return found


def _counts_months(match: re.Match[str]) -> bool:
    """Say whether 2月 stands for two months: 前2月."""
    return match[0][-1] == "月" and match.string[: match.start()].endswith("前")


def pointed_dates(text: str) -> list[Date]:
    """Return what may be a date with a point (5.18); it may as well be a number, so it is only evidence for a date."""
    return [Date(None, int(match["month"]), int(match["day"]), *match.span()) for match in _POINTED.finditer(text)]


def with_context(dates: Sequence[Date]) -> list[Date]:
    """Give each date the year and month of the one before it where it names none: 1月14日至15日."""
    found: list[Date] = []
    year = month = None
    for date in dates:
        if date.year is not None:
            year, month = date.year, None
        month = date.month or month
        found.append(replace(date, year=year, month=month))
    return found


def date_is_supported(claimed: Date, known: Sequence[Date]) -> bool:
    """Say whether some date of the article has every part that the summary writes."""
    return any(
        all(part is None or part == other for part, other in zip(claimed.parts, date.parts, strict=True))
        for date in known
    )


def time_is_supported(hour: float, known: set[float]) -> bool:
    """Say whether the article has a time of day; one without minutes (11时许) may stand for any time of that hour."""
    return hour in known or (hour == int(hour) and any(int(other) == hour for other in known))


def find_times(text: str) -> list[tuple[float, int, int]]:
    """Return times of day as (hour on a clock of twelve, start, end)."""
    found = []
    for match in _TIME.finditer(text):
        hour = _number(match[1] or match[3]) or 0
        minute = 30 if match[5] else _number(match[2] or match[4]) or 0
        found.append((hour % 12 + minute / 60, *match.span()))
    return found


def unsupported_day_words(text: str, article: str) -> list[tuple[int, int]]:
    """Return the spans of 昨天, 上午, 周三, ... for which the article has no word of the same meaning."""
    return [
        match.span()
        for match in _WORD.finditer(text)
        if not any(word in article for words in _SAME if match.group() in words for word in words)
    ]


def _number(numeral: str | None) -> int | None:
    value = value_of(numeral) if numeral else None
    return None if value is None else int(value)


def _range_start(end: Date, before: re.Match[str]) -> Date:
    value = _number(before[1])
    start, stop = before.start(), before.end(1)
    if end.year is not None:
        return Date(value, None, None, start, stop)
    if end.month is not None:
        return Date(None, value, None, start, stop)
    return Date(None, None, value, start, stop)
