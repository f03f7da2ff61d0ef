import numpy as np
import pytest

from toolkit.decide import Band, decide, dump_thresholds, load_thresholds
from toolkit.types import ConfigError, DataError

BANDS = {"safety": Band(threshold=0.6, review_from=0.5, review_below=0.7)}


@pytest.mark.parametrize(
    ("probability", "given", "decision"),
    [
        (0.0, False, "none"),
        (0.4999, False, "none"),
        (0.5, False, "review"),
        (0.5999, False, "review"),
        (0.6, True, "review"),
        (0.6999, True, "review"),
        (0.7, True, "labelled"),
        (1.0, True, "labelled"),
    ],
)
def test_a_topic_is_given_at_its_threshold_and_doubted_inside_its_band(probability, given, decision):
    decided = decide(np.array([[probability]]), ["safety"], BANDS)
    assert decided.given.tolist() == [[given]]
    assert decided.decisions == (decision,)


def test_one_doubtful_topic_sends_the_article_to_review():
    bands = BANDS | {"culture": Band(threshold=0.5, review_from=0.5, review_below=0.5)}
    decided = decide(np.array([[0.65, 0.9], [0.1, 0.9], [0.1, 0.1]]), ["safety", "culture"], bands)
    assert decided.decisions == ("review", "labelled", "none")
    assert decided.unsure.tolist() == [[True, False], [False, False], [False, False]]


def test_no_articles_give_no_decisions():
    assert decide(np.zeros((0, 1)), ["safety"], BANDS).decisions == ()


@pytest.mark.parametrize("probabilities", [np.zeros((2, 2)), np.zeros(2), np.array([[np.nan]])])
def test_probabilities_that_do_not_fit_are_refused(probabilities):
    with pytest.raises(DataError):
        decide(probabilities, ["safety"], BANDS)


def test_thresholds_survive_saving_and_can_be_edited(tmp_path):
    path = tmp_path / "thresholds.yaml"
    path.write_text(dump_thresholds(BANDS), encoding="utf-8")
    assert load_thresholds(path, ["safety"]) == BANDS
    path.write_text(path.read_text(encoding="utf-8").replace("threshold: 0.6000", "threshold: 0.9"), encoding="utf-8")
    assert load_thresholds(path, ["safety"])["safety"].threshold == 0.9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "culture: {threshold: 0.5, review_from: 0.4, review_below: 0.6}",
            "found thresholds for culture; needed: safety",
        ),
        ("safety: {threshold: 1.5, review_from: 0.4, review_below: 0.6}", "threshold is 1.5"),
        ("safety: {threshold: 0.5, review_from: 0.6, review_below: 0.4}", "review_from 0.6 is above"),
        ("safety: {threshold: 0.5, review_below: 0.4}", "review_from is missing"),
    ],
)
def test_a_wrong_thresholds_file_is_named(tmp_path, text, message):
    path = tmp_path / "thresholds.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_thresholds(path, ["safety"])


def test_an_exclusive_decision_gives_the_most_probable_label_alone():
    bands = {key: Band(threshold=0.0, review_from=0.0, review_below=0.6) for key in ("a", "b", "c")}
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    decided = decide(probabilities, ["a", "b", "c"], bands, exclusive=True)
    assert decided.given.tolist() == [[True, False, False], [False, False, True]]
    assert decided.decisions == ("review", "labelled")


def test_labels_that_yaml_would_take_for_numbers_survive_a_thresholds_file(tmp_path):
    bands = {key: Band(threshold=0.5, review_from=0.4, review_below=0.6) for key in ("0", "no", "体育")}
    path = tmp_path / "thresholds.yaml"
    path.write_text(dump_thresholds(bands), encoding="utf-8")
    assert load_thresholds(path, ["0", "no", "体育"]) == bands
