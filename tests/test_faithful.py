import gzip
import json
import random
import re

import pytest

from toolkit.faithful import Finding, Source, check, support
from toolkit.readers import read_articles
from toolkit.residue import body_sentences
from toolkit.types import Article

LITERAL = {"number", "date", "money", "percentage", "quote", "title", "latin"}


def kinds(summary, text, **fields):
    source = Source(Article(id="a", title=fields.pop("title", ""), text=text, source="test", **fields))
    return [finding.kind for finding in check(summary, source)]


@pytest.fixture(scope="module")
def articles(corpus, root):
    rows = [
        Article(id=row["id"], title=row["title"], text=row["text"], source="corpus", subtitle=row["subtitle"])
        for row in corpus
    ]
    return [*rows, *read_articles([str(root / "toolkit/samples/page.txt")])]


# (article, a summary it supports, one it does not, the finding)
BOTH_WAYS = [
    ("全市有5家企业参加。", "5家企业参加。", "5人参加。", "number"),
    ("全市有5家企业参加。", "5家企业参加。", "6家企业参加。", "number"),
    ("全市有五家企业参加。", "5家企业参加。", "6家企业参加。", "number"),
    ("全市有5家企业参加。", "五家企业参加。", "六家企业参加。", "number"),
    ("会场有１２０名代表。", "会场有120名代表。", "会场有121名代表。", "number"),
    ("会场有120名代表。", "会场有１２０名代表。", "会场有１２１名代表。", "number"),
    ("会场有一百二十名代表。", "会场有120名代表。", "会场有100名代表。", "number"),
    ("会场有120名代表。", "会场有一百二十名代表。", "会场有一百二十二名代表。", "number"),
    ("全市种树12,300棵。", "全市种树12300棵。", "全市种树1300棵。", "number"),
    ("全市种树12300棵。", "全市种树12,300棵。", "全市种树12,400棵。", "number"),
    ("全市种树1.23万棵。", "全市种树12300棵。", "全市种树12.3万棵。", "number"),
    ("展览吸引两千多人。", "展览吸引2000多人。", "展览吸引3000多人。", "number"),
    ("展览吸引2000余人。", "展览吸引两千多人。", "展览吸引两百多人。", "number"),
    ("展览吸引2356人。", "展览吸引2300多人。", "展览吸引2400多人。", "number"),
    ("市长办公会第二十七次会议召开。", "第27次会议召开。", "第28次会议召开。", "number"),
    ("市长办公会第27次会议召开。", "第二十七次会议召开。", "27次会议召开。", "number"),
    ("三分之二的居民同意。", "三分之二的居民同意。", "三分之一的居民同意。", "number"),
    ("项目总投资1.36亿元。", "总投资13600万元。", "总投资1.36万元。", "money"),
    ("项目总投资13600万元。", "总投资1亿3600万元。", "总投资1亿3000万元。", "money"),
    ("项目总投资一亿三千六百万元。", "总投资1.36亿元。", "总投资1.36亿美元。", "money"),
    ("完成比例为三成。", "完成比例为30%。", "完成比例为40%。", "percentage"),
    ("完成比例为30%。", "完成三成。", "完成四成。", "percentage"),
    ("完成比例为百分之三十。", "完成30％。", "完成3%。", "percentage"),
    ("完成比例为30%。", "完成百分之三十。", "完成百分之三。", "percentage"),
    ("比重提高3个百分点。", "比重提高3个百分点。", "比重提高3%。", "percentage"),
    ("比重提高3%。", "比重提高3%。", "比重提高3个百分点。", "percentage"),
    ("会议于2024年1月15日召开。", "会议15日召开。", "会议16日召开。", "date"),
    ("会议于2024年1月15日召开。", "会议2024年1月召开。", "会议2月15日召开。", "date"),
    ("会议于2024年1月15日召开。", "会议1月15日召开。", "会议2023年1月15日召开。", "date"),
    ("会议于二〇二四年一月十五日召开。", "会议2024年1月15日召开。", "会议2024年1月5日召开。", "date"),
    ("会议于2024年召开。", "会议二〇二四年召开。", "会议二〇二三年召开。", "date"),
    ("活动1月14日至16日举行。", "活动到1月16日为止。", "活动到2月16日为止。", "date"),
    ("活动1月14至16日举行。", "活动1月14日开始。", "活动1月13日开始。", "date"),
    ("会议7时50分开始。", "会议7:50开始。", "会议8:50开始。", "date"),
    ("会议昨天上午召开。", "会议昨日上午召开。", "会议昨日下午召开。", "date"),
    ("会议星期三召开。", "会议周三召开。", "会议周四召开。", "date"),
    ("他说：“安全是底线，不能松。”", "“安全是底线,不能松”。", "“安全是红线”。", "quote"),
    ("「平安澜川」啟動。", "“平安澜川”启动。", "“文明澜川”启动。", "quote"),
    ("“平安澜川”启动。", "「平安瀾川」啟動。", "「文明瀾川」啟動。", "quote"),
    ("市里印发《防汛预案》。", "市里印发《防汛预案》。", "市里印发《抗旱预案》。", "title"),
    ("市裡印發《防汛預案》。", "市里印发《防汛预案》。", "市里印发《抗旱预案》。", "title"),
    ("全市GDP增长，5G基站建成。", "全市gdp增长，5g基站建成。", "全市CPI增长。", "latin"),
    ("全市ＧＤＰ增长。", "全市GDP增长。", "全市GD增长。", "latin"),
    ("市委书记王小明讲话。", "王小明讲话。", "王小红讲话。", "person"),
    ("副市长周海峰到会。", "周副市长到会。", "赵副市长到会。", "person"),
    ("白鹭镇在杭州市办展。", "展览在杭州举办。", "展览在宁波举办。", "place"),
    ("展览在杭州举办。", "展览在杭州市举办。", "展览在宁波市举办。", "place"),
    ("市教育局发布通知。", "教育局发布通知。", "水利局发布通知。", "organisation"),
    ("整改完成前不得恢复使用。", "整改完成前禁止恢复使用。", "整改完成前可恢复使用。", "negation"),
    ("检查中没有发现隐患。", "检查中未发现隐患。", "检查中发现隐患。", "negation"),
    ("检查中发现隐患。", "检查中发现隐患。", "检查中未发现隐患。", "negation"),
    ("共有隐患点45处，完成整改38处。", "隐患点45处，整改38处。", "隐患点38处，整改45处。", "moved_number"),
    ("建成球场12座，修缮公厕7座。", "修缮公厕7座。", "修缮公厕12座。", "moved_number"),
]


