"""Where a headline was broken: is it a pause between two phrases, or a wrap in the middle of one?"""

# How much more often a character ends (begins) one half of a headline than a piece of a headline cut at random, as the
# logarithm of the odds, rounded; counted over 85,000 public headlines. A character in no list says nothing.
_ENDING = {
    -3.5: "：“《被（(、，,—·及与和从对给把将",
    -2.5: "称届在是个的于不遭",
    -1.7: "或为仍际有就推已拟俄其再以券见州平贸做超可亚次江达只中额国",
    -1.0: (
        "致省坦）非乌之要创内让铁居方曝席民他党并科得获最后防界祥构入济墅》署织众美林评月指家岁学模何上享府习"
        "造东建售导向宁司前种金南环计斯商保校资"
    ),
    -0.5: (
        "都沙洲送新交楼同语部全度过等网年份到数列团馆装持你油口岛任供型夫退比米尔港受安业值湾至一认我看士京品"
        "因护晚记量号坛房示季信师兰山生清端大克村法带条视河里海者户成日办求盟加游研童费救试文性率招价批通"
    ),
    0.5: (
        "人系题套明论室兴意调质职地传来障举队处才划实市店术愿果临近期像杯速死快节卡组判锋增决工所气道台围则面"
        "档仓击布行假盘时压局水改立解迷发花秘感反宅电言官梦病警雄级灾捧存领定兵典响荐陆选剧爱关疑诉功风”始影"
        "景位复了故炸！落身素"
    ),
    1.0: (
        "手战卖断话好罚案秀福春重相开控底峰心王换测议先活轮斗革难销帅波容照观雨念榜降善单万闻冠滑神钱力动事低"
        "佳圈顶件放整限援礼续走爆牌图高角震注赛亿火结跑热转首跌况录减突忧庭元势播歉声归彩备暖足胜片练宴潮停情"
        "机奖拍"
    ),
    1.7: "唱温稳焦象阵息张杀弱伤世效施变升屏即点课袭器涨弹真头显烈令败挫库光缓婚半审晓红映荡束攻跃延?!！…",
    2.5: "干标亡？炉幕%",
}
_BEGINNING = {
    -3.5: "：》”的），、,)·们了着",
    -2.5: "第会之",
    -1.7: "举月亿届议访论活病和在人级项袭年并日召",
    -1.0: (
        "等代到均及爆起万平是军登发试移指增流也行地制出完奖产就监号动时改突遭名正战迎影系设于元进健续研跌博工"
        "物城宣环今达越"
    ),
    -0.5: (
        "情涨事补集评企离调能接组救通停核批曝合延电供写来赴导旅决水风持协很招总变升武作准技货退销降过印居生精"
        "认俄再分领冲个定普稳更运取手转历季开世别委智社送面独参特次好竞信结点死铁非注管落二政规走收向排女给"
        "继初将表你台有内超应净整报"
    ),
    0.5: (
        "0123456789受团近商西售股清欲节十安婚太逾仅理五科法本涉部拉九维暂期拒力苏南周扎连场揭队当专半亚适魔港小带约韩市"
        "古与希《多自深黑布金观飞伊数油感两粉坚莫七喜推乐春美为守马勇东这托德原三汇湖以"
    ),
    1.0: (
        "钢六巨白父携赞称林爱留老微促传让杨秋英恒红确盘共呼围尽江足家谱斯卡球疑温奥欧众纽麦豆短篮激华棉八神徐"
        "阿黄孙透郭银谁罗蓝夏戴否奋"
    ),
    1.7: "每曾目谢警吴他昔皇习富邓巴坦蔡诺李刘哈陈助但凝姚张王夯筑曼松郑各惠赵胡",
}

# The same for the words around the seam, fitted over 50,000 headlines: does jieba see one word across it, and have the
# word before and the word after more than one character? A cut at random leaves single characters.
_WORDS = {
    (False, False, False): 0.2,
    (False, False, True): 0.8,
    (False, True, False): 1.0,
    (False, True, True): 1.3,
    (True, False, False): -3.5,
    (True, False, True): -2.7,
    (True, True, False): -3.0,
    (True, True, True): -1.3,
}
# And for the verbs: has the left side one, has the right side one, and does the left side end with one? Each half of a
# headline is a statement; a verb at the end whose object stands on the right is none yet.
_VERBS = {
    (False, False, False): -0.8,
    (False, True, False): -0.7,
    (True, False, False): -0.1,
    (True, False, True): -0.9,
    (True, True, False): 0.5,
    (True, True, True): 1.0,
}
# And for the body below, which repeats the headline's words: does it have the two characters around the seam side by
# side, with a third one before or after them?
_THREE_IN_BODY = -3.7
_TWO_IN_BODY = -1.5
_NOT_IN_BODY = 0.5
_NAMED = -2.0  # the body has the right side word for word: a name, not a statement of its own
_CHARACTERS = 0.85  # part of what the characters say the words say again
_CERTAIN = 9.0  # quotation marks or a number left open
_NEVER_LAST = "的和与及在于将把被让向对给从、，：,:—（(《“‘"
_NEVER_FIRST = "的，。、；：！？”’）》】,;:!?)%％"
_CONTEXT = 12  # characters on each side that decide where words end
_QUOTES = (("“", "”"), ("‘", "’"), ("《", "》"), ("（", "）"), ("(", ")"), ("【", "】"), ("「", "」"), ("『", "』"))


def pause_odds(left: str, right: str, body: str = "") -> float:
    """Log-odds that one phrase ends and another begins between ``left`` and ``right``, against a cut inside a phrase.

    ``body`` is the text below the headline, which often repeats its names.
    """
    left_end = left[-_CONTEXT:]
    if left_end[-1:] in _NEVER_LAST or right[:1] in _NEVER_FIRST or _is_open(left):
        return -_CERTAIN
    if left_end.rstrip(".")[-1:].isdigit() and right[:1].isdigit():
        return -_CERTAIN
    odds = _CHARACTERS * (_weight(_ENDING, left_end[-1:]) + _weight(_BEGINNING, right[:1]))
    return odds + _word_odds(left_end, right[:_CONTEXT]) + (_body_odds(left_end, right, body) if body else 0.0)


def _body_odds(left: str, right: str, body: str) -> float:
    if left[-1:] + right[:1] in body:
        three = left[-2:] + right[:1] in body or left[-1:] + right[:2] in body
        return _THREE_IN_BODY if three else _TWO_IN_BODY
    return _NAMED if len(right) > 5 and right in body else _NOT_IN_BODY


def _weight(lists: dict[float, str], char: str) -> float:
    return next((weight for weight, chars in lists.items() if char and char in chars), 0.0)


def _is_open(text: str) -> bool:
    return any(text.count(opener) > text.count(closer) for opener, closer in _QUOTES)


def _word_odds(left: str, right: str) -> float:
    import rjieba  # the dictionary takes a moment to load: only pages with broken headlines wait for it

    before, after = rjieba.tag(left), rjieba.tag(right)
    at = 0
    ends = {at := at + len(word) for word in rjieba.cut(left + right)}
    shape = len(left) not in ends, len(before[-1][0]) > 1, len(after[0][0]) > 1
    return _WORDS[shape] + _VERBS[_has_verb(before), _has_verb(after), _has_verb(before[-1:])]


def _has_verb(tagged: list[tuple[str, str]]) -> bool:
    # jieba tags 建设, 发展 and their like vn where they serve as nouns; i and l are set phrases such as 迎难而上.
    return any((tag.startswith("v") and tag != "vn") or tag in ("i", "l") for _, tag in tagged)
