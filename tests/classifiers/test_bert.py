import json
import shutil

import numpy as np
import pytest
from scipy.special import logit

from toolkit.classifiers import load_classifier
from toolkit.classifiers.attribution import strongest
from toolkit.classifiers.bert import pool, to_probabilities
from toolkit.pipeline import Steps, predict, process
from toolkit.types import Article, DataError, Result
from toolkit.writers.records import result_to_record


@pytest.fixture(scope="module")
def classifier(tiny_bert):
    return load_classifier(str(tiny_bert), engine="torch")


@pytest.fixture(scope="module")
def articles(corpus):
    return [Article(row["id"], row["title"], row["text"], "x") for row in corpus]


@pytest.fixture
def copy(tiny_bert, tmp_path):
    return shutil.copytree(tiny_bert, tmp_path / "copy")


def test_articles_are_scored_alike_whatever_stands_beside_them(classifier, articles):
    together = classifier.score(articles).probabilities
    for row in (0, 70, 133):
        alone = classifier.score([articles[row]]).probabilities
        assert np.abs(alone - together[row]).max() < 1e-5
    backwards = classifier.score(articles[::-1]).probabilities
    assert np.abs(backwards[::-1] - together).max() < 1e-5


def test_no_article_is_no_error(classifier):
    scored = classifier.score([])
    assert scored.probabilities.shape == (0, 4)
    assert scored.explain(np.zeros((0, 4), dtype=bool)) == []


def test_a_record_says_in_how_many_windows_it_was_read_and_what_was_not(classifier, article):
    short, long = article("消防检查", "安全"), article("消防部门检查商场。" * 50, "安全")
    records = [
        result_to_record(Result(found, prediction))
        for found, prediction in zip([short, long], predict([short, long], classifier), strict=True)
    ]
    assert [(record["windows"], record["truncated"]) for record in records] == [(1, False), (2, True)]


def test_a_model_without_windows_writes_none(tiny_model, article):
    [prediction] = predict([article("消防检查")], load_classifier(str(tiny_model)))
    assert "windows" not in result_to_record(Result(article("消防检查"), prediction))


def test_the_shares_of_one_window_are_the_log_odds_less_the_bias_and_the_marks(classifier, article):
    found = article("消防部门检查商场", "安全")
    cut = classifier.cutter.cut([found])
    from toolkit.engines import run_batches

    [scores] = run_batches(classifier.engine, [cut.windows[0].token_ids], pad_id=classifier.pad_id)
    topic = 1
    odds = logit(classifier.score([found]).probabilities[0, topic])
    marks = [at for at, (part, _, _) in enumerate(cut.windows[0].spans) if part == -1]
    rest = (scores[marks, topic].sum() / len(scores) + classifier.bias[topic]) / classifier.temperatures[topic]
    shares = scores[:, topic] / len(scores) / classifier.temperatures[topic]
    spoken = [at for at in range(len(scores)) if at not in marks]
    assert shares[spoken].sum() == pytest.approx(odds - rest, abs=1e-4)


def test_evidence_is_given_for_each_topic_asked_and_names_words_of_the_article(classifier, articles):
    asked = np.zeros((134, 4), dtype=bool)
    asked[0, [0, 2]] = asked[5, 1] = True
    evidence = classifier.score(articles).explain(asked)
    assert [entry.topic for entry in evidence] == ["talent", "culture", "safety"]
    for entry, article in zip(evidence, (articles[0], articles[0], articles[5]), strict=True):
        assert all(word in article.title + article.text and share > 0 for word, share in entry.words)
        assert entry.sentence in article.title + article.text


def test_the_words_that_speak_most_come_first_with_their_sentence():
    title, text = "消防检查", "商场很大。消防部门发现隐患！次日整改。"
    shares = [np.zeros(4), np.zeros(len(text))]
    shares[0][:2] = 0.5
    begin = text.index("隐患")
    shares[1][begin : begin + 2] = 2.0
    words, sentence = strongest(title, text, shares)
    assert words == (("隐患", 4.0), ("消防", 1.0))
    assert sentence == "消防部门发现隐患！"


def test_the_title_stands_for_the_sentence_where_no_sentence_speaks():
    assert strongest("消防", "天晴。", [np.ones(2), -np.ones(3)])[1] == "消防"
    assert strongest("", "天晴。", [np.ones(0), -np.ones(3)])[1] is None


def test_windows_are_pooled_over_each_article():
    by_window = np.array([[0.2, 0.8], [0.4, 0.6], [0.9, 0.1]])
    starts = np.array([0, 2, 3])
    assert pool(by_window, starts, "mean", "multi-label") == pytest.approx(np.array([[0.3, 0.7], [0.9, 0.1]]))
    assert pool(by_window, starts, "max", "multi-label") == pytest.approx(np.array([[0.4, 0.8], [0.9, 0.1]]))
    assert pool(by_window, starts, "max", "single-label")[0] == pytest.approx([1 / 3, 2 / 3])


def test_a_temperature_flattens():
    margins = np.array([[2.0, -2.0]])
    flat = to_probabilities(margins, np.array([2.0, 1.0]), "multi-label")
    assert flat == pytest.approx(1 / (1 + np.exp([[-1.0, 2.0]])))
    assert to_probabilities(margins, np.ones(2), "single-label").sum() == pytest.approx(1)


@pytest.mark.parametrize("engine", ["openvino", "onnx"])
def test_every_engine_gives_the_same_probabilities(tiny_bert, classifier, articles, engine):
    other = load_classifier(str(tiny_bert), engine=engine)
    assert other.engine.name == engine
    wanted = classifier.score(articles[:20]).probabilities
    assert np.abs(other.score(articles[:20]).probabilities - wanted).max() < 5e-3


def test_it_is_not_forked_however_many_workers_are_asked_for(classifier, articles):
    many = articles * 5
    results = list(process(many, Steps(classifier), workers=2))
    assert [result.article.id for result in results] == [article.id for article in many]


def test_a_changed_weights_file_is_refused(copy):
    (copy / "weights.safetensors").write_bytes(b"x" + (copy / "weights.safetensors").read_bytes()[1:])
    with pytest.raises(DataError, match="changed after training"):
        load_classifier(str(copy))


def test_weights_of_another_encoder_are_refused(copy):
    """Even if someone mends the digest: a smaller encoder's config does not fit them."""
    from toolkit.folder import sha256

    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(json.dumps(config | {"hidden_size": 64}), encoding="utf-8")
    card = json.loads((copy / "model.json").read_text(encoding="utf-8"))
    card["files"]["config.json"] = sha256(copy / "config.json")
    (copy / "model.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(DataError, match="trained on another encoder"):
        load_classifier(str(copy), engine="torch")


def test_the_pipeline_that_the_bench_measures_against_runs_the_same_network(
    tiny_bert_config, tmp_path_factory, articles
):
    from training.bench_bert import rival_pipeline
    from training.train import train

    folder = tmp_path_factory.mktemp("models") / "head"
    model = tiny_bert_config.model.model_copy(update={"tune": "head", "num_train_epochs": 1.0, "max_windows": 1})
    train(tiny_bert_config.model_copy(update={"model": model}), folder)
    classifier = load_classifier(str(folder), engine="torch")
    some = articles[:5]
    assert np.abs(rival_pipeline(folder, classifier)(some) - classifier.score(some).probabilities).max() < 1e-4
