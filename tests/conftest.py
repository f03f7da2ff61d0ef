import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tiny_bert import save_tiny_bert

from toolkit.topics import load_topics
from toolkit.types import Article, Topic
from training.config import TrainConfig, load_train_config
from training.train import train

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data (../shared/data) is not beside the project")
    return folder


@pytest.fixture(scope="session")
def topics() -> tuple[Topic, ...]:
    return load_topics(ROOT / "configs/topics/local-news.yaml")


@pytest.fixture(scope="session")
def corpus() -> list[dict]:
    lines = (ROOT / "toolkit/samples/corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def article() -> Callable[..., Article]:
    def make(text: str, title: str = "", **fields: object) -> Article:
        return Article(id="a", title=title, text=text, source="test", **fields)

    return make


@pytest.fixture
def write_jsonl(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Iterable[dict], name: str = "articles.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def tiny_config() -> TrainConfig:
    """The default config with fewer folds: the sample corpus trains in about a second."""
    return load_train_config(ROOT / "configs/train/tfidf.yaml", ["decisions.folds=3", "decisions.repeats=1"])


@pytest.fixture(scope="session")
def tiny_model(tiny_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder trained on the sample corpus. Tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    train(tiny_config, folder)
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(corpus: list[dict], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random encoder that knows the characters of the sample corpus."""
    text = "".join(sorted({char for row in corpus for char in row["title"] + row["text"] if not char.isspace()}))
    return save_tiny_bert(tmp_path_factory.mktemp("encoders") / "tiny", seed=1, text=text)


@pytest.fixture(scope="session")
def tiny_bert_config(tiny_encoder: Path) -> TrainConfig:
    """A training of seconds: 48 tokens an article, the whole of the tiny encoder."""
    model = {"encoder": tiny_encoder, "tune": "full", "learning_rate": 3e-3, "max_tokens": 48, "stride": 8}
    model |= {"num_train_epochs": 4, "held_back": 0.3, "evaluations_per_epoch": 1, "max_windows": 2}
    overrides = [f"model.{name}={value}" for name, value in model.items()]
    return load_train_config(ROOT / "configs/train/bert.yaml", overrides)


@pytest.fixture(scope="session")
def tiny_bert(tiny_bert_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT model folder trained on the sample corpus. Tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    train(tiny_bert_config, folder)
    return folder


@pytest.fixture(autouse=True, scope="session")
def private_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterable[None]:
    """Keep the cache of the tests apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
