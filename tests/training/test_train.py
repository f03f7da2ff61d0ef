import json
import shutil

import pytest

from toolkit.classifiers import load_classifier
from toolkit.types import Article, ConfigError, DataError
from training.config import SAMPLE_CORPUS, TrainConfig, dump_train_config, load_train_config
from training.evaluate import evaluate_classifier, format_report
from training.train import train


def configs(root):
    return sorted((root / "configs/train").rglob("*.yaml"))


def test_every_training_config_in_the_repo_loads_and_its_taxonomy_exists(root):
    assert configs(root)
    for path in configs(root):
        config = load_train_config(path)
        if isinstance(config, TrainConfig):
            assert str(config.topics) == "data" or (root / config.topics).is_file()


def test_a_config_survives_showing(root, tmp_path):
    config = load_train_config(root / "configs/train/tfidf.yaml", ["model.c=0.5", "seed=3"])
    shown = tmp_path / "shown.yaml"
    shown.write_text(dump_train_config(config), encoding="utf-8")
    assert load_train_config(shown) == config


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.ngram=2", "model.ngram is unknown; known: c, char_ngrams"),
        ("model.char_ngram=2", "did you mean char_ngrams"),
        ("model.kind=bart", "model.kind is 'bart'; known: tfidf, bert, blend, seq2seq"),
        ("model.min_df=many", "model.min_df is 'many'"),
        ("decisions.folds=1", "decisions.folds is 1"),
        ("trian=x", "trian is unknown.*did you mean train"),
    ],
)
def test_a_mistake_in_a_training_config_is_named(root, override, message):
    with pytest.raises(ConfigError, match=message):
        load_train_config(root / "configs/train/tfidf.yaml", [override])


def test_a_model_folder_explains_itself(tiny_model, tiny_config):
    names = {path.name for path in tiny_model.iterdir()}
    assert names == {
        "README.md",
        "model.json",
        "held_out.jsonl",
        "pipeline.skops",
        "thresholds.yaml",
        "topics.yaml",
        "train.yaml",
    }
    card = json.loads((tiny_model / "model.json").read_text(encoding="utf-8"))
    assert card["kind"] == "tfidf"
    assert card["topics"] == ["talent", "safety", "culture", "investment"]
    assert card["seed"] == tiny_config.seed
    assert card["data"]["articles"] == 134
    assert len(card["data"]["digest"]) == 64
    assert {"scikit-learn", "skops", "rjieba"} <= set(card["versions"])
    assert card["features"]["segmenter"] == "rjieba"
    assert load_train_config(tiny_model / "train.yaml") == tiny_config


def test_the_same_seed_gives_the_same_model(tiny_model, tiny_config, tmp_path, corpus):
    train(tiny_config, tmp_path / "again")
    articles = [Article(row["id"], row["title"], row["text"], "x") for row in corpus]
    first, second = (load_classifier(str(folder)).score(articles) for folder in (tiny_model, tmp_path / "again"))
    assert first.probabilities.tolist() == second.probabilities.tolist()
    assert (tiny_model / "thresholds.yaml").read_bytes() == (tmp_path / "again/thresholds.yaml").read_bytes()


def test_jieba_trains_the_same_model_as_rjieba(tiny_model, tiny_config, tmp_path, corpus):
    model = tiny_config.model.model_copy(update={"segmenter": "jieba"})
    train(tiny_config.model_copy(update={"model": model}), tmp_path / "slow")
    articles = [Article(row["id"], row["title"], row["text"], "x") for row in corpus]
    first, second = (load_classifier(str(folder)).score(articles) for folder in (tiny_model, tmp_path / "slow"))
    assert first.probabilities.tolist() == second.probabilities.tolist()


