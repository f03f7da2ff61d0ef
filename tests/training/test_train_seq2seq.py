import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_seq2seq import save_tiny_seq2seq

from toolkit.summarizers import load_summarizer
from toolkit.summarizers.options import SummaryOptions
from toolkit.text import sentences
from toolkit.types import ConfigError, DataError
from training.config import dump_train_config, load_train_config
from training.train import train

CORPUS = Path(__file__).parents[2] / "toolkit/samples/corpus.jsonl"
ROWS = [
    {
        "id": row["id"],
        "title": row["title"],
        "text": row["text"],
        "abstract": sentences(row["text"])[0],
        "headline": row["title"],
    }
    for row in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines()[:12])
]
REPRINT = ROWS[0] | {"id": "again"}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Twelve articles to learn from and, for validation, a reprint of the first."""
    folder = tmp_path_factory.mktemp("data")
    for name, rows in {"train": ROWS, "valid": [REPRINT]}.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory):
    texts = [row["text"] + row["abstract"] for row in ROWS]
    return save_tiny_seq2seq("t5", tmp_path_factory.mktemp("pretrained") / "tiny", [*texts, "摘要标题"])


@pytest.fixture(scope="module")
def config(data, pretrained, root):
    model = {"pretrained": pretrained, "learning_rate": 1e-2, "num_train_epochs": 3, "max_source_tokens": 64}
    model |= {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "max_target_tokens": 16}
    model |= {"held_back": 0.2, "early_stopping_patience": "null"}
    overrides = [f"model.{name}={value}" for name, value in model.items()]
    overrides += [f"train={data / 'train.jsonl'}", f"valid={data / 'valid.jsonl'}"]
    return load_train_config(root / "configs/train/seq2seq.yaml", overrides)


@pytest.fixture(scope="module")
def trained(config, tmp_path_factory):
    """A model folder, and what was said."""
    folder, said = tmp_path_factory.mktemp("models") / "writer", []
    train(config, folder, say=said.append)
    return folder, said


def change(config, **model):
    return config.model_copy(update={"model": config.model.model_copy(update=model)})


def weights(folder):
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def same(first, second):
    return all(torch.equal(values, weights(second)[name]) for name, values in weights(first).items())


def test_a_summarizer_folder_explains_itself(trained, config):
    folder, _ = trained
    names = {path.name for path in folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "wenzhai.json", "train.yaml", "report.json"} <= names
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    assert (card["kind"], card["modes"], card["seed"]) == ("seq2seq", ["abstract"], 13)
    assert card["pretrained"]["name"] == config.model.pretrained
    assert load_train_config(folder / "train.yaml") == config
    assert "Learned from 11 of mode abstract" in (folder / "README.md").read_text(encoding="utf-8")
    assert not folder.with_name("writer.checkpoints").exists()


def test_reprints_of_validation_articles_are_not_learned_from(trained):
    _, said = trained
    assert said[0].startswith("11 summaries to learn from (1 left out: they stand in ")


def test_the_weights_learn(trained, pretrained):
    assert not same(trained[0], pretrained)


def test_progress_is_said_in_rouge(trained):
    _, said = trained
    told = [line.partition(":")[0] for line in said if line.startswith("step ")]
    assert told == ["step 2/9", "step 4/9", "step 6/9", "step 8/9", "step 9/9"]


def test_a_trained_folder_summarizes(trained, article):
    found = load_summarizer(str(trained[0])).summarize([article(ROWS[0]["text"])], mode="abstract", max_chars=60)
    assert found[0].text.endswith("。")


def test_a_trained_folder_reads_at_most_what_it_learned_with(trained):
    summarizer = load_summarizer(str(trained[0]))
    assert summarizer._reader.max_tokens == 64
    assert summarizer._limits("abstract", 120)["max_new_tokens"] == 16


def test_a_trained_folder_can_be_evaluated(trained, data):
    command = [sys.executable, "-m", "toolkit.cli", "evaluate", str(trained[0]), str(data / "valid.jsonl")]
    done = subprocess.run([*command, "--mode", "abstract"], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("summarizer writer@")


def test_a_file_that_was_changed_after_training_is_refused(trained, tmp_path):
    folder = shutil.copytree(trained[0], tmp_path / "copy")
    (folder / "wenzhai.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="wenzhai.json: changed after training"):
        load_summarizer(str(folder))


def test_the_same_seed_gives_the_same_model(trained, config, tmp_path):
    train(config, tmp_path / "again")
    assert same(trained[0], tmp_path / "again")


class _Killed(Exception):
    pass


def test_a_killed_training_goes_on_from_its_last_checkpoint(trained, config, tmp_path):
    folder, said = tmp_path / "model", []

    def die_at_the_second_evaluation(line):
        said.append(line)
        if sum("on what was held back" in earlier for earlier in said) == 2:
            raise _Killed

    with pytest.raises(_Killed):
        train(config, folder, say=die_at_the_second_evaluation)
    assert not folder.exists()
    with pytest.raises(ConfigError, match="--resume"):
        train(config, folder)
    with pytest.raises(ConfigError, match="other settings"):
        train(config.model_copy(update={"seed": 7}), folder, resume=True)
    again = []
    train(config, folder, say=again.append, resume=True)
    assert "going on from checkpoint-2" in again
    assert sum("on what was held back" in line for line in again) == 4
    assert same(trained[0], folder)


def test_one_model_learns_two_modes_by_their_prefixes(config, tmp_path, article):
    prefix = {"abstract": "摘要：", "headline": "标题："}
    train(change(config, modes=("abstract", "headline"), prefix=prefix, num_train_epochs=1.0), tmp_path / "both")
    card = json.loads((tmp_path / "both/model.json").read_text(encoding="utf-8"))
    assert card["data"]["per_mode"] == {"abstract": 11, "headline": 11}
    assert set(json.loads((tmp_path / "both/report.json").read_text(encoding="utf-8"))) == {"abstract", "headline"}
    summarizer = load_summarizer(str(tmp_path / "both"), options=SummaryOptions(num_beams=2))
    source = summarizer._reader.read(article(ROWS[0]["text"]), "headline")
    assert summarizer._pieces.join(source.input_ids).strip().startswith("标题:")


@pytest.mark.parametrize("family", ["bart", "encoder-decoder"])
def test_other_families_learn_too(config, tmp_path, family):
    folder = save_tiny_seq2seq(family, tmp_path / family, [row["text"] for row in ROWS])
    train(change(config, pretrained=str(folder), num_train_epochs=1.0), tmp_path / "model")
    assert not same(tmp_path / "model", folder)


def test_two_processes_train_one_model(config, tmp_path, root):
    path = tmp_path / "train.yaml"
    path.write_text(dump_train_config(change(config, num_train_epochs=1.0)), encoding="utf-8")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launch, "--module", "toolkit.cli", "train", str(path), "-o", str(tmp_path / "model")]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("wrote ") == 1


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("topics=data", "topics is unknown; known: model, seed, train, valid"),
        ("decisions.folds=3", "decisions is unknown"),
        ("model.encoder=x", "model.encoder is unknown; known: early_stopping_patience"),
        ("model.modes=[abstract, headline]", "two modes need two prefixes"),
        ("model.prefix={headline: x}", "there is a prefix for headline, which is not among modes"),
    ],
)
def test_a_mistake_in_a_summarizer_s_config_is_named(root, override, message):
    with pytest.raises(ConfigError, match=message):
        load_train_config(root / "configs/train/seq2seq.yaml", [override])


def test_a_row_without_the_summary_is_named(config, tmp_path, write_jsonl):
    path = write_jsonl([{"id": "a", "title": "", "text": "市水利局增设监测点。"}])
    with pytest.raises(DataError, match="no reference summary; a field of the name abstract"):
        train(config.model_copy(update={"train": (path,)}), tmp_path / "model")


def test_one_article_alone_is_too_few(config, tmp_path, write_jsonl):
    path = write_jsonl([ROWS[3]])
    with pytest.raises(DataError, match="1 different articles to learn from; at least two"):
        train(config.model_copy(update={"train": (path,)}), tmp_path / "model")


def test_more_tokens_than_the_model_has_positions_are_refused(config, tmp_path):
    folder = save_tiny_seq2seq("bart", tmp_path / "bart", [ROWS[0]["text"]])
    with pytest.raises(ConfigError, match="model.max_source_tokens is 300; the model's encoder has 256 positions"):
        train(change(config, pretrained=str(folder), max_source_tokens=300), tmp_path / "model")
