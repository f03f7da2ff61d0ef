import json
from math import comb
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

from toolkit.classifiers import load_classifier
from toolkit.types import Article, ConfigError, DataError, ToolkitError
from training.compare import COSTS, FIGURES, compare_models, format_comparison, measure_cost, time_articles
from training.config import load_train_config
from training.data import read_labelled
from training.evaluate import judge
from training.metrics import Judged, measure
from training.paired import compare_judged, differences, draw_figures, is_clear, mcnemar, verdict
from training.train import train

TOPICS = ["a", "b"]


@pytest.fixture(scope="session")
def other_model(root, tmp_path_factory):
    """A second model, held so tightly that it differs from the tiny one."""
    settings = ["decisions.folds=3", "decisions.repeats=1", "model.c=0.05"]
    folder = tmp_path_factory.mktemp("models") / "other"
    train(load_train_config(root / "configs/train/tfidf.yaml", settings), folder)
    return folder


@pytest.fixture(scope="session")
def data(root):
    return root / "toolkit/samples/corpus.jsonl"


@pytest.fixture(scope="session")
def report(tiny_model, other_model, data):
    """A whole comparison, with its real measuring processes."""
    return compare_models([str(tiny_model), str(other_model)], data)


def random_case(n=300, seed=0):
    random = np.random.default_rng(seed)
    probabilities = random.random((n, 2))
    gold = random.random((n, 2)) < probabilities * 0.7
    return Judged(gold, probabilities >= 0.5, probabilities, probabilities.max(axis=1) < 0.4)


def perfect(judged):
    return Judged(judged.gold, judged.gold, judged.gold.astype(float), judged.review)


def empty_handed(judged):
    return Judged(judged.gold, np.zeros_like(judged.gold), np.zeros(judged.gold.shape), judged.review)


def articles_for(judged, chars=None, unsure=None):
    count = len(judged.gold)
    chars, unsure = chars or range(100, 100 + count), unsure or [False] * count
    return [
        Article(id=str(at), title="题", text="字" * (chars[at] - 1), source="test", unsure=unsure[at])
        for at in range(count)
    ]


def all_figures(entry):
    return [figure for part in ("figures", "topic_f1", "length_macro_f1") for figure in entry[part].values()]


def right(only, only_base, both=3, neither=2):
    ours = [True] * only + [False] * only_base + [True] * both + [False] * neither
    theirs = [False] * only + [True] * only_base + [True] * both + [False] * neither
    return np.array(ours), np.array(theirs)


@pytest.mark.parametrize(
    ("only", "only_base", "p"),
    [
        (9, 1, 22 / 1024),  # 2 x (1 + 10) of the 2^10 ways in which ten coins fall
        (1, 9, 22 / 1024),
        (5, 0, 2 / 32),
        (3, 3, 1.0),
        (0, 0, 1.0),
        (40, 20, 2 * sum(comb(60, k) for k in range(21)) / 2**60),
    ],
)
def test_mcnemar_is_a_binomial_counted_by_hand(only, only_base, p):
    found = mcnemar(*right(only, only_base))
    assert (found["only_this_right"], found["only_base_right"]) == (only, only_base)
    assert found["p"] == pytest.approx(p, rel=1e-12)


def test_identical_predictions_differ_by_exactly_nothing():
    case = random_case()
    found = compare_judged({"one": case, "same": case}, articles_for(case), TOPICS)
    [pair] = found["pairs"]
    assert all(figure == {"value": 0.0, "low": 0.0, "high": 0.0} for figure in all_figures(pair))
    assert pair["mcnemar"]["exact_match"] == {"only_this_right": 0, "only_base_right": 0, "p": 1.0}
    assert pair["verdict"] == "no clear difference: +0.000 [+0.000, +0.000], McNemar p = 1.000"


