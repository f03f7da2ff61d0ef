import json

import pytest

from toolkit.summarizers import SUMMARIZERS, load_summarizer
from toolkit.text import sentences
from toolkit.types import ConfigError, DataError

NAMES = sorted(SUMMARIZERS)
BODY = (
    "昨天上午，全市防汛工作会议在市行政中心召开。会议要求各镇街道在6月10日前完成隐患排查。目前全市共排查地质灾害点45处，"
    "已整改38处。其中白鹭镇的12处全部整改到位。市水利局在澜江沿线增设水位监测点20个，监测数据每10分钟更新一次。"
    "石堰镇组织了防汛演练，300名群众参加转移。"
)


@pytest.fixture(params=NAMES)
def summarizer(request):
    return load_summarizer(request.param)


def summary(summarizer, article, mode="abstract", max_chars=120):
    [found] = summarizer.summarize([article], mode=mode, max_chars=max_chars)
    return found


def test_the_built_in_ones_are_known():
    assert NAMES == ["extractive", "lead", "textrank"]


@pytest.mark.parametrize("max_chars", [40, 60, 120, 300])
def test_a_summary_is_whole_sentences_of_the_article_in_order_within_the_limit(summarizer, article, max_chars):
    found = summary(summarizer, article(BODY), max_chars=max_chars)
    assert 0 < len(found.text) <= max_chars
    positions = [sentences(BODY).index(sentence) for sentence in sentences(found.text)]
    assert positions == sorted(positions)
    assert found.method == summarizer.name
    assert found.flags == ()


def test_the_whole_sample_corpus_keeps_the_rules(summarizer, article, corpus):
    for row in corpus:
        found = summary(summarizer, article(row["text"], title=row["title"]))
        assert 0 < len(found.text) <= 120, row["id"]
        assert found.text[-1] in "。！？" or found.text[-2:] in ("。”", "！”", "？”"), (row["id"], found.text)
        if "cut" not in found.flags:
            body = set(sentences(row["text"]))
            assert all(sentence in body for sentence in sentences(found.text)), row["id"]


def test_headlines_of_the_sample_corpus_are_short_lines_without_a_full_stop(summarizer, article, corpus):
    for row in corpus:
        found = summary(summarizer, article(row["text"], title=row["title"]), mode="headline")
        assert 4 <= len(found.text) <= 30, (row["id"], found.text)
        assert found.text[-1] not in "。，；：、", (row["id"], found.text)
        assert found.text.count("“") == found.text.count("”"), (row["id"], found.text)


@pytest.mark.parametrize("mode", ["abstract", "headline"])
def test_an_article_without_text_has_an_empty_summary_that_says_so(summarizer, article, mode):
    found = summary(summarizer, article(""), mode=mode)
    assert (found.text, found.flags) == ("", ("empty_text",))


def test_one_sentence_is_its_own_summary(summarizer, article):
    assert summary(summarizer, article("全市防汛工作会议召开。")).text == "全市防汛工作会议召开。"


def test_a_text_without_a_full_stop_gets_one_and_says_so(summarizer, article):
    found = summary(summarizer, article("全市防汛工作会议召开"))
    assert (found.text, found.flags) == ("全市防汛工作会议召开。", ("no_full_stop",))


def test_a_sentence_longer_than_the_limit_is_cut_after_a_clause_and_says_so(summarizer, article):
    found = summary(summarizer, article("全市防汛工作会议召开，各镇街道参加会议，市领导作部署讲话。"), max_chars=20)
    assert (found.text, found.flags) == ("全市防汛工作会议召开，各镇街道参加会议。", ("cut",))


def test_a_clause_longer_than_the_limit_is_cut_at_a_word(summarizer, article):
    found = summary(summarizer, article("全市安全生产和消防工作会议今天上午在市行政中心召开。"), max_chars=12)
    assert (found.text, found.flags) == ("全市安全生产和消防工作。", ("cut",))


def test_a_very_long_article_is_summarized(summarizer, article):
    text = "".join(f"第{number}号水位监测点昨天测得水位{number}厘米。" for number in range(20_000))
    assert 0 < len(summary(summarizer, article(text)).text) <= 120


def test_a_million_characters_without_a_stop_are_cut(summarizer, article):
    found = summary(summarizer, article("啊" * 1_000_000))
    assert len(found.text) <= 120
    assert found.flags == ("cut",)


