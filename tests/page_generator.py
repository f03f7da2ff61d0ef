"""Newspaper pages as text dumps hold them: seeded layouts and noise, and what a reader should find in them."""

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.readers.lines import display_width
from toolkit.readers.page import split_page
from toolkit.text import clean
from toolkit.types import Article, Credit

CORPUS = Path(__file__).parents[1] / "toolkit" / "samples" / "corpus.jsonl"
_HALF_WIDTH = str.maketrans("，：；？！（）", ",:;?!()")
_PLACES = ("南汀", "柳渡", "白鹭", "石堰", "青棠")
_PHOTOGRAPHERS = ("王强", "陆小满", "井然", "霍青", "沈亦")
_CAPTIONS = (
    "图为志愿者在江边清理垃圾，往来市民纷纷点赞。",
    "图为工作人员正在检查设备运行情况。",
    "昨天，在镇文化站，孩子们跟着老艺人学剪纸，一片欢声笑语。",
)
_PHOTOS = (
    ("晨练正当时", "昨天清晨，在滨江公园里，不少市民迎着朝阳打太极、跳广场舞。近日气温回升，户外锻炼的人越来越多。"),
    ("菊香满园", "昨天下午，在人民公园内，上千盆菊花竞相开放，吸引市民驻足拍照。花展将持续到本月底。"),
    ("抢收忙", "近日天气晴好，白鹭镇的农户抓紧抢收晚稻，田间一派繁忙景象。"),
    ("灯会亮了", "1月20日晚，南汀古街挂起两千多盏花灯，游人穿行其间，感受浓浓的年味。"),
)
_KICKERS = ("——来自澜川基层一线的观察", "——一座江边小城的答卷", "——新春走基层见闻", "——写在创建十周年之际")
_COLUMNS = ("【走基层】", "新春走基层·暖心事", "【民生实事】", "奋进新征程·见行动")
_TOP = (
    "第03版 要闻",
    "2026年3月12日 星期四",
    "A02 综合",
    "澜川日报",
    "02",
    "澜川日报 2026年3月12日 星期四",
    "—— 3 ——",
    "要闻 03",
)
_BOTTOM = (
    "责任编辑 张三 版式设计 李四",
    "责编：章迟 校对：龚素",
    "新闻热线：0573-85000000",
    "本版编辑 卓越群 电话：85000000",
    "================",
    "03",
)
_CROSSHEADS = ("难题怎么解", "一、聚焦主业", "暖心服务 留住人才", "（二）补齐短板", "从无到有")


@dataclass(frozen=True)
class Style:
    """How one page is set."""

    columns: int  # characters a line holds; 0 = a line holds a whole paragraph
    by_width: bool
    paragraphs: str  # "blank", "indent" or "plain"
    head_gap: int
    part_gap: int  # blank lines between the parts of a head
    half_width: bool
    mark: str
    byline_at: str  # "head", "end" or "paren"
    dateline: float  # share of articles with 本报讯
    furniture: bool
    line_end: str
    crossheads: float


def load_corpus() -> list[dict[str, Any]]:
    """Read the sample articles."""
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def make_page(rng_seed: int, articles: Sequence[Mapping[str, Any]]) -> tuple[str, list[Article]]:
    """Set 2 to 12 ``articles`` on a page; return the dump and what it holds (``extra["features"]``: what befell it)."""
    rng = random.Random(rng_seed)
    style = _draw_style(rng)
    drawn = rng.sample(list(articles), rng.randint(2, min(12, len(articles))))
    blocks: list[str] = []
    expected: list[Article] = []
    for number, row in enumerate(drawn):
        if number and rng.random() < 0.12:
            block, photo = _set_photo(rng, style)
        else:
            block, photo = _set_article(rng, style, row)
        blocks.append(block)
        expected += photo
    text = ("\n" * (style.head_gap + 1)).join(blocks)
    if style.furniture:
        text = _furnish(rng, text)
    if style.half_width:
        text = text.translate(_HALF_WIDTH)
        expected = [
            replace(one, title=one.title.translate(_HALF_WIDTH), text=one.text.translate(_HALF_WIDTH))
            for one in expected
        ]
    return _roughen(rng, text).replace("\n", style.line_end), expected


def _draw_style(rng: random.Random) -> Style:
    paragraphs = rng.choice(("blank", "blank", "indent", "plain"))
    return Style(
        # Columns without blank lines or indents: nobody could tell a paragraph that ends with a full line.
        columns=rng.choice((0, 0, rng.randint(12, 40))) if paragraphs != "plain" else 0,
        by_width=rng.random() < 0.5,
        paragraphs=paragraphs,
        head_gap=rng.choice((1, 1, 2, 3, 4)) if paragraphs == "blank" else rng.choice((0, 1, 1, 2, 3)),
        part_gap=rng.choice((0, 1, 1)),
        half_width=rng.random() < 0.4,
        mark=rng.choice(("■", "□", "●", "▲", "本报", "", "◆ ")),
        byline_at=rng.choice(("head", "head", "head", "end", "paren")),
        dateline=rng.choice((0.0, 0.5, 1.0, 1.0)),
        furniture=rng.random() < 0.5,
        line_end="\r\n" if rng.random() < 0.15 else "\n",
        crossheads=0.15 if rng.random() < 0.3 else 0.0,
    )


