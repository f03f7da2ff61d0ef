import re

import pytest

from toolkit.headings import WEIGHTS, find_joint, split_headings
from toolkit.joints import is_impossible, odds
from toolkit.residue import body_sentences, glued_sentences
from toolkit.types import Article


@pytest.mark.parametrize(
    "marked",
    [
        "男子假扮快递员入室行窃被当场抓获|2021年3月14日晚8点，澜川市公安局城东派出所接到居民报警，称家中有陌生人。",
        "澜川区妇联开展春季义诊活动|5月12日上午，澜川区妇联联合区人民医院，在东湖广场为居民免费检查身体。",
        "老人街头迷路，民警耐心帮忙找到家人|近日，澜川市青石镇派出所民警在巡逻时发现一位老人独自坐在路边。",
        "庭审后家属情绪激动示意图|根据起诉书，案发当天被告人驾车经过东湖大桥。",
        "脂肪肝|脂肪肝是由多种原因引起的肝细胞内脂肪堆积过多的病变。",
        "案情回顾|2019年6月3日，王某驾驶小型轿车沿澜川大道由北向南行驶。",
        "【老旧小区加装电梯最高补贴二十万元】|昨天，记者从澜川市住建局了解到，新的补贴办法已经实施。",
    ],
)
def test_a_heading_is_cut_off_the_sentence_after_it(marked):
    assert split_headings(marked.replace("|", "")) == marked.split("|")


def test_two_headings_before_a_sentence_lose_no_character():
    sentence = "城市快讯案情回顾2019年6月3日，王某驾驶小型轿车沿澜川大道由北向南行驶。"
    assert "".join(split_headings(sentence)) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "澜川市市长周海波1月5日主持召开市政府常务会议，研究部署春运安全工作。",
        "记者从澜川市政府获悉2018年全市新增城镇就业三万人，超额完成全年任务。",
        "截至2月19日，澜川市今年已经新建口袋公园十二座。",
        "国家主席7日下午在人民大会堂会见来访的外国客人。",
        "澜川市公交集团的工作人员提醒广大市民春节期间错峰出行。",
        "违法行为人王某因扰乱公共秩序被澜川警方依法处以行政拘留10日，罚款五百元。",
        "澜川市第一小学新校区坐落于东湖区青石大街10号，占地面积近五万平方米。",
        "这项专项整治行动从今年三月开始将一直持续到今年12月，重点检查餐饮场所。",
        "市教育局研究制定2018年学校安全生产月活动方案，全面部署各项工作。",
        "负责人对澜川日报记者表示这个项目将在明年上半年建成投入使用。",
        "澜川市人民法院一审判决被告澜川银行赔偿原告李某二十万元。",
        "双方今天讨论讨论了进一步扩大合作规模的具体办法。",
        "全市高校毕业生就业创业工作视频会议5月14日在澜川举行。",
        "澜川电力公司新闻发言人1月22日称，机组涡轮厂房没有异常。",
        "第二句话说得很长第二句话说得很长。",
        "第二句话说得很长第二句话说得很长第二句话说得很长。",
        "警方公布的视频截图显示这名男子当时独自一人走进了超市。",
    ],
)
def test_a_natural_sentence_stays_whole(sentence):
    assert split_headings(sentence, "澜川召开会议") == [sentence]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "。",
        "短句。",
        "没有句号的一行标题2019年6月3日王某驾驶小型轿车沿澜川大道行驶",
        "，，，，，，，，，，，，，，。",
    ],
)
def test_what_is_no_long_sentence_stays_as_it_is(text):
    assert split_headings(text) == [text]


def test_nothing_is_cut_inside_a_quotation():
    sentence = "展板上写着“澜川区妇联开展春季义诊活动5月12日上午，居民在东湖广场免费检查身体”。"
    assert find_joint(sentence) is None


def test_body_sentences_have_the_heading_apart():
    text = "会议结束。社区食堂开张了首日迎来三百位老人5月12日上午，澜川区青石社区食堂正式开门营业。"
    article = Article(id="1", title="社区食堂开张了", text=text, source="")
    heading, sentence = body_sentences(article)[1:]
    assert sentence == "5月12日上午，澜川区青石社区食堂正式开门营业。"
    assert not re.search("[。！？]$", heading)
    assert "".join(body_sentences(article)) == "".join(glued_sentences(article)) == text


@pytest.mark.parametrize(
    ("left", "right"),
    [("通车的", "大桥"), ("共有1", "2人"), ("他说“新桥", "通车”"), ("会议", "，随后"), ("[图", "片]")],
)
def test_some_places_are_no_joint_whatever_the_odds(left, right):
    assert is_impossible(left, right)


def test_odds_are_the_sum_of_known_features():
    assert odds(["a", "b", "unknown"], {"a": 1.5, "b": -0.5, "c": 9.0}) == 1.0


def test_the_weights_stay_small():
    assert WEIGHTS.stat().st_size < 500_000
