"""Persons, places and organisations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from toolkit.faithful.ordinary import COUNTED, COUNTRIES, ORDINARY, is_foreign, stands_short
from toolkit.faithful.words import Word

NameKind = Literal["person", "place", "organisation"]

SURNAMES = set(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚"
    "谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦"
    "向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解"
    "强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花"
    "仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺"
)
_IN_OFFICE = SURNAMES - set("原班时任")  # before an office they mean former, class, then, post
_PERSON_TAGS = ("nr", "nrt", "nrfg")
_LONGEST_PERSON = 3  # 王小明; a double surname makes four
_DOUBLE_SURNAME = re.compile("欧阳|司马|上官|诸葛|夏侯|皇甫|令狐|慕容|尉迟|公孙|司徒|东方|端木|轩辕")
_SURNAMED = re.compile(r"([一-鿿])(某{1,2}|先生|女士|老师|师傅|大爷|大妈|阿姨)")
_OFFICE = re.compile("(?:[副市县区镇乡村省州厅局处科部校院所社事]?长|书记|主任|经理|教授|医生|主席|总理|总统)$")
_PLACE_ENDS = re.compile("(?:特别行政区|自治区|自治州|自治县|新区|街道|社区|市|县|区|省|镇|乡|村|州|国)$")
_ORGANISATION = re.compile(
    "(?:局|厅|委|法院|检察院|大学|学院|医院|公司|集团|银行|协会|学会|委员会|研究[院所]|[中小]学)$"
)
# They may also take the next character into a name: 王明赴 where the article has 王明, 由王明.
_GLUED_AFTER = "后等称说在为将于对向由被赴任率从与和及表出已曾还就共并"
_GLUED_BEFORE = "人对为由与和对向被让及日月经据在为"
_LEFT_OUT = "[一-鿿]{0,6}?"  # between the characters of a short form: 中国保(险)监(督管理委员)会
_NEAR = 6  # characters between a surname and its office: 市长周某某, 周副市长
_SHORTEST_TOWN = 3
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
        if word.text in ORDINARY:
            continue
        if following and _is_officer(word, following):
            yield Name("person", word.text + following.text, word.start, following.end)
        elif word.tag in _PERSON_TAGS and _is_shaped_as_person(word.text):
            yield Name("person", word.text, word.start, word.end)
        elif _is_place(word):
            yield Name("place", word.text, word.start, word.end)
        elif len(word.text) >= _SHORTEST_ORGANISATION and _is_organisation(word):
            yield Name("organisation", word.text, word.start, word.end)


def _is_place(word: Word) -> bool:
    if word.tag in _PERSON_TAGS:  # the tags guess so of towns that the dictionary has not
        return len(word.text) >= _SHORTEST_TOWN and bool(_PLACE_ENDS.search(word.text))
    return word.tag == "ns" and len(word.text) > 1 and not COUNTED.fullmatch(word.text)


def _is_shaped_as_person(text: str) -> bool:
    """Say whether ``text`` could be a person's name: the tags also take 采取措施 and 高新区 for one."""
    if len(text) == 1 or text.endswith("姓"):
        return False
    if len(text) >= _SHORTEST_TOWN and text[-1] in "县镇乡":
        return False
    is_chinese = text[0] in SURNAMES and len(text) <= _LONGEST_PERSON
    return is_chinese or is_foreign(text) or bool(_DOUBLE_SURNAME.match(text))


def _is_officer(word: Word, following: Word) -> bool:
    """Say whether two words are a surname and its office: 周 市长, 周副 市长."""
    surname = word.text.removesuffix("副")
    return surname in _IN_OFFICE and word.tag in ("nr", "n", "b") and bool(_OFFICE.search(following.text))


def _is_organisation(word: Word) -> bool:
    return word.tag == "nt" or (word.tag[0] == "n" and bool(_ORGANISATION.search(word.text)))


def is_supported(name: Name, text: str, article: str, persons: frozenset[str]) -> bool:
    """Say whether the article (a normal text without blanks) has the name, or a form of it that readers take for it.

    ``text`` is the summary that ``name`` stands in; ``persons`` are the persons' names that the article's tags show.
    """
    if name.text in article or _unglued(name.text) in article or _is_torn(name, text, article):
        return True
    if name.text[0] in COUNTRIES and name.text[1] in "方军" and name.text[0] in article:
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


def _is_torn(name: Name, text: str, article: str) -> bool:
    """Say whether the tags cut ``name`` out of two words that the article has: 洛旺|处 of 过洛旺处发生.

    Both halves must stand in the article with the character that is next to them in the summary.
    """
    for place in range(name.start + 1, name.end):
        left, right = text[max(0, name.start - 1) : place], text[place : name.end + 1]
        if min(len(left), len(right)) > 1 and left in article and right in article:
            # 王小红 is not torn because the article has a 王小明 and a 李小红.
            before = article[max(0, article.find(right) - 2) : article.find(right)]
            if name.kind != "person" or SURNAMES.isdisjoint(before):
                return True
    return False


def _place_is_supported(text: str, article: str) -> bool:
    core = _PLACE_ENDS.sub("", text)
    if len(core) > 1 and core in article:
        return True
    return _is_joined(text, article) or stands_short(text, article)


def _is_joined(text: str, article: str) -> bool:
    """Say whether ``text`` is two words of the article side by side: 澜川市民, 澜川图书馆."""
    return any(text[:place] in article and text[place:] in article for place in range(2, len(text) - 1))


def _person_is_supported(text: str, article: str, persons: frozenset[str]) -> bool:
    if any(text.startswith(person) or text.endswith(person) for person in persons):
        return True
    if _SURNAMED.fullmatch(text):
        return any(person.startswith(text[0]) for person in persons)
    office = _OFFICE.search(text)
    if office is None or text[0] not in SURNAMES:
        return False
    title = re.escape(text[1:])
    return bool(re.search(f"{text[0]}.{{0,{_NEAR}}}{title}|{title}.{{0,{_NEAR}}}{text[0]}", article))


def _is_short_form(text: str, article: str) -> bool:
    """Say whether a run of the article holds the characters in order, as 安全生产委员会 holds 安委会."""
    return bool(re.search(_LEFT_OUT.join(map(re.escape, text)), article))
