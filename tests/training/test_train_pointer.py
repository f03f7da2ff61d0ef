import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from toolkit.summarizers import load_summarizer
from toolkit.summarizers.options import SummaryOptions
from toolkit.text import sentences
from toolkit.types import ConfigError, DataError
from training.config import dump_train_config, load_train_config
from training.train import train

CORPUS = Path(__file__).parents[2] / "toolkit/samples/corpus.jsonl"
ROWS = [
    {"id": row["id"], "title": row["title"], "text": row["text"]}
    for row in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines()[:60])
]
TAUGHT = [row | {"abstract": sentences(row["text"])[0], "headline": row["title"]} for row in ROWS[:30]]


@pytest.fixture(scope="module")
def config(tiny_encoder, tmp_path_factory, root):
    folder = tmp_path_factory.mktemp("data")
    parts = {"train": TAUGHT, "valid": [TAUGHT[0] | {"id": "again"}], "headlines": ROWS}
    for name, rows in parts.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    content = yaml.safe_load((root / "configs/train/pointer.yaml").read_text(encoding="utf-8"))
    content |= {"train": str(folder / "train.jsonl"), "valid": str(folder / "valid.jsonl")}
    content["model"] |= {
        "encoder": str(tiny_encoder),
        "layers": [1, 2],
        "width": 16,
        "heads": 2,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "num_train_epochs": 2,
        "per_device_train_batch_size": 8,
        "learning_rate": 3e-3,
        "written_at_least": 1,
        "held_back": 0.2,
        "early_stopping_patience": None,
        "pretrain": {"train": str(folder / "headlines.jsonl"), "num_train_epochs": 1, "learning_rate": 3e-3},
    }
    path = folder / "pointer.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_train_config(path)


@pytest.fixture(scope="module")
def trained(config, tmp_path_factory):
    """A model folder, and what was said."""
    folder, said = tmp_path_factory.mktemp("models") / "pointer", []
    train(config, folder, say=said.append)
    return folder, said


@pytest.fixture
def copy(trained, tmp_path):
    return Path(shutil.copytree(trained[0], tmp_path / "copy"))


def weights(folder):
    from safetensors.torch import load_file

    return load_file(folder / "weights.safetensors")


def change(config, **model):
    return config.model_copy(update={"model": config.model.model_copy(update=model)})


def test_a_pointer_folder_explains_itself(trained, config):
    folder, _ = trained
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    assert (card["kind"], card["modes"], card["layers"]) == ("pointer", ["abstract", "headline"], [1, 2])
    assert set(card["held_back"]) == {"articles", "rougeL"}
    assert card["data"]["per_mode"] == {"abstract": 29, "headline": 29}
    assert load_train_config(folder / "train.yaml") == config
    assert "a pointer network" in (folder / "README.md").read_text(encoding="utf-8")
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["headline"]["articles"] == 1
    assert not folder.with_name("pointer.checkpoints").exists()


def test_headlines_are_learned_first_without_what_is_held_back(trained):
    _, said = trained
    [pretraining] = [line for line in said if line.startswith("computing") and not line.endswith("of 29 articles")]
    # 60 articles, less the validation article's reprint and those of the 29 that are held back.
    assert pretraining == f"computing the encoder's states of {60 - 1 - 6} articles"


def test_the_weights_are_half_precision_and_fit_the_words(trained):
    found = weights(trained[0])
    assert {values.dtype for values in found.values()} == {torch.float16}
    words = (trained[0] / "written.txt").read_text(encoding="utf-8").split("\n")[:-1]
    assert len(found["written.weight"]) == 2 + 2 + len(words)


@pytest.mark.parametrize(("mode", "limit"), [("abstract", 60), ("headline", 30)])
def test_a_trained_folder_summarizes_what_it_is_given_in_order(trained, article, mode, limit):
    summarizer = load_summarizer(str(trained[0]), options=SummaryOptions(num_beams=2))
    articles = [article(row["text"], title=row["title"]) for row in ROWS[:5]] + [article("")]
    found = summarizer.summarize(articles, mode=mode, max_chars=limit)
    assert all(0 < len(summary.text) <= limit for summary in found[:5])
    assert found[5].flags == ("empty_text",)
    alone = [summarizer.summarize([one], mode=mode, max_chars=limit)[0].text for one in articles]
    assert [summary.text for summary in found] == alone


def test_abstract_and_headline_of_an_article_share_its_states(trained):
    states = load_summarizer(str(trained[0])).states
    first, second = states.compute([["全市", "防汛"], ["会议", "召开"]])
    again, fresh = states.compute([["会议", "召开"], ["村民", "转移"]])
    assert again is second
    assert fresh.shape == first.shape
    [anew] = states.compute([["全市", "防汛"]])  # two calls ago: forgotten, so that memory stays flat
    assert anew is not first
    assert (anew == first).all()


def test_the_same_seed_gives_the_same_weights(trained, config, tmp_path):
    train(config, tmp_path / "again")
    first, second = weights(trained[0]), weights(tmp_path / "again")
    assert all(torch.equal(values, second[name]) for name, values in first.items())


def test_a_killed_training_goes_on_to_the_same_weights(trained, config, tmp_path):
    class Killed(Exception):
        pass

    def die(line):
        if line.startswith("step 4/8"):  # the first evaluation of the second training
            raise Killed

    with pytest.raises(Killed):
        train(config, tmp_path / "model", say=die)
    with pytest.raises(ConfigError, match="add --resume"):
        train(config, tmp_path / "model")
    said = []
    train(config, tmp_path / "model", say=said.append, resume=True)
    assert not any(line.startswith("computing") for line in said)
    first, second = weights(trained[0]), weights(tmp_path / "model")
    assert all(torch.equal(values, second[name]) for name, values in first.items())


def test_two_processes_train_one_model(config, tmp_path, root):
    path = tmp_path / "train.yaml"
    path.write_text(dump_train_config(change(config, num_train_epochs=1.0)), encoding="utf-8")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launch, "--module", "toolkit.cli", "train", str(path), "-o", str(tmp_path / "model")]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("wrote ") == 1
    assert load_summarizer(str(tmp_path / "model")).name.startswith("model@")


def test_without_pretraining_and_with_one_mode(config, tmp_path, article):
    train(change(config, pretrain=None, modes=("headline",)), tmp_path / "model")
    summarizer = load_summarizer(str(tmp_path / "model"))
    assert summarizer.summarize([article(ROWS[0]["text"])], mode="headline", max_chars=30)[0].text
    with pytest.raises(ConfigError, match="has not learned mode 'abstract'; known: headline"):
        summarizer.summarize([article(ROWS[0]["text"])], mode="abstract", max_chars=60)


def test_a_changed_folder_is_refused(copy):
    (copy / "written.txt").write_text("另一个词\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"written.txt: changed after training"):
        load_summarizer(str(copy))


def test_weights_of_another_shape_are_refused(copy):
    card = json.loads((copy / "model.json").read_text(encoding="utf-8"))
    card["shape"]["width"] = 32
    (copy / "model.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(DataError, match=r"weights.safetensors: its weights do not fit model.json"):
        load_summarizer(str(copy))


def test_a_folder_of_another_encoder_is_refused(copy, tiny_encoder):
    card = json.loads((copy / "model.json").read_text(encoding="utf-8"))
    card["encoder"]["digest"] = "0" * 64
    (copy / "model.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(DataError, match="it was trained on .* get that one back or train the model again"):
        load_summarizer(str(copy))
