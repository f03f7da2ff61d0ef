import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from toolkit.classifiers import load_classifier
from toolkit.types import Article, ConfigError, DataError
from training.config import load_train_config
from training.finetune import class_weights
from training.train import train

TWO_TUNES = ("lora", "top")


def change(config, **model):
    return config.model_copy(update={"model": config.model.model_copy(update=model)})


def articles_of(corpus):
    return [Article(row["id"], row["title"], row["text"], "x", subtitle=row.get("subtitle")) for row in corpus]


def probabilities(folder, corpus, engine="torch"):
    return load_classifier(str(folder), engine=engine).score(articles_of(corpus)).probabilities


def test_a_bert_folder_explains_itself(tiny_bert, tiny_bert_config):
    names = {path.name for path in tiny_bert.iterdir()}
    assert {"model.json", "weights.safetensors", "thresholds.yaml", "topics.yaml", "train.yaml"} <= names
    card = json.loads((tiny_bert / "model.json").read_text(encoding="utf-8"))
    assert (card["kind"], card["task"]) == ("bert", "multi-label")
    assert card["reading"] | {"pooling": ""} == {
        "max_tokens": 48, "stride": 8, "max_windows": 2, "pooling": "", "pad_id": 0,
    }  # fmt: skip
    assert set(card["temperatures"]) == set(card["topics"])
    assert {"torch", "transformers", "tokenizers"} <= set(card["versions"])
    assert set(card["held_back"]) == {"macro_f1", "none_given_a_topic", "coverage"}
    assert load_train_config(tiny_bert / "train.yaml") == tiny_bert_config
    assert not tiny_bert.with_name("tiny-bert.checkpoints").exists()


def test_it_learns(tiny_bert, corpus):
    """Even a tiny random encoder ranks the articles it has seen far better than chance."""
    found = probabilities(tiny_bert, corpus)
    gold = np.array(["safety" in row["topics"] for row in corpus])
    scores = found[:, 1]
    better = (scores[gold][:, None] > scores[~gold][None, :]).mean()
    assert better > 0.8


def test_the_same_seed_gives_the_same_model(tiny_bert, tiny_bert_config, tmp_path, corpus):
    train(tiny_bert_config, tmp_path / "again")
    assert probabilities(tmp_path / "again", corpus).tolist() == probabilities(tiny_bert, corpus).tolist()


@pytest.mark.parametrize("tune", TWO_TUNES)
def test_a_model_that_keeps_the_encoder_saves_only_what_changed(tiny_bert_config, tmp_path, corpus, tune):
    from safetensors import safe_open

    train(change(tiny_bert_config, tune=tune, top_layers=1, num_train_epochs=1.0, lora_rank=4), tmp_path / tune)
    with safe_open(tmp_path / tune / "weights.safetensors", framework="numpy") as file:
        names = set(file.keys())
    assert {"head.weight", "head.bias"} < names
    assert all("layer.1." in name for name in names if not name.startswith("head."))
    assert (tune == "lora") == any(name.endswith(".lora_a") for name in names)
    assert probabilities(tmp_path / tune, corpus).shape == (134, 4)


def test_what_is_saved_is_what_was_trained(tiny_bert_config, tmp_path, corpus):
    """The held-back predictions, made at the training, come out again from the loaded folder."""
    train(change(tiny_bert_config, tune="lora", lora_rank=4), tmp_path / "lora")
    rows = [json.loads(line) for line in (tmp_path / "lora/held_out.jsonl").read_text(encoding="utf-8").splitlines()]
    by_id = {row["id"]: row for row in corpus}
    again = probabilities(tmp_path / "lora", [by_id[row[0]] for row in rows])
    assert np.abs(again - np.array([row[1:] for row in rows])).max() < 1e-3


def test_another_encoder_is_refused(tiny_bert_config, tiny_encoder, tmp_path):
    other = shutil.copytree(tiny_encoder, tmp_path / "encoder")
    config = change(tiny_bert_config, encoder=str(other), tune="head", num_train_epochs=1.0)
    train(config, tmp_path / "model")
    from tiny_bert import save_tiny_bert

    shutil.rmtree(other)
    save_tiny_bert(other, seed=2)
    with pytest.raises(DataError, match="it was trained on .* with sha256"):
        load_classifier(str(tmp_path / "model"))


