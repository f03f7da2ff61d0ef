"""Who wrote it and where it comes from: bylines, photo credits and datelines of a printed page."""

import re

from toolkit.types import Credit

_HAN = r"[\u3400-\u9fff]"
_BYLINE_CHARS = 70  # a longer line is prose
_HINT = re.compile(
    r"^[■□●○◎⊙▲△▼▽◆◇★☆◼◾▪▶►※◢◣•|]|记者|通讯员|实习生|评论员|撰|[摄文图]|整理|编译|统筹|口述|作者|采写|漫画"
)
_MARK = re.compile(r"^[■□●○◎⊙▲△▼▽◆◇★☆◼◾▪▶►※◢◣•|\s]+")
_ROLE = re.compile(
    r"(?:本报|本网|本台|本社|新华社)?"
    r"(?P<role>(?:全媒体|融媒体?|新媒体|首席|见习|实习|特约|特派|驻地)*(?:记者|通讯员|评论员|撰稿人?)|实习生"
    r"|文\s*[/／、·|]\s*图|图\s*[/／、·|]\s*文|文图|图文|摄影报道|摄影|摄像|供图|配图|插图|制图|漫画|撰文|采写|整理|编译|统筹|口述|作者"
    rf"|(?<!{_HAN})[文图摄](?=[\s/／:：、|]|$))"
)
_SAME_ROLE = {"摄": "摄影", "摄影报道": "摄影", "文图": "文/图", "图文": "文/图", "图/文": "文/图"}
_PHOTO_ROLES = frozenset({"摄影", "供图", "图", "摄像", "配图"})
_SET_OFF = re.compile(r"(?:本报|本网)|\S*?(?:通讯员|实习生|(?:记者|摄影|文/图|整理)[\s:：/／|]|[文图][:：/／])")
_GLUED_SHOT = re.compile(rf"({_HAN}{{2,4}})(?=摄$)")
_TOKEN = re.compile(r"\x01[^\x02]*\x02|[^\s:：/／|｜、,，;；\x01\x02]+")
_OFFICE = re.compile(rf"^{_HAN}{{2,14}}(?:局|委|办|院|部|中心|公司|队|街道|镇|协会|学校|宣)$")
_FOREIGN = re.compile(r"^[\u3400-\u9fffA-Za-z]{1,8}(?:·[\u3400-\u9fffA-Za-z]{1,8})+$")

# The hundred surnames and the commoner rest: they tell 记者王强 from 记者节.
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐"
    "费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚"
    "程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸"
    "司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏"
    "柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越隆师巩聂晁勾敖融冷辛阚那简饶空曾沙丰鄢涂佘佟初盖"
    "逯库相查后荆红游竺权益桓公付肖覃代敬岳揭商佴佰於鞠丛战尧楚闫仝上端仓是涛苟原门奉植麦蒯法亓仉俎冒况冼力勇占卿帅幺库邸邝郄隋檀母毋牟玄粟练肇苑虎衷訾谌谯豆赫铁锁雒鲜鸿黑介青言兰闪丘晋弋由木晓茶修海"
)
_DOUBLE_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛闻人司徒皇甫夏侯公孙慕容尉迟长孙宇文令狐东方"
        "南宫端木百里东郭呼延轩辕独孤澹台淳于申屠太史司空鲜于",
    )
)

_DATELINE = re.compile(
    r"[【\[（(]?(?P<line>(?:本报|本网|本台|本社|综合)(?:综合)?讯"
    rf"|本报{_HAN}{{1,8}}?讯(?=[\s（(】\]:：]|$)"
    r"|据?(?:新华社|中新社|中新网|新华网|人民网|央视|本报|本网)[^\s，。,；（(]{0,12}?\d{1,2}月\d{1,2}日[讯电]"
    r"|据?(?:新华社|中新社|新华网|中新网)(?:电|讯|消息)(?=[\s（(】\]:：]|$))[】\]）)]?[\s:：]*"
)
_NAMES_IN_PARENS = re.compile(r"[（(](?P<names>[^（）()]{2,60})[）)][\s,，:：]*")
_NAMES_REPORTED = re.compile(r"(?P<names>[^，。,；;：:（(“]{4,44}?)\s*(?:摄影)?报道[\s:：,，]*")
_NAMES_LOOSE = re.compile(r"(?P<names>(?:本报)?(?:见习|特约|首席)?记者[^，。,；;：:（(“]{2,40})\s+(?=\S{6})")
_ENDS_IN_PARENS = re.compile(r"\s*[（(](?P<names>[^（）()]{2,60})[）)]\s*$")
_STOPS = tuple("。！？!?…”")
_ENDS_IN_CREDIT = re.compile(
    rf"(?<=[。！？”）)!?…])\s*(?P<names>[■●▲□◆]?\s*(?:本报|本网)?(?:见习|实习|特约|首席|全媒体)*(?:记者|通讯员)?[\s:：]*{_HAN}[\u3400-\u9fff\s、]{{1,22}}?"
    r"[\s/]*(?:摄影报道|摄影|摄|供图|文/图)|[■●▲□◆]?\s*摄影(?:报道)?[\s:：]+[\u3400-\u9fff\s、]{2,20}|[■●▲□◆]\s*[^。！？]{2,40})\s*$"
)


