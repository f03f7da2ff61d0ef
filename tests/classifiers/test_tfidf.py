import json
import shutil

import numpy as np
import pytest
import skops.io

from toolkit.classifiers import built_in_models, load_classifier, model_folder
from toolkit.classifiers.folder import load_arrays
from toolkit.folder import sha256
from toolkit.pipeline import predict
from toolkit.types import Article, ConfigError, DataError
from toolkit.words import cache_folder
from training.reference import reference_probabilities


@pytest.fixture(scope="session")
def classifier(tiny_model):
    return load_classifier(str(tiny_model))


@pytest.fixture(scope="session")
def articles(corpus):
    return [Article(row["id"], row["title"], row["text"], "x", subtitle=row["subtitle"]) for row in corpus]


@pytest.fixture
def copy(tiny_model, tmp_path):
    """A copy of the model folder, and a function that makes its model.json vouch for the files as they now are."""
    folder = tmp_path / "copy"
    shutil.copytree(tiny_model, folder)
    return folder


def vouch(folder, **changes):
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    card["files"] = {name: sha256(folder / name) for name in card["files"]}
    (folder / "model.json").write_text(json.dumps(card | changes), encoding="utf-8")


def test_probabilities_have_one_row_an_article_and_one_column_a_topic(classifier, articles):
    probabilities = classifier.score(articles).probabilities
    assert probabilities.shape == (len(articles), 4)
    assert ((probabilities > 0) & (probabilities < 1)).all()


def test_it_learned_the_articles_it_was_trained_on(classifier, corpus, articles):
    for row, prediction in zip(corpus, predict(articles, classifier), strict=True):
        if len(row["topics"]) == 1 and not row["unsure"] and prediction.decision == "labelled":
            assert row["topics"][0] in prediction.topics


def test_it_judges_articles_it_has_not_seen(classifier):
    unseen = [
        Article("1", "消防部门开展隐患排查", "昨天，市消防救援大队检查商场消防设施，发现火灾隐患12处，责令整改。", "x"),
        Article("2", "博物馆办非遗展览", "昨天，市博物馆举办非物质文化遗产展览，展出古籍、年画等展品。", "x"),
    ]
    safety, culture = predict(unseen, classifier)
    assert max(safety.scores, key=safety.scores.get) == "safety"
    assert max(culture.scores, key=culture.scores.get) == "culture"


def test_the_fast_path_decides_as_scikit_learn_does(tiny_model, classifier, articles):
    expected = reference_probabilities(tiny_model, articles)
    np.testing.assert_allclose(classifier.score(articles).probabilities, expected, atol=1e-6)


def test_a_batch_is_scored_as_its_articles_are_alone(classifier, articles):
    alone = np.concatenate([classifier.score([article]).probabilities for article in articles[:20]])
    np.testing.assert_allclose(classifier.score(articles[:20]).probabilities, alone, atol=1e-12)


def test_no_articles_and_empty_articles_are_scored(classifier):
    assert classifier.score([]).probabilities.shape == (0, 4)
    empty = classifier.score([Article("e", "", "", "x"), Article("l", "Latin only", "no Chinese at all", "x")])
    assert empty.probabilities.shape == (2, 4)
    [nothing, latin] = empty.explain(np.array([[True, False, False, False]] * 2))
    assert (nothing.words, nothing.sentence) == ((), None)
    assert latin.sentence == "Latin only"


def test_the_shares_of_all_words_and_the_intercept_are_the_log_odds(classifier, articles):
    scored = classifier.score(articles)
    odds = np.log(scored.probabilities / (1 - scored.probabilities))
    found = classifier.counter.find(articles)
    reasons = scored.explain.args[0]
    for topic in range(4):
        shares = reasons.shares(np.full(len(articles), topic))
        totals = np.add.reduceat(shares, found.pieces.starts[:-1])
        np.testing.assert_allclose(totals + classifier.intercepts[topic], odds[:, topic], atol=1e-6)


def test_the_evidence_names_printed_words_and_a_sentence_of_the_article(classifier, articles):
    for article, prediction in zip(articles, predict(articles, classifier), strict=True):
        for evidence in prediction.evidence:
            printed = f"{article.title} {article.subtitle}{article.text}"
            assert all(word in printed and share > 0 for word, share in evidence.words)
            assert evidence.words == tuple(sorted(evidence.words, key=lambda item: -item[1]))
            assert evidence.sentence in (article.title, *article.text.replace("\n", "").split()) or (
                evidence.sentence in article.text
            )


def test_the_evidence_is_the_sentence_that_holds_the_words(classifier):
    text = "昨天天气很好。市消防救援大队检查商场，发现火灾隐患12处。大家都很高兴。"
    scored = classifier.score([Article("1", "", text, "x")])
    [evidence] = scored.explain(np.array([[False, True, False, False]]))
    assert evidence.topic == "safety"
    assert evidence.sentence == "市消防救援大队检查商场，发现火灾隐患12处。"


