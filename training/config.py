"""Training configs: YAML to plain settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BeforeValidator, Field

from toolkit.config import StrictModel, load_config

SAMPLE = "sample"
SAMPLE_CORPUS = Path(__file__).parents[1] / "toolkit" / "samples" / "corpus.jsonl"


def _as_list(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else [value]


Paths = Annotated[tuple[Path, ...], BeforeValidator(_as_list), Field(min_length=1)]


class TfidfConfig(StrictModel):
    """The TF-IDF classifier; the defaults are what cross-validation on the training data chose (see the README)."""

    kind: Literal["tfidf"]
    segmenter: Literal["rjieba", "jieba"] = Field("rjieba", description="both cut alike; rjieba is the fast one")
    dictionary: Path | None = Field(None, description="the newsroom's words, in jieba's format; copied into the model")
    word_ngrams: int = Field(2, ge=0, le=2, description="0: no words; 1: words; 2: words and pairs of words")
    char_ngrams: int = Field(2, ge=0, le=2, description="0: no characters; 1: characters; 2: and pairs of them")
    word_weight: float = Field(0.7, gt=0, le=10, description="weight of the words beside the characters' 1")
    title_weight: int = Field(3, ge=1, le=10, description="how often the title counts")
    lead_chars: int = Field(300, ge=0, description="how many characters of the text are read")
    min_df: int = Field(2, ge=1, description="terms in fewer articles are dropped")
    c: float = Field(1.0, gt=0, description="LinearSVC's C: larger fits the training data more closely")
    use_unsure: bool = Field(False, description="whether to learn from articles marked unsure")


class DecisionConfig(StrictModel):
    """How thresholds and the review band are chosen, on out-of-fold predictions of the training data."""

    folds: int = Field(5, ge=2, le=20)
    repeats: int = Field(3, ge=1, le=20, description="how often the folds are drawn anew")
    none_given_at_most: float = Field(0.10, gt=0, le=1, description="share of topic-less articles given a topic")
    kept_right_at_least: float = Field(0.98, ge=0, lt=1, description="right topic decisions outside the review band")


class TrainConfig(StrictModel):
    """Everything a training needs. Paths are relative to where the command runs."""

    topics: Path = Field(description="the taxonomy")
    train: Paths = Field(description="labelled articles (.jsonl or .csv), one file or several; 'sample': our corpus")
    valid: Path | None = Field(None, description="labelled articles to measure on, once, at the end; None: none")
    seed: int = Field(13, ge=0)
    model: TfidfConfig = Field(description="which model, told apart by kind")
    decisions: DecisionConfig = DecisionConfig()

    @property
    def train_paths(self) -> tuple[Path, ...]:
        """Return the training files, with ``sample`` resolved."""
        return tuple(SAMPLE_CORPUS if str(path) == SAMPLE else path for path in self.train)


def load_train_config(path: Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read a training config.

    Raises:
        ConfigError: see ``toolkit.config.load_config``.
    """
    return load_config(path, TrainConfig, overrides)


def dump_train_config(config: TrainConfig) -> str:
    """Return the config as YAML with every default filled in; ``load_train_config`` reads it."""
    return yaml.safe_dump(config.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=120)
