import json

import numpy as np
import pytest

from toolkit.summarizers.extractive import extractive
from toolkit.summarizers.sentence_sets import FIGURES, WEIGHTS, find_candidates

FACTS = "今年前5个月，全市新开工亿元以上项目38个，总投资126亿元，完成年度计划的76%。"
BACKGROUND = "近年来，各级各部门高度重视项目建设，不断优化营商环境。"


def test_the_shipped_weights_are_those_of_the_figures():
    card = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert list(card["weights"]) == list(FIGURES)
    assert np.isfinite(list(card["weights"].values())).all()
    assert card["articles"] > 3000


def test_facts_go_before_background(article):
    text = BACKGROUND + "项目建设是发展的头等大事。" + FACTS + "大家都说，这样的变化看得见、摸得着。"
    found = extractive(article(text, title="全市新开工亿元项目38个"), max_chars=60)
    assert FACTS in found.text
    assert "近年来" not in found.text
    assert (found.method, found.flags) == ("extractive", ())


def test_sentences_keep_the_order_of_the_article(article):
    text = "市水利局增设监测点20个。" + BACKGROUND + "石堰镇组织300名群众参加演练。" + FACTS
    candidates = find_candidates(article(text), max_chars=200)
    assert candidates.sets
    assert all(list(chosen) == sorted(chosen) for chosen in candidates.sets)
    assert all(1 <= len(chosen) <= 3 for chosen in candidates.sets)


@pytest.mark.parametrize(
    "leaning",
    [
        "此外，会议还部署了防台风工作和值班安排。",
        "如今，这里已经有38家企业落户投产。",
        "像他这样的技能人才全市有2.8万人。",
        "“今年的收成比往年好得多。”王一平说。",
    ],
)
def test_a_sentence_that_leans_on_another_comes_with_it_or_not_at_all(article, leaning):
    text = "全市防汛工作会议昨天召开。" + "市水利局增设监测点20个。" + leaning
    candidates = find_candidates(article(text), max_chars=120)
    assert (1, 2) in candidates.sets
    assert (2,) not in candidates.sets
    assert (0, 2) not in candidates.sets


@pytest.mark.parametrize("empty", ["堤防守得住吗？", "请看记者发回的报道。", "今天来看总台记者的专访。"])
def test_what_only_asks_or_announces_never_comes(article, empty):
    candidates = find_candidates(article("全市防汛工作会议昨天召开。" + empty), max_chars=120)
    assert candidates.sets == [(0,)]


def test_where_no_sentence_fits_it_is_the_lead_that_says_so(article):
    found = extractive(article("全市防汛工作会议召开，各镇街道参加会议，市领导作部署讲话。"), max_chars=20)
    assert (found.text, found.method, found.flags) == ("全市防汛工作会议召开，各镇街道参加会议。", "lead", ("cut",))


def test_an_article_of_many_sentences_is_read_from_its_start(article):
    text = "".join(f"第{number}个镇街道组织了防汛演练。" for number in range(1, 400))
    candidates = find_candidates(article(text), max_chars=120)
    assert max(max(chosen) for chosen in candidates.sets) == 13
