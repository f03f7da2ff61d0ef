import numpy as np
import pytest

from training.tune import choose_bands, choose_confidence, choose_thresholds, fit_scaling, fit_temperatures

RANDOM = np.random.default_rng(5)


def case(n=2000, topics=2, noise=1.0):
    gold = RANDOM.random((n, topics)) < 0.25
    return gold, np.where(gold, 1.0, -1.0) + RANDOM.normal(0, noise, gold.shape)


def test_scaled_margins_are_probabilities_that_come_true():
    gold, margins = case()
    probabilities = fit_scaling(margins, gold).probabilities(margins)
    for low in (0.1, 0.4, 0.7):
        among = (probabilities >= low) & (probabilities < low + 0.2)
        assert gold[among].mean() == pytest.approx(probabilities[among].mean(), abs=0.08)


def test_thresholds_find_the_gap_between_the_classes():
    gold = np.array([[True], [True], [True], [False], [False], [False]] * 20)
    probabilities = np.array([[0.9], [0.8], [0.7], [0.3], [0.2], [0.1]] * 20)
    [threshold] = choose_thresholds(probabilities, gold, none_given_at_most=1.0)
    assert 0.2 < threshold < 0.8


@pytest.mark.parametrize("limit", [0.2, 0.1, 0.02])
def test_no_more_topicless_articles_than_allowed_are_given_a_topic(limit):
    gold, margins = case(noise=1.2)
    probabilities = fit_scaling(margins, gold).probabilities(margins)
    thresholds = choose_thresholds(probabilities, gold, none_given_at_most=limit)
    none = ~gold.any(axis=1)
    # Each sample keeps to the limit; their average does so but for chance.
    assert (probabilities[none] >= thresholds).any(axis=1).mean() <= limit * 1.1


def test_the_same_seed_gives_the_same_thresholds():
    gold, margins = case(noise=1.2)
    probabilities = fit_scaling(margins, gold).probabilities(margins)
    first, second = (choose_thresholds(probabilities, gold, none_given_at_most=0.1) for _ in range(2))
    assert first.tolist() == second.tolist()


def test_outside_the_band_the_target_is_met_and_a_higher_target_covers_less():
    gold, margins = case()
    probabilities = fit_scaling(margins, gold).probabilities(margins)
    thresholds = choose_thresholds(probabilities, gold, none_given_at_most=1.0)
    coverages = []
    for target in (0.9, 0.95, 0.97):
        bands, coverage = choose_bands(probabilities, gold, thresholds, kept_right_at_least=target)
        low = np.array([band.review_from for band in bands])
        high = np.array([band.review_below for band in bands])
        kept = ~((probabilities >= low) & (probabilities < high)).any(axis=1)
        assert ((probabilities >= thresholds) == gold)[kept].mean() >= target - 0.002
        assert kept.mean() == pytest.approx(coverage, abs=0.01)
        coverages.append(coverage)
    assert coverages == sorted(coverages, reverse=True)


def test_a_target_already_met_needs_no_band():
    gold, _ = case()
    probabilities = np.where(gold, 0.99, 0.01)
    bands, coverage = choose_bands(probabilities, gold, np.array([0.5, 0.5]), kept_right_at_least=0.98)
    assert coverage == 1.0
    assert all(band.review_from == band.review_below == band.threshold for band in bands)


def test_a_target_out_of_reach_gets_the_widest_band():
    gold = RANDOM.random((500, 1)) < 0.5
    probabilities = RANDOM.uniform(0.3, 0.7, gold.shape)
    [band], coverage = choose_bands(probabilities, gold, np.array([0.5]), kept_right_at_least=0.99)
    assert coverage == 0.0
    assert band.review_from < 0.01
    assert band.review_below > 0.99


def test_temperatures_make_overconfident_log_odds_honest():
    random = np.random.default_rng(3)
    honest = random.normal(scale=1.5, size=(5000, 2))
    gold = random.random(honest.shape) < 1 / (1 + np.exp(-honest))
    assert fit_temperatures(honest * [4.0, 0.5], gold, "multi-label") == pytest.approx([4.0, 0.5], rel=0.1)


def test_a_single_label_task_has_one_temperature():
    random = np.random.default_rng(3)
    honest = random.normal(scale=2, size=(5000, 3))
    shares = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    drawn = (shares.cumsum(axis=1) > random.random((5000, 1))).argmax(axis=1)
    assert fit_temperatures(honest * 3, np.eye(3, dtype=bool)[drawn], "single-label") == pytest.approx([3] * 3, rel=0.1)


def test_the_confidence_is_the_lowest_that_keeps_enough_right():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4], [0.55, 0.45]])
    gold = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0]], dtype=bool)
    bands, coverage = choose_confidence(probabilities, gold, kept_right_at_least=0.95)
    assert (bands[0].review_below, coverage) == (0.7, 0.6)
    bands, coverage = choose_confidence(probabilities, gold, kept_right_at_least=0.8)
    assert (bands[0].review_below, coverage) == (0.55, 1.0)


def test_where_no_confidence_is_enough_the_surest_article_alone_is_kept():
    bands, coverage = choose_confidence(
        np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([[0, 1], [0, 1]], dtype=bool), kept_right_at_least=0.9
    )
    assert (bands[0].review_below, coverage) == (0.9, 0.5)