def _set_photo(rng: random.Random, style: Style) -> tuple[str, list[Article]]:
    title, caption = rng.choice(_PHOTOS)
    name = rng.choice(_PHOTOGRAPHERS)
    between = "\n" * (style.part_gap + 1)
    credit = rng.choice((f"■摄影 {name}", f"摄影 {name}", f"本报记者 {name} 摄", f"{name} 摄", f"（{name} 摄）"))
    body = _set_body(rng, replace(style, crossheads=0.0), [caption])
    article = Article(
        "", title, caption, "", kind="photo", byline=(Credit("摄影", (name,)),), extra={"features": ["photo"]}
    )
    return f"{title}{between}{body}{between}{credit}", [article]


def _set_article(rng: random.Random, style: Style, row: Mapping[str, Any]) -> tuple[str, list[Article]]:
    features: list[str] = [f"paragraphs={style.paragraphs}", f"columns={style.columns > 0}"]
    paragraphs = str(row["text"]).split("\n")
    if style.crossheads and len(paragraphs) > 3 and rng.random() < 0.5:
        paragraphs.insert(2, rng.choice(_CROSSHEADS))
        features.append("crosshead")
    credits = [Credit(one["role"], tuple(one["names"])) for one in row["byline"]] if rng.random() < 0.9 else []
    dateline = rng.random() < style.dateline
    features += [f"byline={style.byline_at if credits else 'none'}", f"dateline={dateline}"]
    opening = _dateline(rng) if dateline else ""
    body = _set_body(rng, style, paragraphs, opening)
    caption, photos = _caption(rng, style)
    head = _set_head(rng, style, row, features)
    between = "\n" * (style.part_gap + 1)
    parts = [head, body]
    if credits and style.byline_at == "paren":
        body_end = "（" + _byline(rng, "", credits).replace("\n", " ") + "）"
        parts[1] = body + rng.choice(("", "\n")) + body_end
    elif credits:
        parts.insert(1 if style.byline_at == "head" else 2, _byline(rng, style.mark, credits))
    text = between.join(parts)
    if caption:
        features.append("caption")
        text += "\n" * (1 + max(style.part_gap, style.paragraphs == "blank")) + caption
    article = Article(
        "",
        str(row["title"]),
        "\n".join(paragraphs),
        "",
        row["subtitle"],
        byline=tuple(credits),
        extra={"features": features},
    )
    return text, [article, *photos]


def _dateline(rng: random.Random) -> str:
    return rng.choice(
        (
            "本报讯 ",
            "本报讯 ",
            "本报综合讯 ",
            f"本报{rng.choice(_PLACES)}讯 ",
            "新华社北京1月15日电 ",
            "本报讯（记者 林旭 通讯员 王洲）",
            "本报讯 记者林旭报道 ",
        )
    )


def _caption(rng: random.Random, style: Style) -> tuple[str, list[Article]]:
    if rng.random() > 0.06:
        return "", []
    caption, name = rng.choice(_CAPTIONS), rng.choice(_PHOTOGRAPHERS)
    text = f"{rng.choice(('▲', ''))}{caption}{rng.choice((f' 本报记者 {name} 摄', f'（{name} 摄）', f' {name} 摄'))}"
    return text, [Article("", "", caption, "", kind="photo", extra={"features": ["caption"]})]


def _set_head(rng: random.Random, style: Style, row: Mapping[str, Any], features: list[str]) -> str:
    title, subtitle = str(row["title"]), row["subtitle"]
    between = "\n" * (style.part_gap + 1)
    wrapped = _wrap_title(rng, title, features)
    parts = [wrapped]
    # A shorter line looks like the two halves of one title: nobody could tell.
    is_long = subtitle is not None and " " not in title and display_width(f"{title}{subtitle}") > 31
    if is_long and wrapped == title and rng.random() < 0.3:
        features.append("subtitle on the title's line")
        parts = [f"{title} {subtitle}"]
    elif subtitle:
        features.append("subtitle")
        parts.append(str(subtitle))
    draw = rng.random()
    if draw < 0.06:
        features.append("kicker after")
        parts.append(rng.choice(_KICKERS))
    elif draw < 0.1:
        features.append("kicker before")
        parts.insert(0, rng.choice(_COLUMNS))
    pad = "　" * rng.choice((0, 0, 0, 4))
    return between.join(pad + part for part in parts)