def test_a_single_label_task_reads_its_labels_from_the_data(tiny_bert_config, tmp_path, write_jsonl, corpus):
    rows = [
        {"id": row["id"], "title": row["title"], "text": row["text"], "label": str(int("safety" in row["topics"]))}
        for row in corpus
    ]
    path = write_jsonl(rows)
    config = change(tiny_bert_config, task="single-label", class_weights="balanced")
    config = config.model_copy(update={"topics": path.with_name("data").relative_to(path.parent), "train": (path,)})
    lines = []
    train(config, tmp_path / "model", say=lines.append)
    classifier = load_classifier(str(tmp_path / "model"), engine="torch")
    assert [topic.key for topic in classifier.topics] == ["0", "1"]
    scored = classifier.score(articles_of(corpus))
    assert np.allclose(scored.probabilities.sum(axis=1), 1)
    from toolkit.pipeline import predict

    assert {len(found.topics) for found in predict(articles_of(corpus), classifier)} == {1}
    assert any("accuracy" in line for line in lines)


def test_a_single_label_task_wants_one_label_each(tiny_bert_config, tmp_path):
    with pytest.raises(DataError, match="needs exactly one for each"):
        train(change(tiny_bert_config, task="single-label"), tmp_path / "model")


class _Killed(Exception):
    pass


def test_a_killed_training_goes_on_from_its_last_checkpoint(tiny_bert_config, tmp_path, corpus):
    folder, said = tmp_path / "model", []

    def die_at_the_third_evaluation(line):
        said.append(line)
        if sum("macro-F1" in earlier for earlier in said) == 3:
            raise _Killed

    with pytest.raises(_Killed):
        train(tiny_bert_config, folder, say=die_at_the_third_evaluation)
    assert not folder.exists()
    with pytest.raises(ConfigError, match="--resume"):
        train(tiny_bert_config, folder)
    with pytest.raises(ConfigError, match="other settings"):
        train(tiny_bert_config.model_copy(update={"seed": 7}), folder, resume=True)
    again = []
    train(tiny_bert_config, folder, say=again.append, resume=True)
    assert any(line.startswith("going on from checkpoint-") for line in again)
    assert sum("at 0.5" in line for line in again) == 2
    assert not folder.with_name("model.checkpoints").exists()
    train(tiny_bert_config, tmp_path / "whole")
    assert np.abs(probabilities(folder, corpus) - probabilities(tmp_path / "whole", corpus)).max() < 1e-4


def test_two_processes_train_one_model(tiny_bert_config, tmp_path, root):
    from training.config import dump_train_config

    config = tmp_path / "train.yaml"
    config.write_text(dump_train_config(change(tiny_bert_config, num_train_epochs=1.0)), encoding="utf-8")
    launch = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--cpu",
        "--num_processes",
        "2",
        "--num_machines",
        "1",
    ]
    launch += ["--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"]
    command = [*launch, "--module", "toolkit.cli", "train", str(config), "-o", str(tmp_path / "model")]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("wrote ") == 1
    card = json.loads((tmp_path / "model/model.json").read_text(encoding="utf-8"))
    assert card["data"]["articles"] == 134


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ({"max_tokens": 1000}, ConfigError, "the encoder reads at most 512"),
        ({"tune": "top", "top_layers": 3}, ConfigError, "the encoder has 2 layers"),
        ({"stop_on": "valid"}, ConfigError, "names no valid data"),
        ({"encoder": "nowhere"}, ConfigError, "nowhere"),
    ],
)
def test_a_setting_that_cannot_be_is_named(tiny_bert_config, tmp_path, model, error, message):
    with pytest.raises(error, match=message):
        train(change(tiny_bert_config, **model), tmp_path / "model")


def test_class_weights_make_up_for_rare_labels():
    gold = np.zeros((100, 2), dtype=bool)
    gold[:20, 0] = gold[:50, 1] = True
    assert class_weights(gold, "multi-label").tolist() == [2.0, 1.0]
    exclusive = np.stack([gold[:, 0], ~gold[:, 0]], axis=1)
    assert class_weights(exclusive, "single-label").tolist() == [2.5, 0.625]
