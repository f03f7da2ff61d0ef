"""The value of a numeral, Arabic, Chinese or mixed: 13600万, 1亿3600万, 一百二十, 二〇二四, 3.5."""

import re
from decimal import Decimal

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
HAN = "".join(DIGITS) + "".join(_SCALES)
ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_PART = re.compile(rf"({ARABIC})([十百千万亿]*)")
_APPROXIMATE = re.compile("[多余几 ]")
_LONG = 4  # 二〇二四: so many digits without a scale are read one by one


def value_of(numeral: str) -> Decimal | None:
    """Return what ``numeral`` is worth; None if it is no single number, as in 三四百.

    多, 余 and 几 are skipped: 20多万 is worth 200000.
    """
    numeral = _APPROXIMATE.sub("", numeral)
    if numeral[:1].isascii():
        parts = _PART.findall(numeral)
        return sum((Decimal(digits.replace(",", "")) * _product(scales) for digits, scales in parts), Decimal(0))
    whole, _, decimals = numeral.partition("点")
    value = _positional(whole) if _is_positional(whole) else _scaled(whole)
    if value is None or not decimals:
        return value
    return value + Decimal("0." + "".join(str(DIGITS[char]) for char in decimals))


def _product(scales: str) -> int:
    value = 1
    for scale in scales:
        value *= _SCALES[scale]
    return value


def _is_positional(numeral: str) -> bool:
    if len(numeral) == 1:
        return numeral in DIGITS
    return all(char in DIGITS for char in numeral) and (len(numeral) >= _LONG or "〇" in numeral)


def _positional(numeral: str) -> Decimal:
    value = 0
    for char in numeral:
        value = value * 10 + DIGITS[char]
    return Decimal(value)


def _scaled(numeral: str) -> Decimal | None:
    total = section = digit = 0
    after_digit = False
    for char in numeral:
        if char in DIGITS:
            if after_digit and digit:
                return None
            digit, after_digit = DIGITS[char], True
        elif char in "万亿":
            section += digit
            # 亿 multiplies all before it (一万亿), 万 only what follows the last 亿 (一亿三千六百万).
            if char == "亿":
                total = (total + section or 1) * _SCALES[char]
            else:
                total += (section or 1) * _SCALES[char]
            section, digit, after_digit = 0, 0, False
        else:
            section += (digit or 1) * _SCALES[char]
            digit, after_digit = 0, False
    return Decimal(total + section + digit)
