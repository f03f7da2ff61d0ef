"""One row of a table (a JSON object, a CSV line) to an Article: field aliases, cleaning, what is missing."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from toolkit.text import clean, has_control, has_surrogate
from toolkit.types import Article, Credit, Reject

# The first name is the one that output files use.
ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("id", "编号"),
    "title": ("title", "标题", "headline"),
    "text": ("text", "content", "正文", "body"),
    "published": ("published", "date", "publish_time", "日期"),
    "topics": ("topics", "labels", "label", "主题"),
    "subtitle": ("subtitle", "副标题"),
    "kicker": ("kicker", "肩题"),
    "byline": ("byline",),
    "dateline": ("dateline",),
    "kind": ("kind",),
    "order": ("order",),
    "unsure": ("unsure",),
    "flags": ("flags",),
    "read_from": ("read_from",),  # in our own output: where the article was first read
}
# A record has these even where the row left them empty.
_ALWAYS_WRITTEN = ("flags", "read_from")
_SCALAR = ("id", "title")  # a list or mapping there is no id or title, and travels on as it is
RAW_CHARS = 10_000  # of a rejected row, enough to find and mend it
_LIST_SEPARATOR = re.compile(r"[;,；，、|]")
_CREDIT = re.compile(r"(\S+)\s+(.+)")


def row_to_article(row: Mapping[str, Any], *, source: str) -> Article | Reject:
    """Build an article from one row.

    Names are matched without regard to case and outer blanks. Of several aliases for one field the first that holds
    something is used; the others, and every field we do not know, go to ``extra`` as they are.
    """
    fields, extra = _sort_fields(row)
    given = fields.get("text")
    text = clean(given) if isinstance(given, str) else ""
    if not text or text.isspace():
        return Reject(source, _why_no_text(given, row), json.dumps(row, default=str)[:RAW_CHARS])
    title = " ".join(_text(fields.get("title")).split())
    kept, odd = _structured(fields)
    return Article(
        id=_text(fields.get("id")) or source,
        title=title,
        text=text.strip(),
        source=_text(fields.get("read_from")) or source,
        extra=extra | odd,
        flags=_flags(fields, title, changed=text is not given),
        **kept,
    )


def _why_no_text(given: object, row: Mapping[str, Any]) -> str:
    if given is not None and not isinstance(given, str):
        return f"the text is {type(given).__name__}, not a string"
    return f"no text; found {', '.join(str(name) for name in row) or 'no fields'}"


def _sort_fields(row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields we know by our own names, and the rest by theirs."""
    plan, unknown = _plan(tuple(row))
    fields: dict[str, Any] = {}
    extra = {name: row[name] for name in unknown}
    for field, names in plan:
        used = next((name for name in names if not _blank(row[name])), None)
        if field in _SCALAR and used is not None and isinstance(row[used], (list, dict, bool)):
            used = None
        if used is not None:
            fields[field] = row[used]
        elif field == "topics" and any(row[name] == [] for name in names):
            fields[field] = []  # an empty list is an answer (none of the topics); null or an empty cell is none
            used = names[0]
        extra |= {name: row[name] for name in names if name != used and field not in _ALWAYS_WRITTEN}
    return fields, extra


_Plan = tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]


@lru_cache(maxsize=256)
def _plan(names: tuple[str, ...]) -> _Plan:
    """Return which of a row's names may hold each field, best first, and the names that are none of ours."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(name.strip().lower(), name)
    plan = [(field, tuple(known[alias] for alias in aliases if alias in known)) for field, aliases in ALIASES.items()]
    used = {name for _, found in plan for name in found}
    return tuple((field, found) for field, found in plan if found), tuple(name for name in names if name not in used)


def _blank(value: object) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return clean(str(value)).strip()


def _structured(fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the optional fields that have the form we know, and those that do not (they go to ``extra``)."""
    kept: dict[str, Any] = {}
    odd: dict[str, Any] = {}
    for name, parse in _PARSERS.items():
        if name in fields and fields[name] is not None:
            value = parse(fields[name])
            (odd if value is None else kept)[name] = fields[name] if value is None else value
    return kept, odd


def _one_line(value: object) -> str | None:
    return " ".join(_text(value).split()) or None


def _names(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        # In a table's cell a person writes that an article carries none of the topics.
        value = [] if value.strip().lower() in ("none", "无", "[]") else _LIST_SEPARATOR.split(value.strip("[]"))
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(name for item in value if (name := clean(item).strip(" \t\n'\"")))


def _byline(value: object) -> tuple[Credit, ...] | None:
    if isinstance(value, str):
        pairs = [_CREDIT.fullmatch(part.strip()) for part in value.split(";")]
        return tuple(Credit(pair[1], tuple(pair[2].split())) for pair in pairs if pair) if all(pairs) else None
    try:
        return tuple(Credit(str(item["role"]), tuple(str(name) for name in item["names"])) for item in value)  # type: ignore[attr-defined]
    except (TypeError, KeyError):
        return None


def _truth(value: object) -> bool | None:
    if isinstance(value, str):
        return {
            "true": True,
            "1": True,
            "yes": True,
            "是": True,
            "false": False,
            "0": False,
            "no": False,
            "否": False,
        }.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


_PARSERS: dict[str, Any] = {
    "subtitle": _one_line,
    "kicker": _one_line,
    "dateline": _one_line,
    "published": _one_line,
    "topics": _names,
    "byline": _byline,
    "order": _whole,
    "unsure": _truth,
    "kind": lambda value: value if value in ("article", "photo") else None,
}


def _flags(fields: Mapping[str, Any], title: str, *, changed: bool) -> tuple[str, ...]:
    found = list(_names(fields["flags"]) or ()) if "flags" in fields else []
    if not title:
        found.append("no_headline")
    if changed or title != fields.get("title"):
        both = [value for value in (fields.get("title"), fields.get("text")) if isinstance(value, str)]
        if any(map(has_control, both)):
            found.append("control_characters_removed")
        if any(map(has_surrogate, both)):
            found.append("surrogates_replaced")
    return tuple(dict.fromkeys(found))