def test_a_model_that_is_right_on_every_article_is_better_than_one_that_never_gives_a_topic():
    case = random_case()
    judged = {"empty": empty_handed(case), "perfect": perfect(case)}
    found = compare_judged(judged, articles_for(case), TOPICS)
    [pair] = found["pairs"]
    assert pair["figures"]["macro_f1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert pair["verdict"] == "better by 1.000 [1.000, 1.000], McNemar p < 0.001"
    with_topics = int(case.gold.any(axis=1).sum())
    assert pair["mcnemar"]["exact_match"]["only_this_right"] == with_topics
    assert pair["mcnemar"]["topics"]["a"]["only_this_right"] == int(case.gold[:, 0].sum())
    [reverse] = compare_judged(dict(reversed(judged.items())), articles_for(case), TOPICS)["pairs"]
    assert reverse["verdict"] == "worse by 1.000 [1.000, 1.000], McNemar p < 0.001"


def test_a_model_s_figures_are_those_of_evaluate():
    case = random_case()
    unsure = [at % 3 == 0 for at in range(300)]
    found = compare_judged({"one": case}, articles_for(case, unsure=unsure), TOPICS)["models"]["one"]
    whole, clear = measure(case, TOPICS), measure(case.where(~np.array(unsure)), TOPICS)
    assert found["figures"] == {
        "macro_f1": whole["macro"]["f1"],
        "macro_f1_without_unsure": clear["macro"]["f1"],
        "mean_average_precision": whole["macro"]["average_precision"],
        **{name: whole[name] for name in ("exact_match", "none_given_a_topic", "coverage", "kept_right")},
    }
    assert found["topic_f1"] == {key: whole["topics"][key]["f1"] for key in TOPICS}


def test_the_interval_of_a_difference_is_paired():
    base = random_case()
    given = base.given.copy()
    given[:6] = base.gold[:6]  # better on a few articles, the same on all others
    case = Judged(base.gold, given, base.probabilities, base.review)
    draws, base_draws = draw_figures(case), draw_figures(base)
    figure = differences(draws, base_draws)["exact_match"]
    width = figure["high"] - figure["low"]
    alone = measure(base, TOPICS)["exact_match"]
    assert figure["value"] == pytest.approx((~(base.gold == base.given).all(axis=1))[:6].sum() / 300, abs=1e-4)
    assert 0 <= figure["low"] <= figure["value"] <= figure["high"]
    assert width < (alone["high"] - alone["low"]) / 2


def test_a_paired_interval_of_a_share_is_about_two_standard_errors_wide():
    gold = np.ones((400, 1), dtype=bool)
    ours, theirs = gold.copy(), gold.copy()
    ours[:40] = False  # 40 right only there, 100 right only here
    theirs[40:140] = False
    nobody = np.zeros(400, dtype=bool)
    draws = [draw_figures(Judged(gold, given, given.astype(float), nobody)) for given in (ours, theirs)]
    figure = differences(*draws)["exact_match"]
    standard_error = np.sqrt((140 / 400 - (60 / 400) ** 2) / 400)
    assert figure["value"] == 0.15
    assert figure["high"] - figure["low"] == pytest.approx(2 * 1.96 * standard_error, rel=0.15)
    assert is_clear(figure)


def test_the_order_of_the_articles_does_not_matter():
    one, two = random_case(), random_case(seed=1)
    two = Judged(one.gold, two.given, two.probabilities, two.review)
    order = np.random.default_rng(5).permutation(300)
    articles = articles_for(one)
    [pair] = compare_judged({"one": one, "two": two}, articles, TOPICS)["pairs"]
    mixed = {"one": one.where(order), "two": two.where(order)}
    [again] = compare_judged(mixed, [articles[at] for at in order], TOPICS)["pairs"]
    assert again["mcnemar"] == pair["mcnemar"]
    for found, expected in zip(all_figures(again), all_figures(pair), strict=True):
        assert found["value"] == expected["value"]
        # Other articles are drawn, so the ends move a little.
        assert found["low"] == pytest.approx(expected["low"], abs=0.04)
        assert found["high"] == pytest.approx(expected["high"], abs=0.04)


def test_a_topic_that_no_article_carries_has_no_difference_and_is_left_out_of_the_macro_average():
    case = random_case()
    gold = case.gold & [True, False]
    one = Judged(gold, case.given, case.probabilities, case.review)
    [pair] = compare_judged({"one": one, "best": perfect(one)}, articles_for(one), TOPICS)["pairs"]
    assert pair["topic_f1"]["b"] == {"value": None, "low": None, "high": None}
    assert pair["topic_f1"]["a"] == pair["figures"]["macro_f1"]
    assert pair["mcnemar"]["topics"]["b"]["only_this_right"] == int(case.given[:, 1].sum())


def test_without_any_topic_there_is_no_verdict_on_macro_f1():
    case = random_case()
    none = Judged(np.zeros_like(case.gold), case.given, case.probabilities, case.review)
    [pair] = compare_judged({"one": none, "two": none}, articles_for(none), TOPICS)["pairs"]
    assert pair["verdict"] == "no article carries a topic: macro-F1 cannot be compared"
    assert pair["figures"]["exact_match"]["value"] == 0.0


@pytest.mark.parametrize(("split_chars", "expected", "short"), [(None, 250, 151), (149, 149, 50), (9, 9, 0)])
def test_short_and_long_articles_are_measured_apart(split_chars, expected, short):
    case = random_case()
    found = compare_judged({"one": case}, articles_for(case), TOPICS, split_chars=split_chars)
    assert found["length"] == {"split_chars": expected, "short": short, "long": 300 - short}
    figures = found["models"]["one"]["length_macro_f1"]
    rows = np.arange(300) < short
    assert figures["long"] == measure(case.where(~rows), TOPICS)["macro"]["f1"]
    if short:
        assert figures["short"] == measure(case.where(rows), TOPICS)["macro"]["f1"]
    else:
        assert figures["short"]["value"] is None


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.003, 0.021, "better by 0.012 [0.003, 0.021], McNemar p = 0.010"),
        (0.0, 0.021, "no clear difference: +0.012 [+0.000, +0.021], McNemar p = 0.010"),
    ],
)
def test_a_difference_is_clear_when_its_interval_leaves_out_zero(low, high, words):
    figure = {"value": 0.012, "low": low, "high": high}
    assert verdict({"figures": {"macro_f1": figure}, "mcnemar": {"exact_match": {"p": 0.01}}}) == words