def _wrap_title(rng: random.Random, title: str, features: list[str]) -> str:
    draw = rng.random()
    if draw > 0.18 or len(title) < 12:
        return title
    at = rng.randint(5, len(title) - 4)
    if " " in title and rng.random() < 0.3:
        at = title.index(" ")
    left, right = title[:at], title[at:]
    if right[:1] == " " or left[-1:] == " ":
        features.append("wrap at the pause")
        return f"{left.strip()}\n{right.strip()}"
    if left[-1].isascii() and right[0].isascii():
        return title
    joint = rng.choice((" ", " ", " ", "\n", "\n", "\n", "\n\n"))
    features.append(f"wrap {joint!r}")
    return left + joint + right


def _byline(rng: random.Random, mark: str, credits: Sequence[Credit]) -> str:
    gap = rng.choice((" ", " ", "、", "　"))
    pieces = []
    for credit in credits:
        names = [name if len(name) > 2 or rng.random() < 0.8 else f"{name[0]} {name[1]}" for name in credit.names]
        pieces.append(f"{credit.role}{rng.choice((' ', ' ', '', '：'))}{gap.join(names)}")
    if mark == "本报" and credits[0].role != "记者":
        mark = ""
    return mark + rng.choice((" ", " ", "　", "\n")).join(pieces)


def _set_body(rng: random.Random, style: Style, paragraphs: Sequence[str], opening: str = "") -> str:
    indent = "　　" if style.paragraphs == "indent" else ""
    separator = "\n\n" if style.paragraphs == "blank" else "\n"
    printed = [opening + paragraphs[0], *paragraphs[1:]]
    return separator.join(_set_paragraph(rng, style, indent + one) for one in printed)


def _set_paragraph(rng: random.Random, style: Style, text: str) -> str:
    lines = _fold(text, style) if style.columns else [text]
    if len(text) < 50 or rng.random() > 0.3:
        return "\n".join(lines)
    broken = "\n" * rng.choice((2, 2, 2, 3, 4))
    if style.columns and len(lines) > 2:
        at = rng.randint(1, len(lines) - 1)
        if _undecidable(lines[at - 1], style):
            return "\n".join(lines)
        return "\n".join(lines[:at]) + broken + "\n".join(lines[at:])
    at = rng.randint(20, len(text) - 5)
    return text if style.columns or _undecidable(text[:at], style) else text[:at] + broken + text[at:]


def _undecidable(left: str, style: Style) -> bool:
    """A break between two sentences looks like the end of a paragraph, unless paragraphs are indented."""
    return style.paragraphs != "indent" and re.search("[。！？…][”）]?$", left) is not None


def _fold(text: str, style: Style) -> list[str]:
    lines = [""]
    for char in text:
        size = display_width(lines[-1] + char) if style.by_width else len(lines[-1]) + 1
        # No line begins with a stop or a closing mark, as printers have it.
        if size > style.columns and not (style.by_width and char in "，。、；：？！”）》"):
            lines.append("")
        lines[-1] += char
    return lines


def _furnish(rng: random.Random, text: str) -> str:
    top = "\n".join(rng.sample(_TOP, rng.randint(1, 3)))
    bottom = "\n".join(rng.sample(_BOTTOM, rng.randint(1, 2)))
    return f"{top}\n\n{text}\n\n{bottom}\n"


def _roughen(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    if rng.random() < 0.3:
        lines = [line + rng.choice(("", "", " ", "  ", "　")) for line in lines]
    if rng.random() < 0.1:
        lines.insert(0, "\f")
    return "\n".join(lines)


def score_pages(seeds: Iterable[int], articles: Sequence[Mapping[str, Any]]) -> tuple[float, str]:
    """Return F1 of articles read with the exact title and the exact text, and the share found by feature, as text."""
    hits: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    found = 0
    for seed in seeds:
        page, expected = make_page(seed, articles)
        read = split_page(clean(page), source="page.txt")
        left = Counter((one.title, one.text) for one in read)
        found += len(read)
        for one in expected:
            is_hit = left[one.title, one.text] > 0
            left[one.title, one.text] -= is_hit
            for feature in ("all", *one.extra["features"]):
                wanted[feature] += 1
                hits[feature] += is_hit
    shares = "\n".join(f"{hits[name] / count:.2f} of {count} {name}" for name, count in sorted(wanted.items()))
    return 2 * hits["all"] / (found + wanted["all"]), shares


if __name__ == "__main__":
    # python tests/page_generator.py 30000 30300
    score, by_feature = score_pages(range(*map(int, sys.argv[1:3])), load_corpus())
    sys.stdout.write(f"{by_feature}\nF1 {score:.4f}\n")