def test_every_given_or_doubted_topic_has_its_evidence(classifier, articles):
    for prediction in predict(articles, classifier):
        explained = {evidence.topic for evidence in prediction.evidence}
        assert set(prediction.topics) <= explained
        assert (prediction.decision == "none") == (not explained)


def test_thresholds_can_be_edited_without_training(copy, articles):
    text = (copy / "thresholds.yaml").read_text(encoding="utf-8")
    lines = ["  threshold: 1.0" if line.startswith("  threshold") else line for line in text.splitlines()]
    (copy / "thresholds.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert all(not prediction.topics for prediction in predict(articles, load_classifier(str(copy))))


def test_a_file_changed_after_training_is_refused(copy):
    with (copy / "topics.yaml").open("a", encoding="utf-8") as file:
        file.write("# more\n")
    with pytest.raises(DataError, match=r"topics.yaml: changed after training"):
        load_classifier(str(copy))


def test_a_missing_file_is_named(copy):
    (copy / "pipeline.skops").unlink()
    with pytest.raises(DataError, match="pipeline.skops is missing"):
        load_classifier(str(copy))


class Stranger:
    """A type that a skops file of weights has no business holding."""


def test_weights_of_unknown_types_are_refused(copy):
    content = skops.io.load(copy / "pipeline.skops")
    skops.io.dump(content | {"extra": Stranger()}, copy / "pipeline.skops")
    vouch(copy)
    with pytest.raises(DataError, match="refused, it holds types"):
        load_classifier(str(copy))


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 broken", b"\x80\x04\x95pickle"])
def test_weights_that_are_no_skops_file_are_refused(copy, raw):
    (copy / "pipeline.skops").write_bytes(raw)
    vouch(copy)
    with pytest.raises(DataError, match="not a readable skops file"):
        load_classifier(str(copy))


def test_weights_that_lack_a_part_are_refused(copy):
    content = skops.io.load(copy / "pipeline.skops")
    del content["idf"]
    skops.io.dump(content, copy / "pipeline.skops")
    vouch(copy)
    with pytest.raises(DataError, match="lacks a part"):
        load_classifier(str(copy))


def test_weights_that_do_not_fit_the_vocabulary_are_refused(copy):
    content = skops.io.load(copy / "pipeline.skops")
    skops.io.dump(content | {"terms": content["terms"] + "\n多余"}, copy / "pipeline.skops")
    vouch(copy)
    with pytest.raises(DataError, match=r"does not fit model.json"):
        load_classifier(str(copy))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "names no kind"),
        ('{"kind": "tfidf", "format": 9}', "format 9, this version reads 1; train the model again"),
        ('{"kind": "bert2", "format": 1}', "kind 'bert2'; known: tfidf"),
    ],
)
def test_a_damaged_model_json_is_refused(copy, content, message):
    (copy / "model.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_classifier(str(copy))


def test_a_segmenter_that_cuts_otherwise_than_at_the_training_is_refused(copy):
    card = json.loads((copy / "model.json").read_text(encoding="utf-8"))
    vouch(copy, features=card["features"] | {"segmenter_probe": "0" * 16})
    with pytest.raises(DataError, match=r"rjieba cuts words otherwise .*; install rjieba==.* or train the model again"):
        load_classifier(str(copy))


def test_a_folder_without_model_json_is_no_model(tmp_path):
    with pytest.raises(DataError, match="no model.json"):
        load_classifier(str(tmp_path))


def test_an_unknown_model_is_named_with_the_nearest():
    with pytest.raises(
        ConfigError, match=r"'tfdif' is neither built in nor a folder; built in: bert, blend, tfidf; did you mean"
    ):
        model_folder("tfdif")


def test_weights_read_once_come_from_the_cache_alike(tiny_model):
    path = tiny_model / "pipeline.skops"
    kept = cache_folder() / "weights" / f"{sha256(path)}.npz"
    kept.unlink(missing_ok=True)
    first = load_arrays(path, digest=sha256(path))
    assert kept.is_file()
    second = load_arrays(path, digest=sha256(path))
    assert first["terms"] == second["terms"]
    for name in ("idf", "coefficients", "intercepts", "slopes", "offsets"):
        np.testing.assert_array_equal(first[name], second[name])


def test_a_damaged_cache_is_passed_over(tiny_model):
    path = tiny_model / "pipeline.skops"
    load_arrays(path, digest=sha256(path))
    (cache_folder() / "weights" / f"{sha256(path)}.npz").write_bytes(b"broken")
    assert load_arrays(path, digest=sha256(path))["terms"]


def test_the_built_in_model_loads_and_is_small(classifier):
    assert built_in_models() == ["bert", "blend", "tfidf"]
    folder = model_folder("tfidf")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 6_000_000
    assert [topic.key for topic in load_classifier("tfidf").topics] == [topic.key for topic in classifier.topics]