def read_byline(line: str) -> tuple[Credit, ...]:
    """Read a line that holds nothing but roles and names; empty when it holds anything else.

    A list of bare names counts only behind a byline mark such as ■; their role is 记者.
    """
    if not 2 < len(line) <= _BYLINE_CHARS or not _HINT.search(line):
        return ()
    text = line.strip().strip("（）()")
    marked = _MARK.match(text) is not None
    tokens = _tokens(_MARK.sub("", text))
    if not any(kind == "role" for kind, _ in tokens):
        tokens = [("role", "记者"), *tokens] if marked else []
    names = [value for kind, value in tokens if kind != "role"]
    # A rare surname beside a common one is a name, and so is what a space sets off from 记者; 记者走基层 is none.
    sure = marked or (tokens and tokens[0][0] == "role" and _SET_OFF.match(text))
    if not names or (not sure and 2 * sum(map(_is_name, names)) < len(names)):
        return ()
    return _behind(tokens) if tokens[-1][0] == "role" else _in_front(tokens)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Cut a byline into roles and names; an empty list when a piece is neither."""
    text = _GLUED_SHOT.sub(r"\1 ", text)
    text = re.sub(r"\s*(?:综合)?报道$", "", text)
    text = _ROLE.sub(lambda match: f"\x01{match['role']}\x02", text)
    tokens: list[tuple[str, str]] = []
    for piece in _TOKEN.findall(text):
        piece = _MARK.sub("", piece)
        if piece.startswith("\x01"):
            role = re.sub(r"\s*[/／、·|]\s*", "/", piece.strip("\x01\x02"))
            tokens.append(("role", _SAME_ROLE.get(role, role)))
        elif len(piece) == 1 and tokens and tokens[-1][0] == "half":
            tokens[-1] = ("name", tokens[-1][1] + piece)  # 王 强
        elif len(piece) == 1:
            tokens.append(("half", piece))
        elif piece and not (tokens and _OFFICE.match(piece) and len(piece) > 3):
            tokens.append(("name", piece))
    return tokens if all(kind == "role" or _could_be_name(kind, value) for kind, value in tokens) else []


def _could_be_name(kind: str, value: str) -> bool:
    if kind == "half":
        return False
    return bool(re.fullmatch(rf"{_HAN}{{2,4}}", value) or _FOREIGN.match(value))


def _is_name(value: str) -> bool:
    """Say whether a word begins with a surname; of four characters the first two must be one, or two."""
    if value[:2] in _DOUBLE_SURNAMES or "·" in value:
        return True
    return value[0] in _SURNAMES and (len(value) < 4 or value[1] in _SURNAMES)


def _in_front(tokens: list[tuple[str, str]]) -> tuple[Credit, ...]:
    """Read 记者 X Y 通讯员 Z."""
    found: list[tuple[str, list[str]]] = []
    for kind, value in tokens:
        if kind != "role":
            if not found:
                return ()
            found[-1][1].append(value)
        elif not found or found[-1][1]:
            found.append((value, []))
        elif value in _PHOTO_ROLES:
            found[-1] = (value, [])  # 记者 摄影 王强: the rarer role says more
    return tuple(Credit(role, tuple(names)) for role, names in found if names)


def _behind(tokens: list[tuple[str, str]]) -> tuple[Credit, ...]:
    """Read 本报记者 王强 摄, or 王强 文 李明 图."""
    found: list[Credit] = []
    names: list[str] = []
    for kind, value in tokens:
        if kind != "role":
            names.append(value)
        elif names:
            found.append(Credit(value, tuple(names)))
            names = []
    return tuple(found)


def is_photo(byline: tuple[Credit, ...]) -> bool:
    """Say whether the byline names photographers only."""
    return bool(byline) and all(credit.role in _PHOTO_ROLES for credit in byline)


def has_dateline(line: str) -> bool:
    """Say whether the line opens an article with 本报讯 or its like."""
    return _DATELINE.match(line) is not None


def take_dateline(text: str) -> tuple[str | None, tuple[Credit, ...], str]:
    """Cut 本报讯（记者 X） off the front of a paragraph: the dateline, the names beside it, the rest."""
    patterns = [_NAMES_IN_PARENS]
    dateline = None
    if match := _DATELINE.match(text):
        dateline = match["line"]
        text = text[match.end() :]
        patterns += [_NAMES_REPORTED, _NAMES_LOOSE]
    for pattern in patterns:
        if (match := pattern.match(text)) and (byline := read_byline(match["names"])):
            return dateline, byline, text[match.end() :]
    return dateline, (), text


def take_end_credit(text: str) -> tuple[tuple[Credit, ...], str]:
    """Cut （记者 X） or 王强 摄 off the end of a paragraph."""
    tail = text[-80:]  # a credit is short, and the paragraph may be a megabyte
    kept = text[: len(text) - len(tail)]
    byline: tuple[Credit, ...] = ()
    if match := _ENDS_IN_PARENS.search(tail):
        byline = read_byline(match["names"])
        if not byline and tail[: match.start()].rstrip()[-1:] in _STOPS:
            byline = _bare_names(match["names"])
    elif match := _ENDS_IN_CREDIT.search(tail):
        byline = read_byline(match["names"].strip())
    if match and byline:
        return byline, kept + tail[: match.start()]
    return (), text


def _bare_names(text: str) -> tuple[Credit, ...]:
    tokens = _tokens(text)
    if (
        not tokens
        or text == "全文"
        or not all(kind == "name" and len(name) < 4 and _is_name(name) for kind, name in tokens)
    ):
        return ()
    return (Credit("作者", tuple(name for _, name in tokens)),)
