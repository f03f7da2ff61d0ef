"""Numbers with their units: 5家, 1.36亿元, 三成, 两千多名, 第27次."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Literal

from toolkit.faithful.numerals import ARABIC, HAN, value_of
from toolkit.faithful.words import Word

QuantityKind = Literal["number", "money", "percentage"]

_MONEY = "人民币|美元|欧元|港元|港币|日元|英镑|韩元|卢布|元"
# Long ones first: the first that fits is taken.
_MEASURES = (
    "平方公里|平方千米|平方米|立方米|人次|架次|车次|班次|航次|件次|公里|千米|厘米|毫米|微米|纳米|公斤|千克|千瓦时|千瓦|兆瓦|公顷|小时|"
    "分钟|个月|星期|周年|标箱|岁|人|名|位|户|家|所|座|栋|幢|套|间|台|辆|架|艘|列|条|项|件|起|宗|处|片|块|亩|吨|斤|克|米|升|度|级|"
    "次|场|届|期|批|轮|种|类|份|张|本|部(?!门)|篇|首|幅|株|棵|头|只|匹|支|队|组|团(?!队)|班(?!子)|门|节(?!约)|课|站|路|号|层|楼|对|例|笔|单|桌|盏|根|粒|瓶|箱|"
    "袋|倍|折|周|天|年|秒|㎡|℃|千卡|万步|步|点|条|枚|名|口|死|伤|日|月"
)
_CODES = "km|kg|cm|mm|m"
_NUMERAL = (
    rf"(?:{ARABIC}\s?[多余]?\s?[十百千万亿]+)+|{ARABIC}|"
    rf"[{HAN}]+点[零〇一二三四五六七八九]+|[{HAN}]+(?:[多余几][万亿]*)?"
)
_QUANTITY = re.compile(
    rf"(?P<of>百分之|千分之|第)?(?<![A-Za-z\d.])(?:(?=\d)|(?<![几数])(?<![几数][十百千万亿]))(?P<numeral>{_NUMERAL})"
    rf"(?P<more>\s?[多余几])?(?:\s?(?P<unit>个?百分点|%|‰|成(?![为功立员本都果长熟效绩交份分])|个?(?:{_MONEY}|{_MEASURES})|个|(?:{_CODES})(?![A-Za-z])))?"
)
_FRACTION = re.compile(rf"(?<![{HAN}])(?!百分|千分|万分)([{HAN}]+|\d+)分之([{HAN}]+|\d+)")
_CODE = re.compile(r"[A-Za-z0-9]+(?:[.\-&+/_@·][A-Za-z0-9]+)*")
_HAS_LETTER = re.compile("[A-Za-z]")
_MEASURED = re.compile(rf"[\d.]+(?:{_CODES})")
_RANGE = re.compile(r"\s*(?:-|—|–|~|～|至|到|、|和)+\s*")
_ALIKE = (
    {"人", "名", "位", "口"},
    {"辆", "台", "部", "架"},
    {"座", "栋", "幢", "所"},
    {"家", "所", "户"},
    {"件", "起", "宗", "例", "项", "条", "种", "类", "场", "次", "期", "批", "轮", "届"},
    {"平方米", "㎡"},
    {"平方公里", "平方千米"},
    {"公里", "千米", "km"},
    {"公斤", "千克", "kg"},
    {"天", "日"},
    {"周", "星期"},
    {"元", "人民币"},
    {"月", "个月"},
    {"处", "片", "块", "座", "条", "项"},
    {"枚", "块"},
    {"队", "支"},
    {"周", "周年"},
)
_FIXED = frozenset(("五一", "万一", "十分", "一一", "一五一十"))  # tagged as numbers
_LARGEST = 10**20  # a longer run of digits is a code, and beyond the precision of decimals
_PLENARY = re.compile("次全[会体]")  # 六次全会 is the sixth
_ABOVE = re.compile("(?:超过?|逾|突破|多于|高于)$")
_FATE = re.compile(r"[^，。；、：\s\d]{0,3}?(死|亡|遇难|丧生|伤)")  # 5人死亡, 3名乘客受伤
_PEOPLE = frozenset("人名位")
_TELLING = set("人死伤岁元%成")  # 一人 is a count; 一项, 一场 are mostly "a"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it stands at ``text[start:end]``.

    ``value`` is the numeral itself where it is no single number (三四百). ``unit`` is None where none is written.
    ``more`` says that 多 or 余 follows; ``bound`` is 超 or 近 where such a word stands before it.
    """

    kind: QuantityKind
    value: Decimal | str
    unit: str | None
    ordinal: bool
    more: bool
    start: int
    end: int
    bound: str = ""


def find_quantities(text: str) -> list[Quantity]:
    """Return every run that could be a number, also the numerals of fixed words; dates are among them."""
    fractions = list(_FRACTION.finditer(text))
    taken = [match.span() for match in fractions] + [match.span() for match in latin_runs(text)]
    found = [_fraction(match) for match in fractions]
    for match in _QUANTITY.finditer(text):
        if not any(start < match.end("numeral") and match.start("numeral") < end for start, end in taken):
            found.append(_quantity(match))
    return _with_range_units(sorted(found, key=lambda quantity: quantity.start), text)


