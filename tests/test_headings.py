import json
import time

import pytest

from toolkit.headings import ENOUGH, FIRST_LOOK, WEIGHTS, find_joint, likely_places, places, split_headings
from toolkit.residue import body_sentences

SENTENCE = "6月3日上午9时许，澜川市防汛工作会议在石堰镇召开，300名群众参加。"


def test_the_shipped_weights_hold_both_thresholds_and_stay_small():
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert {ENOUGH, FIRST_LOOK} < set(weights)
    assert WEIGHTS.stat().st_size < 800_000


@pytest.mark.parametrize(
    ("heading", "sentence"),
    [
        ("男子酒后驾车被民警当场查获", SENTENCE),
        ("现场视频截图", "6月3日上午，澜川市交警在石堰镇查获一辆超员客车。"),
        ("案情回顾", "2018年6月3日，村民王一平报警称家中被盗，损失现金两万元。"),
        ("澜川市举行防汛演练", "6月3日，澜川市水利局在石堰镇组织防汛演练，300名群众参加。"),
        ("小伙见义勇为获表彰", "昨天下午，澜川市公安局举行表彰会，授予王一平见义勇为称号。"),
    ],
)
def test_a_heading_glued_before_a_sentence_is_cut_off(heading, sentence):
    assert split_headings(heading + sentence) == [heading, sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        SENTENCE,
        "澜川市市长王一平1月5日主持召开市政府常务会议，研究防汛工作。",
        "记者从澜川市水利局获悉，截至2月19日全市水库蓄水量达1.2亿立方米。",
        "国家主席7日下午在人民大会堂会见来访的外国领导人，双方就合作交换意见。",
        "澜川市公安局交警支队三大队民警今年以来查处各类交通违法行为1200余起。",
        "市水利局与石堰镇政府联合开展防汛隐患排查整治专项行动并取得明显成效。",
        "他告诉记者自己从2015年开始在澜川种植油菜并带动周边200余户村民增收。",
        "“算力中心最怕建好了没人用。”澜川数科副总裁王一平说，一期还没封顶，招商就先动了。",
        "这家企业自2016年成立以来累计投入研发资金超过3亿元，获得专利56项。",
        "全市各级各部门要深入学习贯彻会议精神扎实做好安全生产各项工作。",
    ],
)
def test_a_sentence_without_a_heading_stays_whole(sentence):
    assert split_headings(sentence) == [sentence]
    assert split_headings(sentence, title="澜川市召开防汛工作会议") == [sentence]


def test_two_headings_are_cut_one_after_the_other():
    text = "澜川市举行防汛演练现场视频截图" + SENTENCE
    assert split_headings(text)[-1] == SENTENCE


@pytest.mark.parametrize("text", ["", "。", "会议召开", "防汛会议召开的通知" * 20])
def test_what_has_no_end_mark_or_is_short_comes_back_alone(text):
    assert split_headings(text) == [text]
    assert list(places(text)) == []


def test_no_joint_is_inside_a_number_or_a_quotation():
    text = "澜川市发布“一号文件全文发布2018年6月3日起施行”的消息引发关注并在全市各镇街道组织学习。"
    inside = range(text.index("“") + 1, text.index("”"))
    assert not set(likely_places(text)) & set(inside)
    assert find_joint("全市今年累计查处各类交通违法行为12003起并对2018名驾驶人进行教育。") is None


def test_a_glued_heading_does_not_enter_the_sentences_that_are_summarized(article):
    found = body_sentences(article("男子酒后驾车被民警当场查获" + SENTENCE + "警方正在调查。"))
    assert found == ["男子酒后驾车被民警当场查获", SENTENCE, "警方正在调查。"]


def test_a_page_costs_little():
    sentences = [
        f"{name}今年以来在石堰镇开展各类防汛演练{number}场并组织群众转移。"
        for number, name in enumerate(["市水利局"] * 40)
    ]
    split_headings(SENTENCE)  # loads the weights and the words
    started = time.perf_counter()
    for sentence in sentences:
        split_headings(sentence)
    assert time.perf_counter() - started < 0.5
