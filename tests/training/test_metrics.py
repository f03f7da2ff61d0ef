import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from training.metrics import Judged, measure

TOPICS = ["a", "b"]


def judged(gold, given, probabilities=None, review=None):
    gold, given = np.array(gold, dtype=bool), np.array(given, dtype=bool)
    probabilities = np.array(given if probabilities is None else probabilities, dtype=float)
    return Judged(gold, given, probabilities, np.array(review or [False] * len(gold), dtype=bool))


def random_case(seed, n=200):
    random = np.random.default_rng(seed)
    probabilities = random.random((n, 2)).round(2)  # rounded: there are ties
    gold = random.random((n, 2)) < probabilities * 0.7
    return gold, probabilities


def test_a_case_counted_by_hand():
    found = measure(
        judged(
            gold=[[1, 0], [1, 0], [0, 0], [0, 0], [0, 1]],
            given=[[1, 0], [0, 0], [1, 0], [0, 0], [0, 1]],
            review=[False, True, False, False, False],
        ),
        TOPICS,
    )
    a, b = found["topics"]["a"], found["topics"]["b"]
    assert (a["articles"], a["precision"]["value"], a["recall"]["value"], a["f1"]["value"]) == (2, 0.5, 0.5, 0.5)
    assert (b["precision"]["value"], b["recall"]["value"], b["f1"]["value"]) == (1.0, 1.0, 1.0)
    assert found["macro"]["f1"]["value"] == 0.75
    assert found["exact_match"]["value"] == 0.6
    assert found["none_given_a_topic"]["value"] == 0.5
    assert found["coverage"]["value"] == 0.8
    assert found["kept_right"]["value"] == 0.875  # of 4 kept articles with 8 decisions, one is wrong


@pytest.mark.parametrize("seed", range(5))
def test_figures_agree_with_scikit_learn(seed):
    gold, probabilities = random_case(seed)
    given = probabilities >= 0.5
    found = measure(judged(gold, given, probabilities), TOPICS)
    precision, recall, f1, _ = precision_recall_fscore_support(gold, given, average=None)
    for column, key in enumerate(TOPICS):
        figures = found["topics"][key]
        assert figures["precision"]["value"] == pytest.approx(precision[column], abs=1e-4)
        assert figures["recall"]["value"] == pytest.approx(recall[column], abs=1e-4)
        assert figures["f1"]["value"] == pytest.approx(f1[column], abs=1e-4)
        expected = average_precision_score(gold[:, column], probabilities[:, column])
        assert figures["average_precision"]["value"] == pytest.approx(expected, abs=1e-4)


def test_an_interval_holds_its_value_and_narrows_with_more_articles():
    def width(n):
        gold, probabilities = random_case(1, n)
        figure = measure(judged(gold, probabilities >= 0.5, probabilities), TOPICS)["macro"]["f1"]
        assert figure["low"] < figure["value"] < figure["high"]
        return figure["high"] - figure["low"]

    assert width(2000) < width(200) / 2


def test_an_interval_of_a_share_is_about_two_standard_errors_wide():
    gold = np.zeros((400, 1), dtype=bool)
    given = np.zeros((400, 1), dtype=bool)
    given[:100] = True
    figure = measure(judged(gold, given), ["a"])["none_given_a_topic"]
    standard_error = (0.25 * 0.75 / 400) ** 0.5
    assert figure["high"] - figure["low"] == pytest.approx(2 * 1.96 * standard_error, rel=0.15)


def test_the_same_seed_gives_the_same_intervals():
    gold, probabilities = random_case(3)
    case = judged(gold, probabilities >= 0.5, probabilities)
    assert measure(case, TOPICS) == measure(case, TOPICS)
    assert measure(case, TOPICS, seed=1) != measure(case, TOPICS)


def test_a_topic_that_no_article_carries_is_left_out_of_the_macro_average():
    found = measure(judged([[1, 0], [0, 0]], [[1, 0], [0, 1]]), TOPICS)
    assert found["topics"]["b"]["f1"] == {"value": None, "low": None, "high": None}
    assert found["topics"]["b"]["precision"]["value"] == 0.0
    assert found["macro"]["f1"]["value"] == 1.0


def test_no_articles_have_no_figures():
    assert measure(judged(np.zeros((0, 2)), np.zeros((0, 2))), TOPICS) == {"articles": 0}


def test_without_topicless_articles_there_is_no_false_alarm_figure():
    assert measure(judged([[1, 0]], [[1, 0]]), TOPICS)["none_given_a_topic"]["value"] is None