@pytest.mark.parametrize(("text", "supported", "unsupported", "kind"), BOTH_WAYS)
def test_each_comparison_holds_both_ways(text, supported, unsupported, kind):
    assert kinds(supported, text) == []
    assert kind in kinds(unsupported, text)


@pytest.mark.parametrize(
    "summary",
    [
        "一些单位一直重视，统一部署，第一时间响应。",
        "三农工作千方百计推进。",
        "五一期间，以防万一。",
        "一带一路论坛十分热闹。",
    ],
)
def test_numerals_of_fixed_words_are_no_numbers(summary):
    assert kinds(summary, "全市工作会议召开。") == []


def test_headlines_and_dateline_bear_out_a_summary():
    heads = {"title": "76辆车送考", "subtitle": "历时3天", "kicker": "《送考记》", "dateline": "杭州6月9日电"}
    assert kinds("6月9日，杭州76辆车送考3天，《送考记》。", "高考结束。", **heads) == []


def test_a_dateline_that_is_stripped_still_counts():
    assert kinds("1月5日，杭州一工厂停产。", "新华社杭州1月5日电（记者 王一平）一工厂停产。") == []


def test_findings_give_their_place_in_the_summary_in_order():
    source = Source(Article(id="a", title="", text="全市有5家企业参加。", source="test"))
    summary = "全市有７家企业、8名代表参加。"
    assert check(summary, source) == [Finding("number", "７家", 3, 5), Finding("number", "8名", 8, 10)]


def test_an_empty_summary_has_no_findings_and_an_empty_article_supports_nothing():
    assert kinds("", "全市有5家企业参加。") == []
    assert kinds("全市有5家企业。", "") == ["number"]
    assert support("", Source(Article(id="a", title="", text="", source="test"))) == []


def test_no_run_of_characters_breaks_a_check():
    chance = random.Random(13)
    alphabet = "0123456789１٣,.:%年月日时点分之百千万亿一三十〇零多余几第成个元人不没有未“”《》「」…王周副市长，。 \n"
    for _ in range(300):
        text, summary = ("".join(chance.choices(alphabet, k=chance.randint(1, 60))) for _ in range(2))
        kinds(summary, text)
    assert kinds("1" * 400 + "多人", "1" * 401 + "人") == ["number"]


