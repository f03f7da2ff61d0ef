import json
import shutil

import numpy as np
import pytest

from toolkit.classifiers import load_classifier
from toolkit.types import Article, DataError
from training.blend import fit_weights
from training.config import load_train_config
from training.train import train


@pytest.fixture
def members(tiny_model, tiny_bert, tmp_path):
    """Copies of two trained models that lie side by side."""
    return [shutil.copytree(folder, tmp_path / "models" / folder.name) for folder in (tiny_model, tiny_bert)]


def blend_config(root, members):
    names = ", ".join(str(folder) for folder in members)
    return load_train_config(root / "configs/train/blend.yaml", [f"model.members=[{names}]"])


@pytest.fixture
def blend(root, members, tmp_path):
    train(blend_config(root, members), tmp_path / "models/blend")
    return tmp_path / "models/blend"


@pytest.fixture
def articles(corpus):
    return [Article(row["id"], row["title"], row["text"], "x") for row in corpus]


def test_a_blend_is_the_weighted_average_of_its_members(blend, members, articles):
    found = load_classifier(str(blend), engine="torch")
    parts = [load_classifier(str(folder), engine="torch").score(articles).probabilities for folder in members]
    assert found.weights.sum() == pytest.approx(1)
    assert (found.weights >= 0).all()
    expected = found.weights[0] * parts[0] + found.weights[1] * parts[1]
    assert np.abs(found.score(articles).probabilities - expected).max() < 1e-6


def test_a_blend_explains_with_the_words_of_its_members(blend, articles):
    found = load_classifier(str(blend), engine="torch")
    asked = np.zeros((134, 4), dtype=bool)
    asked[3, 1] = asked[4, 2] = True
    evidence = found.score(articles).explain(asked)
    assert [entry.topic for entry in evidence] == ["safety", "culture"]
    assert all(len(entry.words) <= 6 for entry in evidence)


def test_a_blend_and_its_members_can_be_moved_together(blend, tmp_path, articles):
    wanted = load_classifier(str(blend), engine="torch").score(articles).probabilities
    moved = tmp_path / "elsewhere"
    blend.parent.rename(moved)
    again = load_classifier(str(moved / "blend"), engine="torch").score(articles).probabilities
    assert again.tolist() == wanted.tolist()


def test_a_member_that_was_trained_again_is_refused(blend, members):
    card = json.loads((members[0] / "model.json").read_text(encoding="utf-8"))
    (members[0] / "model.json").write_text(json.dumps(card | {"seed": 99}), encoding="utf-8")
    with pytest.raises(DataError, match="was trained again since"):
        load_classifier(str(blend), engine="torch")


def test_a_member_that_is_gone_is_named(blend, members):
    shutil.rmtree(members[1])
    with pytest.raises(DataError, match="tiny-bert is missing"):
        load_classifier(str(blend), engine="torch")


def test_members_need_articles_in_common_that_none_had_learned_from(root, members, tmp_path):
    path = members[1] / "held_out.jsonl"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="have 1 training articles in common"):
        train(blend_config(root, members), tmp_path / "models/blend")


def test_the_better_member_weighs_more():
    random = np.random.default_rng(0)
    gold = random.random((400, 3)) < 0.4
    good = np.where(gold, 0.85, 0.15)
    noise = random.random(gold.shape)
    weights = fit_weights(np.array([noise, good]), gold)
    assert weights[1] > 0.9
    assert fit_weights(np.array([good, good]), gold).sum() == pytest.approx(1)


def test_a_member_that_corrects_the_other_gets_a_share():
    random = np.random.default_rng(0)
    truth = random.normal(size=(2000, 1))
    gold = truth > 0
    views = [1 / (1 + np.exp(-2 * (truth + random.normal(size=truth.shape)))) for _ in range(2)]
    weights = fit_weights(np.array(views), gold)
    assert weights == pytest.approx([0.5, 0.5], abs=0.15)