def test_a_dictionary_is_copied_into_the_model_and_must_stay_the_same(root, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("文化特派员\n", encoding="utf-8")
    overrides = ["decisions.folds=3", "decisions.repeats=1", f"model.dictionary={words}"]
    train(load_train_config(root / "configs/train/tfidf.yaml", overrides), tmp_path / "model")
    words.unlink()
    load_classifier(str(tmp_path / "model"))
    card = json.loads((tmp_path / "model/model.json").read_text(encoding="utf-8"))
    (tmp_path / "model/dictionary.txt").write_text("共富工坊\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"dictionary.txt: changed after training"):
        load_classifier(str(tmp_path / "model"))
    del card["files"]["dictionary.txt"]
    (tmp_path / "model/model.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(DataError, match="not the dictionary of the training.*put that file back or train"):
        load_classifier(str(tmp_path / "model"))


@pytest.mark.parametrize("setting", ["model.word_ngrams=0", "model.char_ngrams=0", "model.char_ngrams=1"])
def test_each_kind_of_feature_can_be_left_out(root, tmp_path, corpus, setting):
    overrides = ["decisions.folds=3", "decisions.repeats=1", setting]
    train(load_train_config(root / "configs/train/tfidf.yaml", overrides), tmp_path / "model")
    articles = [Article(row["id"], row["title"], row["text"], "x") for row in corpus]
    from training.reference import reference_probabilities

    probabilities = load_classifier(str(tmp_path / "model")).score(articles).probabilities
    assert abs(probabilities - reference_probabilities(tmp_path / "model", articles)).max() < 1e-6


def test_training_measures_on_valid_and_leaves_its_reprints_out(root, tmp_path, write_jsonl, corpus):
    valid = write_jsonl(corpus[:20], "valid.jsonl")
    overrides = ["decisions.folds=3", "decisions.repeats=1", f"valid={valid}"]
    lines = []
    train(load_train_config(root / "configs/train/tfidf.yaml", overrides), tmp_path / "model", say=lines.append)
    assert "114 articles to learn from (20 left out" in lines[0]
    report = json.loads((tmp_path / "model/report.json").read_text(encoding="utf-8"))
    assert report["all"]["articles"] == 20


def test_several_files_are_learned_from_and_an_id_may_stand_in_one_of_them(root, tmp_path, write_jsonl, corpus):
    halves = [write_jsonl(corpus[:70], "a.jsonl"), write_jsonl(corpus[70:], "b.jsonl")]
    overrides = ["decisions.folds=3", "decisions.repeats=1", f"train=[{halves[0]}, {halves[1]}]"]
    lines = []
    train(load_train_config(root / "configs/train/tfidf.yaml", overrides), tmp_path / "model", say=lines.append)
    assert lines[0] == f"{len(corpus)} articles to learn from"
    overrides[-1] = f"train=[{halves[0]}, {halves[0]}]"
    with pytest.raises(DataError, match=r"a.jsonl#1: id .* stands in .*a.jsonl#1 too"):
        train(load_train_config(root / "configs/train/tfidf.yaml", overrides), tmp_path / "model")


def test_too_few_articles_of_a_topic_are_named(root, tmp_path, write_jsonl, corpus):
    rows = [row for row in corpus if "talent" not in row["topics"]]
    overrides = [f"train={write_jsonl(rows)}"]
    with pytest.raises(DataError, match="topic talent: 0 of .* training articles carry it; at least 5"):
        train(load_train_config(root / "configs/train/tfidf.yaml", overrides), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_no_term_left_is_named(root, tmp_path):
    overrides = ["model.min_df=1000"]
    with pytest.raises(DataError, match="no term stands in 1000 training articles; lower model.min_df"):
        train(load_train_config(root / "configs/train/tfidf.yaml", overrides), tmp_path / "model")


def test_a_model_folder_is_replaced_but_nothing_else_is(tiny_model, tiny_config, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    (folder / "model.json").write_text("{}", encoding="utf-8")
    train(tiny_config, folder)
    load_classifier(str(folder))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(ConfigError, match="no model folder; name another"):
        train(tiny_config, tmp_path / "mine")
    assert (tmp_path / "mine/letter.txt").read_text(encoding="utf-8") == "keep me"


def test_an_evaluation_has_every_figure_with_and_without_the_doubtful_articles(tiny_model):
    classifier = load_classifier(str(tiny_model))
    report = evaluate_classifier(classifier, SAMPLE_CORPUS)
    assert report["all"]["articles"] == 134
    assert report["without_unsure"]["articles"] == 127
    for part in ("all", "without_unsure"):
        assert set(report[part]["topics"]) == {"talent", "safety", "culture", "investment"}
        for figure in ("exact_match", "none_given_a_topic", "coverage", "kept_right"):
            assert (
                0 <= report[part][figure]["low"] <= report[part][figure]["value"] <= report[part][figure]["high"] <= 1
            )
    text = format_report(report)
    assert "macro" in text
    assert "without the unsure articles: 127" in text


def test_the_shipped_model_reaches_its_floor_on_real_articles(shared):
    report = evaluate_classifier(load_classifier("tfidf"), shared / "topics/valid.jsonl")
    assert report["all"]["macro"]["f1"]["value"] >= 0.88
    assert report["without_unsure"]["macro"]["f1"]["value"] >= 0.92
    assert report["all"]["none_given_a_topic"]["value"] <= 0.125


def test_the_model_card_says_in_words_what_the_model_is(tiny_model, tiny_bert):
    card = (tiny_model / "README.md").read_text(encoding="utf-8")
    assert "# A TF-IDF classifier" in card
    assert "Learned from 134 articles: talent 30" in card
    assert "macro-F1 0." in card
    assert "in this folder, all of its weights trained" in (tiny_bert / "README.md").read_text(encoding="utf-8")