def test_summaries_come_back_in_the_order_of_the_articles(summarizer, article):
    articles = [article(f"第{number}场演练昨天举行。") for number in range(5)]
    found = summarizer.summarize(articles, mode="abstract", max_chars=120)
    assert [item.text for item in found] == [item.text for item in articles]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("本报讯 全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("本报讯（记者 王一平 通讯员 李二）全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("澜川新闻网6月3日讯（记者 王一平）全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("■记者 王一平 通讯员 李二\n全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        (
            "原标题：防汛会议召开\\n全市防汛工作会议昨天召开。\\n返回搜狐，查看更多 责任编辑：",
            "全市防汛工作会议昨天召开。",
        ),
        ("全市防汛工作会议昨天召开。（记者 王一平 摄影 李二）", "全市防汛工作会议昨天召开。"),
        ("全市防汛工作会议昨天召开。来源：澜川发布", "全市防汛工作会议昨天召开。"),
        ("全市防汛会议，\\n昨天召开。", "全市防汛会议，昨天召开。"),
        ("澜川在线6月3日讯 全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("记者王一平、李二报道：全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("（澜川日报全媒体记者王一平）全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("2018-12-14 11:55全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("分享到：微信新浪微博qq空间人人网全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("澜川发布版权文章，欢迎转载，但请注明出处。????全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("本文摘要：全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("防汛会议 召开全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),  # the title was glued on
        ("防汛会议召开，各镇街道参加。", "防汛会议召开，各镇街道参加。"),  # the sentence begins as the title does
        ("全市防汛工作会议昨天（6月3日）召开。", "全市防汛工作会议6月3日召开。"),
        ("澜川之家6月3日消息全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("本帖最后由 小河 于 2018-6-3 10:46 编辑 全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("【看看】#澜川身边事# 全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("（一）全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("02全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("资料图片)全市防汛工作会议昨天召开。", "全市防汛工作会议昨天召开。"),
        ("全市防汛工作会议昨天召开。图：会议现场，小编也在。请扫码关注澜川发布！", "全市防汛工作会议昨天召开。"),
        ("2.5万人昨天参加防汛演练。", "2.5万人昨天参加防汛演练。"),  # no number of an item
        ("-5℃的低温昨天来袭。", "-5℃的低温昨天来袭。"),
        ("昨天,全市12,500人参加防汛演练!", "昨天，全市12,500人参加防汛演练！"),
    ],
)
def test_no_byline_dateline_or_page_residue_enters_a_summary(summarizer, article, text, expected):
    assert summary(summarizer, article(text, title="防汛会议召开")).text == expected


def test_a_summary_does_not_begin_with_a_sentence_that_leans_on_another(summarizer, article):
    text = "全市防汛工作会议昨天召开，市水利局、应急管理局和各镇街道负责人参加。此外，会议还部署了防台风工作。"
    assert not summary(summarizer, article(text), max_chars=30).text.startswith("此外")


@pytest.mark.parametrize(
    "opening",
    [
        "，并备足了沙袋和水泵等物资。",
        "会议强调，各镇街道要加强值守。",
        "据了解，今年汛期来得比往年早。",
        "汛期来了，堤防守得住吗？",
        "请看记者发回的报道。",
    ],
)
def test_lead_does_not_open_with_what_says_nothing_by_itself(article, opening):
    text = f"{opening}市水利局在澜江沿线增设20个监测点。"
    assert summary(load_summarizer("lead"), article(text)).text == "市水利局在澜江沿线增设20个监测点。"


def test_lead_may_open_with_people_who_come_to_look(article):
    text = "昨天，莫语桐指着屏幕上的一页旧志，招呼同伴来看。"
    assert summary(load_summarizer("lead"), article(text + "市图书馆开馆一个月。")).text.startswith(text)


def test_lead_ends_before_a_question(article):
    text = "澜江水位昨天上涨两米。堤防守得住吗？来看记者的现场报道。"
    assert summary(load_summarizer("lead"), article(text)).text == "澜江水位昨天上涨两米。"


def test_lead_says_a_repeated_teaser_once(article):
    text = "澜江水位昨天上涨两米。澜江水位昨天上涨两米。市水利局增设20个监测点。"
    assert summary(load_summarizer("lead"), article(text)).text == "澜江水位昨天上涨两米。市水利局增设20个监测点。"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "市长王一平昨天主持召开市政府常务会议，研究部署今年的防汛防台风工作，听取水利局汇报，审议通过三项制度。",
            "市长王一平昨天主持召开市政府常务会议，研究部署今年的防汛防台风工作，听取水利局汇报。",
        ),
        # 表示 wants what was said, and 但 takes back what came before.
        (
            "市水利局局长王一平昨天在全市防汛工作会议的分组讨论会上表示，今年全市的水库和山塘都要再查一遍，不留死角。",
            None,
        ),
        ("市水利局在澜江沿线九个镇街道增设水位监测点二十个，总投资120万元，但其中有八个监测点还没有通电和联网。", None),
    ],
)
def test_lead_cuts_a_first_sentence_only_where_the_rest_is_whole(article, sentence, expected):
    following = "石堰镇组织300名群众参加转移演练。"
    found = summary(load_summarizer("lead"), article(sentence + following), max_chars=45)
    assert (found.text, found.flags) == ((expected, ("cut",)) if expected else (following, ()))


def test_textrank_prefers_the_sentence_that_shares_most_words(article):
    text = (
        "天气晴朗，微风拂面。防汛会议部署堤防巡查和水库调度。堤防巡查由镇街道负责。水库调度由防汛办负责。"
        "食堂供应了午饭。"
    )
    found = summary(load_summarizer("textrank"), article(text), max_chars=20)
    assert found.text == "防汛会议部署堤防巡查和水库调度。"


def test_textrank_does_not_say_the_same_twice(article):
    text = "防汛会议部署堤防巡查和水库调度。防汛会议部署了堤防巡查和水库调度。石堰镇组织群众转移演练。"
    assert summary(load_summarizer("textrank"), article(text)).text.count("部署") == 1


def test_lead_leaves_no_gap(article):
    text = "第一句话说的是会议。" + "第二句话很长" * 20 + "。第三句话说的是演练。"
    assert summary(load_summarizer("lead"), article(text), max_chars=40).text == "第一句话说的是会议。"


def test_a_headline_says_what_happened_not_when_or_who_said_so(summarizer, article):
    text = "昨天上午，记者从市水利局获悉，澜江沿线新建成20个水位监测点。"
    assert summary(summarizer, article(text), mode="headline").text == "澜江沿线新建成20个水位监测点"


def test_an_unknown_summarizer_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match=r"'textrnk' is neither built in.*did you mean textrank"):
        load_summarizer("textrnk")


@pytest.mark.parametrize(
    ("card", "message"),
    [(None, "no model.json"), ({}, "no model.json that names a kind"), ({"kind": "tfidf"}, "kind 'tfidf' is no summ")],
)
def test_a_folder_that_is_no_summarizer_is_refused(tmp_path, card, message):
    if card is not None:
        (tmp_path / "model.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_summarizer(str(tmp_path))