def counted(quantities: Sequence[Quantity], text: str, words: Sequence[Word]) -> list[Quantity]:
    """Keep what counts something: no numerals of idioms and fixed words (统一, 千方百计, 第一时间)."""
    return [quantity for quantity in quantities if _counts(text[quantity.start : quantity.end], quantity, words)]


def supports(known: Quantity, claimed: Quantity) -> bool:
    """Say whether the article's number bears out the summary's."""
    if known.value == claimed.value:
        if claimed.more and not (known.more or known.bound == "超"):
            return False
    elif not _is_rounded(known.value, claimed):
        return False
    if known.ordinal != claimed.ordinal and "届" not in (known.unit, claimed.unit):
        return False
    if known.kind != claimed.kind:  # a headline drops 元: 骗走80余万
        return known.kind == "money" and claimed.kind == "number" and claimed.unit is None
    return _same_unit(known.unit, claimed.unit)


def casualties(found: Sequence[Quantity], text: str) -> list[Quantity]:
    """Return the numbers of people killed or hurt as a headline writes them: of 5人死亡, 5死."""
    fates = ((_FATE.match(text, quantity.end), quantity) for quantity in found if quantity.unit in _PEOPLE)
    return [replace(quantity, unit="伤" if fate[1] == "伤" else "死") for fate, quantity in fates if fate]


def latin_runs(text: str) -> list[re.Match[str]]:
    """Return the runs of letters and digits that hold a letter: GDP, 5G, CR450-AF; 5km is a number with its unit."""
    return [
        match for match in _CODE.finditer(text) if _HAS_LETTER.search(match[0]) and not _MEASURED.fullmatch(match[0])
    ]


def _fraction(match: re.Match[str]) -> Quantity:
    below, above = value_of(match[1]), value_of(match[2])
    value = above / below if above is not None and below else match.group()
    return Quantity("number", value, "分之", ordinal=False, more=False, start=match.start(), end=match.end())


def _quantity(match: re.Match[str]) -> Quantity:
    numeral, of, unit = match["numeral"], match["of"], match["unit"]
    value: Decimal | str | None = value_of(numeral)
    if unit and len(unit) > 1 and unit != "个月":
        unit = unit.removeprefix("个")
    kind: QuantityKind = "number"
    if of == "百分之":
        kind, unit = "percentage", "%"
    elif of == "千分之":
        unit = "‰"
    elif unit in ("%", "百分点"):
        kind = "percentage"
    elif unit == "成":
        kind, unit, value = "percentage", "%", value * 10 if isinstance(value, Decimal) else value
    elif unit in _MONEY.split("|"):
        kind = "money"
    more = bool(match["more"]) or any(mark in numeral for mark in "多余几")
    value = numeral if value is None else value
    is_ordinal = of == "第" or bool(_PLENARY.match(match.string, match.end() - 1))
    return Quantity(kind, value, unit, is_ordinal, more, match.start(), match.end(), _bound(match))


def _bound(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 2) : match.start()].rstrip()
    return "超" if _ABOVE.search(before) else "近" if before.endswith("近") else ""


def _with_range_units(found: list[Quantity], text: str) -> list[Quantity]:
    # 3至5家: both have the unit of the second.
    for position in range(len(found) - 2, -1, -1):
        first, second = found[position], found[position + 1]
        if first.unit is None and second.unit and _RANGE.fullmatch(text, first.end, second.start):
            found[position] = replace(first, kind=second.kind, unit=second.unit)
    return found


def _counts(raw: str, quantity: Quantity, words: Sequence[Word]) -> bool:
    if any(char.isdigit() and char.isascii() for char in raw) or "分之" in raw:
        return True
    numeral = "".join(char for char in raw if char in HAN)
    if numeral == "一" and (quantity.unit or "个")[0] not in _TELLING and not (quantity.ordinal and quantity.unit):
        return False
    if not quantity.unit and (len(numeral) < 2 or isinstance(quantity.value, str)):
        return False
    if not quantity.unit and not quantity.ordinal and set(numeral).isdisjoint("十百千万亿〇"):
        return False
    return not any(_is_fixed(word, raw) for word in words if word.start < quantity.end and quantity.start < word.end)


def _is_fixed(word: Word, raw: str) -> bool:
    if word.text in _FIXED:
        return True
    return word.text not in raw and word.tag[0] not in "mtq" and not set(word.text).isdisjoint(HAN)


@cache
def _same_unit(one: str | None, other: str | None) -> bool:
    if one == other or None in (one, other) or "个" in (one, other):
        return True
    return any(one in units and other in units for units in _ALIKE)


def _is_rounded(exact: Decimal | str, claimed: Quantity) -> bool:
    """Say whether a number with 多, 超 (2000多) or 近 (近2400) may stand for ``exact`` (2356)."""
    round_value = claimed.value
    if not (claimed.more or claimed.bound):
        return False
    if isinstance(exact, str) or isinstance(round_value, str) or not 0 < round_value < _LARGEST:
        return False
    step = Decimal(1)
    while round_value % (step * 10) == 0:
        step *= 10
    if claimed.more or claimed.bound == "超":
        return round_value < exact < round_value + step
    return round_value - step < exact < round_value