def test_each_clause_rests_on_its_sentence():
    text = "全市防汛工作会议昨天召开。石堰镇组织300名群众参加转移演练。"
    summary = "防汛工作会议召开，石堰镇300名群众转移演练；图书馆闭馆。"
    found = support(summary, Source(Article(id="a", title="", text=text, source="test")))
    assert [summary[item.start : item.end] for item in found] == [
        "防汛工作会议召开",
        "石堰镇300名群众转移演练",
        "图书馆闭馆",
    ]
    assert [item.sentence for item in found] == [
        "全市防汛工作会议昨天召开。",
        "石堰镇组织300名群众参加转移演练。",
        None,
    ]


def test_copied_sentences_have_no_findings_alone_or_joined(articles):
    for article in articles:
        source, body = Source(article), body_sentences(article)
        joined = [body[i] + body[j] for i in range(len(body)) for j in range(i + 2, len(body))]
        for summary in [*body, *joined]:
            assert check(summary, source) == [], (article.id, summary)


def test_copied_sentences_rest_on_themselves(articles):
    for article in articles[:20]:
        for sentence in body_sentences(article):
            assert all(item.sentence is not None for item in support(sentence, Source(article)))


def change_digit(sentence, article, articles, chance):
    digits = [match.start() for match in re.finditer(r"\d", sentence)]
    if not digits:
        return None
    place = chance.choice(digits)
    return sentence[:place] + chance.choice(sorted(set("123456789") - {sentence[place]})) + sentence[place + 1 :]


def swap_name(sentence, article, articles, chance):
    towns = sorted(set(re.findall("白鹭镇|石堰镇|柳渡镇|望江新区|东埠街道|南汀街道", sentence)))
    others = [name for name in ("杭州市", "宁波市", "上海市", "江苏省") if name not in article.text]
    return sentence.replace(chance.choice(towns), chance.choice(others)) if towns else None


def drop_negation(sentence, article, articles, chance):
    found = re.search("不(?=[得能会再])|没有(?=[一-鿿]{2})|未(?=[经按能发])|禁止|严禁", sentence)
    return sentence[: found.start()] + sentence[found.end() :] if found else None


def add_negation(sentence, article, articles, chance):
    found = re.search("(?<![不未没无])(发现|完成|建成|开展|参加|举行|举办|实现)(?=[一-鿿0-9])", sentence)
    return sentence[: found.start()] + "未" + sentence[found.start() :] if found else None


def move_number(sentence, article, articles, chance):
    found = [match for match in re.finditer(r"(?<![\d.])(\d+)(?=([个名家辆座处项件人户])[一-鿿，。])", sentence)]
    pairs = [(a, b) for a in found for b in found if a.start() < b.start() and a[2] == b[2] and a[1] != b[1]]
    if not pairs:
        return None
    first, second = chance.choice(pairs)
    middle = sentence[first.end() : second.start()]
    return sentence[: first.start()] + second[1] + middle + first[1] + sentence[second.end() :]


# The floors are a little under what was measured; a changed digit may make a number that the article has elsewhere.
@pytest.mark.parametrize(
    ("corrupt", "floor"),
    [(change_digit, 0.94), (swap_name, 0.95), (drop_negation, 0.85), (add_negation, 0.9), (move_number, 0.75)],
)
def test_corrupted_sentences_are_found(articles, corrupt, floor):
    chance = random.Random(13)
    tried = caught = 0
    for article in articles:
        source = Source(article)
        for sentence in body_sentences(article):
            wrong = corrupt(sentence, article, articles, chance)
            if wrong is not None:
                tried += 1
                caught += bool(check(wrong, source))
    assert tried >= 10
    assert caught / tried >= floor, (caught, tried)


def test_people_who_wrote_from_the_article_are_seldom_doubted(shared):
    if not (shared / "abstracts").is_dir():
        pytest.skip("no reference abstracts in ../shared/data")
    texts = {row["id"]: row for row in read_rows(shared, "topics/train.jsonl", "abstracts/texts.jsonl")}
    held_out = {row["id"] for row in read_rows(shared, "topics/valid.jsonl")}
    with gzip.open(shared / "headlines/cctv-2022-2025.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts |= {row["id"]: row for row in map(json.loads, lines)}
    rows = [row for row in read_rows(shared, "abstracts/train.jsonl") if row["id"] not in held_out][::8]
    doubted = 0
    for row in rows:
        article = Article(id=row["id"], title=texts[row["id"]]["title"] or "", text=texts[row["id"]]["text"], source="")
        doubted += any(finding.kind in LITERAL for finding in check(row["abstract"], Source(article)))
    assert doubted / len(rows) <= 0.03


def read_rows(folder, *names):
    return [json.loads(line) for name in names for line in (folder / name).read_text(encoding="utf-8").splitlines()]
