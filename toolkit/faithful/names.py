"""Persons, places and organisations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from toolkit.faithful.words import Word

NameKind = Literal["person", "place", "organisation"]

_SURNAMES = set(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚"
    "谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦"
    "向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解"
    "强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花"
    "仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺"
)
_NO_SURNAMES = set("原班时任")  # before an office they mean former, class, then, post
_SURNAMED = re.compile(r"([一-鿿])(某{1,2}|先生|女士|老师|师傅|大爷|大妈|阿姨)")
_OFFICE = re.compile("(?:[副市县区镇乡村省州厅局处科部校院所社事]?长|书记|主任|经理|教授|医生|主席|总理|总统)$")
_PLACE_ENDS = re.compile("(?:特别行政区|自治区|自治州|自治县|新区|街道|社区|市|县|区|省|镇|乡|村|州|国)$")
_ORGANISATION = re.compile(
    "(?:局|厅|委|法院|检察院|大学|学院|医院|公司|集团|银行|协会|学会|委员会|研究[院所]|[中小]学)$"
)
# The tags take these for names.
_NO_NAMES = {"查明", "比超", "占比", "回国", "上路", "南北", "东西", "城乡", "国内", "境内", "长约", "惠及", "卫健委"}
_NO_NAMES |= {"二人", "牟利", "西进", "六市"}
# They may also take the next character into a name: 王明赴 where the article has 王明, 由王明.
_GLUED_AFTER = "等称说在为将于对向由被赴任率从与和及表出已曾还就共并"
_GLUED_BEFORE = "人对为由与和对向被让及日月经据在为"
_COUNTRIES = frozenset("中美俄英法德日韩朝印巴以伊乌欧澳加意西埃土叙黎沙泰越老缅柬菲新古白波")  # 俄美 for two of them
_NEAR = 6  # characters between a surname and its office: 市长周某某, 周副市长
_SHORTEST_ORGANISATION = 3  # 法院, 公司 may stand for any of them


@dataclass(frozen=True, slots=True)
class Name:
    """A name at ``text[start:end]``."""

    kind: NameKind
    text: str
    start: int
    end: int


def find_names(words: Sequence[Word]) -> Iterator[Name]:
    """Yield the names that the words' tags show, and a surname with its office (周市长)."""
    for word, following in zip_longest(words, words[1:]):
        if word.text in _NO_NAMES:
            continue
        if following and _is_officer(word, following):
            yield Name("person", word.text + following.text, word.start, following.end)
        elif word.tag in ("nr", "nrt", "nrfg") and len(word.text) > 1:
            yield Name("person", word.text, word.start, word.end)
        elif word.tag == "ns" and len(word.text) > 1:
            yield Name("place", word.text, word.start, word.end)
        elif len(word.text) >= _SHORTEST_ORGANISATION and _is_organisation(word):
            yield Name("organisation", word.text, word.start, word.end)


def _is_officer(word: Word, following: Word) -> bool:
    """Say whether two words are a surname and its office: 周 市长, 周副 市长."""
    surname = word.text.removesuffix("副")
    return surname in _SURNAMES - _NO_SURNAMES and word.tag in ("nr", "n", "b") and bool(_OFFICE.search(following.text))


def _is_organisation(word: Word) -> bool:
    return word.tag == "nt" or (word.tag[0] == "n" and bool(_ORGANISATION.search(word.text)))


def is_supported(name: Name, article: str, persons: frozenset[str]) -> bool:
    """Say whether the article (a normal text without blanks) has the name, or a form of it that readers take for it.

    ``persons`` are the persons' names that the article's tags show.
    """
    if name.text in article or _unglued(name.text) in article:
        return True
    if name.text[0] in _COUNTRIES and name.text[1] in "方军" and name.text[0] in article:
        return True
    if name.kind == "person":
        return _person_is_supported(name.text, article, persons)
    if name.kind == "place":
        return _place_is_supported(name.text, article)
    return _is_joined(name.text, article) or _is_short_form(name.text, article)


def _unglued(text: str) -> str:
    bare = text[1:] if text[0] in _GLUED_BEFORE else text
    bare = bare[:-1] if bare[-1] in _GLUED_AFTER else bare
    return bare if len(bare) > 1 else text


def _place_is_supported(text: str, article: str) -> bool:
    core = _PLACE_ENDS.sub("", text)
    if len(core) > 1 and core in article:
        return True
    return _is_joined(text, article) or all(char in _COUNTRIES and char in article for char in text)


def _is_joined(text: str, article: str) -> bool:
    """Say whether ``text`` is two words of the article side by side: 澜川市民, 澜川图书馆."""
    return any(text[:place] in article and text[place:] in article for place in range(2, len(text) - 1))


def _person_is_supported(text: str, article: str, persons: frozenset[str]) -> bool:
    if any(text.startswith(person) or text.endswith(person) for person in persons):
        return True
    if _SURNAMED.fullmatch(text):
        return any(person.startswith(text[0]) for person in persons)
    office = _OFFICE.search(text)
    if office is None or text[0] not in _SURNAMES:
        return False
    title = re.escape(text[1:])
    return bool(re.search(f"{text[0]}.{{0,{_NEAR}}}{title}|{title}.{{0,{_NEAR}}}{text[0]}", article))


def _is_short_form(text: str, article: str) -> bool:
    """Say whether a run of the article holds the characters in order, as 安全生产委员会 holds 安委会."""
    return bool(re.search("[一-鿿]{0,3}?".join(map(re.escape, text)), article))
