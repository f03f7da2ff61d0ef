import json

import numpy as np
import pytest

from toolkit.summarizers.extractive import extractive
from toolkit.summarizers.reranking.figures import FIGURES, read_figures
from toolkit.summarizers.reranking.reranker import WEIGHTS, copied_candidates, rerank
from toolkit.types import Article

NEWS = "昨天上午，澜川市防汛工作会议在石堰镇召开。"
DETAIL = "市水利局今年在澜江沿线增设监测点20个。"
LEANS = "该工程由市水利局负责，随后向村民开放。"
ASIDE = "家住河边的李阿婆养了三只猫，平时喜欢在门口晒太阳。"
BODY = NEWS + DETAIL + "村民王一平说，夏天的雨下得比往年多。" + LEANS + ASIDE


@pytest.fixture
def news(article):
    return article(BODY, title="澜川市召开防汛工作会议")


def figures_of(news, *texts):
    _, sets = copied_candidates(news, max_chars=60)
    rows = read_figures(news, texts, sets, max_chars=60)
    return [dict(zip(FIGURES, row.tolist(), strict=True)) for row in rows]


def test_the_shipped_weights_are_those_of_the_figures():
    card = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert list(card["weights"]) == list(FIGURES)
    assert np.isfinite(list(card["weights"].values())).all()
    assert card["references"] > 5000
    assert card["judged"]["summaries"] > 900


def test_a_sentence_is_found_where_it_stands(news):
    first, second = figures_of(news, NEWS, DETAIL)
    assert (first["is_first"], first["is_second"], first["log_place"]) == (1, 0, 0)
    assert (second["is_first"], second["is_second"]) == (0, 1)
    assert (first["joins"], second["joins"]) == (0, 0)


def test_clauses_of_several_sentences_are_joins(news):
    [whole, joined] = figures_of(news, NEWS + DETAIL, "昨天上午，市水利局今年在澜江沿线增设监测点20个。")
    assert whole["joins"] == 0
    assert joined["joins"] >= 2


def test_what_the_article_told_before_is_known_unless_the_summary_tells_it_too(news):
    alone, after = figures_of(news, LEANS, DETAIL + LEANS)
    assert alone["opening_known"] > 0
    assert after["later_known"] < alone["opening_known"]
    assert alone["opening_known"] + alone["opening_known_from_title"] + alone["opening_new"] == pytest.approx(1)


def test_what_points_back_and_how_it_opens_is_seen(news):
    plain, leaning = figures_of(news, NEWS, LEANS)
    assert (plain["opening_points_back"], plain["opening_leans"]) == (0, 0)
    assert (leaning["opening_points_back"], leaning["opening_leans"]) == (1, 1)
    assert (plain["when"], leaning["when"]) == (1, 0)


@pytest.mark.parametrize(
    ("text", "figure", "expected"),
    [
        ("我们都到河边去看了看。", "first_person", 1),
        ("他说：“我去看了。”", "first_person", 0),  # within a quotation somebody else speaks
        ("快来看看！真是惊险！", "exclamations", 2),
        ("1、检查所有水库。", "items", 1),
        ("要加强防汛工作。", "opening_demands", 1),
        ("热线电话88881234。", "long_number", 1),
        ("惊险一幕★点击查看。", "odd_marks", 1),
    ],
)
def test_what_a_printed_summary_seldom_has_is_seen(article, text, figure, expected):
    [found] = figures_of(article(BODY + text), text)
    assert found[figure] == expected


def test_the_news_goes_before_an_aside_and_what_leans_on_it(news):
    texts, sets = copied_candidates(news, max_chars=60)
    news_first, aside, leaning = rerank(news, [NEWS + DETAIL, ASIDE, LEANS], sets, max_chars=60)
    assert news_first > aside
    assert news_first > leaning
    assert extractive(news, max_chars=60).text.startswith(NEWS)
    assert extractive(news, max_chars=60).text in texts


def test_scores_do_not_depend_on_what_else_is_ranked(news):
    _, sets = copied_candidates(news, max_chars=60)
    together = rerank(news, [NEWS, ASIDE], sets, max_chars=60)
    alone = [rerank(news, [text], sets, max_chars=60)[0] for text in (NEWS, ASIDE)]
    np.testing.assert_allclose(together, alone)


def test_nothing_is_ranked_where_nothing_fits(article):
    assert copied_candidates(article("全市防汛工作会议召开，各镇街道参加会议。"), max_chars=10) == ([], {})
    assert rerank(article(BODY), [], {}, max_chars=60).shape == (0,)


def test_an_article_of_thousands_of_sentences_is_read_to_its_limit():
    long = Article(id="a", title="防汛", text=BODY * 500, source="test")
    [found] = figures_of(long, NEWS)
    assert found["is_first"] == 1