def test_every_pair_of_three_models_is_compared_and_many_models_stay_narrow(report, tiny_model):
    models = {f"模型{number}号": entry for number, entry in enumerate([*report["models"].values()] * 2)}
    names = list(models)
    case = random_case()
    found = compare_judged(dict.fromkeys(names[:3], case), articles_for(case), TOPICS)
    assert [(pair["model"], pair["against"]) for pair in found["pairs"]] == [
        (names[1], names[0]),
        (names[2], names[0]),
        (names[2], names[1]),
    ]
    [pair] = report["pairs"]
    pairs = [pair | {"model": name, "against": names[0]} for name in names[1:]]
    text = format_comparison(report | {"data": "d.jsonl", "models": models, "pairs": pairs})
    assert max(cell_len(line) for line in text.splitlines()) <= 118
    assert "[1] 模型0号" in text
    assert "[4] against [1]" in text


def test_the_report_is_complete_and_plain_json(report, tiny_model, other_model, data):
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert (report["articles"], report["data"]) == (134, str(data))
    assert list(report["models"]) == [str(tiny_model), str(other_model)]
    for model, found in report["models"].items():
        assert set(found["figures"]) == set(FIGURES)
        assert list(found["topic_f1"]) == list(report["topics"])
        assert set(found["cost"]) == set(COSTS)
        assert (found["name"], found["task"]) == (load_classifier(model).name, "multi-label")
        assert found["trained_on_this_data"]
    [pair] = report["pairs"]
    assert (pair["model"], pair["against"]) == (str(other_model), str(tiny_model))
    assert set(pair["figures"]) == set(FIGURES)
    assert list(pair["mcnemar"]["topics"]) == list(report["topics"])


def test_the_figures_of_the_report_are_the_models_own(report, tiny_model, data):
    classifier = load_classifier(str(tiny_model))
    whole = measure(judge(classifier, read_labelled(data, classifier.topics)), list(report["topics"]))
    assert report["models"][str(tiny_model)]["figures"]["macro_f1"] == whole["macro"]["f1"]
    values = [found["figures"]["macro_f1"]["value"] for found in report["models"].values()]
    assert report["pairs"][0]["figures"]["macro_f1"]["value"] == pytest.approx(
        values[1] - values[0], abs=2e-4
    )  # rounded


def test_the_text_names_everything_that_is_compared(report):
    text = format_comparison(report)
    for name in (*FIGURES.values(), *COSTS.values(), "F1 of safety (28 articles)", "macro-F1 of longer articles"):
        assert name in text
    assert "134 articles, 7 of them marked unsure" in text
    assert "learned from exactly these articles" in text
    assert "[2] less [1]" in text
    assert f"[2] against [1], macro-F1: {report['pairs'][0]['verdict']}" in text
    assert "None" not in text
    assert "nan" not in text
    table = text.split("\n\n")[1]
    assert max(map(len, table.splitlines())) <= 114


def test_costs_are_measured_in_a_process_of_its_own(report, tiny_model):
    cost = report["models"][str(tiny_model)]["cost"]
    size = sum(path.stat().st_size for path in tiny_model.iterdir())
    assert cost["disk_mb"] == round(size / 1e6, 2)
    assert 0 < cost["load_seconds"] < 60
    assert cost["articles_per_second"] > 1
    assert 20 < cost["peak_memory_mb"] < 1000


def test_what_this_process_holds_does_not_count_for_a_model(report, tiny_model, data):
    held = np.ones(60_000_000)  # 480 MB
    cost = measure_cost(str(tiny_model), data, timed_seconds=0.01)
    assert held.any()
    assert cost["peak_memory_mb"] < report["models"][str(tiny_model)]["cost"]["peak_memory_mb"] + 200


def test_articles_are_timed_in_whole_passes(tiny_model, article):
    classifier = load_classifier(str(tiny_model))
    assert time_articles(classifier, [article("消防演练昨天举行。")] * 3, 0.01) > 0
    assert time_articles(classifier, [article("消防演练昨天举行。")] * 3, 0.0) is None


def test_a_measuring_process_that_fails_is_named(tiny_model, data, monkeypatch):
    monkeypatch.setattr("training.compare._CHILD", "raise MemoryError('too large')")
    with pytest.raises(ToolkitError, match=r"tiny: measuring its cost ended with code 1: MemoryError: too large"):
        measure_cost(str(tiny_model), data)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([], "found only d.jsonl; name two or more models"),
        (["tfidf"], "found the model tfidf and the data d.jsonl; name two or more models"),
        (["tfidf", "tfidf"], "'tfidf' is named twice"),
        (["tfidf", "nowhere"], "'nowhere' is neither built in nor a folder"),
    ],
)
def test_models_that_cannot_be_compared_are_named(models, message):
    with pytest.raises(ConfigError, match=message):
        compare_models(models, Path("d.jsonl"))


def test_a_data_file_that_is_not_there_is_named(tiny_model, tmp_path):
    with pytest.raises(DataError, match=r"d\.jsonl: no such file"):
        compare_models(["tfidf", str(tiny_model)], tmp_path / "d.jsonl")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda topics: topics[:-1], "not in both: investment"),
        (lambda topics: topics[::-1], "the same in another order"),
    ],
)
def test_models_with_other_topics_are_not_compared(tiny_model, data, monkeypatch, change, message):
    class Other:
        def __init__(self, classifier):
            self.topics = change(classifier.topics)

    def load(name):
        return load_classifier(name) if name == "tfidf" else Other(load_classifier(name))

    monkeypatch.setattr("training.compare.load_classifier", load)
    with pytest.raises(DataError, match=message):
        compare_models(["tfidf", str(tiny_model)], data)
