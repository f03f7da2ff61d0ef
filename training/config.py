"""Training configs: YAML to plain settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BeforeValidator, Field, model_validator

from toolkit.config import StrictModel, read_overridden, validate
from toolkit.types import ConfigError, Mode

SAMPLE = "sample"
FROM_DATA = "data"
SAMPLE_CORPUS = Path(__file__).parents[1] / "toolkit" / "samples" / "corpus.jsonl"


def _as_list(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else [value]


Paths = Annotated[tuple[Path, ...], BeforeValidator(_as_list), Field(min_length=1)]


class TfidfConfig(StrictModel):
    """The TF-IDF classifier; the defaults are what cross-validation on the training data chose (see the README)."""

    kind: Literal["tfidf"] = "tfidf"
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


class TrainerConfig(StrictModel):
    """What every training with transformers' Trainer may set; it has the same names there."""

    warmup_steps: float = Field(0.1, ge=0, description="below 1: a share of all steps")
    lr_scheduler_type: Literal["linear", "cosine", "constant_with_warmup"] = "linear"
    max_grad_norm: float = Field(1.0, gt=0)
    precision: Literal["auto", "bf16", "fp32"] = Field("auto", description="auto: bf16 where the processor has it")


class BertConfig(TrainerConfig):
    """The BERT classifier. Where transformers' TrainingArguments has an option, it has the same name here."""

    kind: Literal["bert"] = "bert"
    encoder: str = Field("e5-small-zh", description="built in; or a folder, a hub id, or modelscope:ORG/NAME")
    revision: str | None = Field(None, description="commit, tag or branch of a hub id")
    task: Literal["multi-label", "single-label"] = Field("multi-label", description="single-label: exactly one each")
    max_tokens: int = Field(256, ge=16, le=8192, description="tokens in a window: the title and a stretch of the text")
    stride: int = Field(32, ge=0, description="tokens of the text that neighbouring windows share")
    max_windows: int = Field(1, ge=1, le=100, description="the most windows read of an article when labelling")
    train_windows: int = Field(1, ge=1, le=100, description="the most windows learned from; each has all labels")
    pooling: Literal["auto", "mean", "max"] = Field(
        "auto", description="over windows; auto: the held-back articles say"
    )
    tune: Literal["full", "top", "lora", "head"] = Field("lora", description="which weights of the encoder are trained")
    top_layers: int | None = Field(None, ge=1, description="for top and lora: only the last so many; None: all")
    lora_rank: int = Field(16, ge=1, le=512)
    lora_alpha: int = Field(32, ge=1, description="updates are scaled by lora_alpha / lora_rank")
    dropout: float = Field(0.1, ge=0, lt=1)
    learning_rate: float = Field(3e-4, gt=0, description="of the encoder; full and top want about 5e-5")
    head_learning_rate: float = Field(1e-3, gt=0)
    num_train_epochs: float = Field(3.0, gt=0)
    per_device_train_batch_size: int = Field(16, ge=1)
    gradient_accumulation_steps: int = Field(1, ge=1)
    weight_decay: float = Field(0.01, ge=0)
    evaluations_per_epoch: int = Field(2, ge=1, description="each also writes a checkpoint")
    early_stopping_patience: int | None = Field(
        4, ge=1, description="evaluations without a gain; None: never stop early"
    )
    stop_on: Literal["held_back", "valid"] = Field("held_back", description="whose macro-F1 picks the best checkpoint")
    class_weights: Literal["none", "balanced"] = "none"
    use_unsure: bool = Field(True, description="whether to learn from articles marked unsure")
    held_back: float = Field(
        0.15, gt=0, lt=0.9, description="share of the articles kept to calibrate and set thresholds"
    )

    @model_validator(mode="after")
    def _stride_leaves_room(self) -> "BertConfig":
        if self.stride * 2 >= self.max_tokens - 8:
            raise ValueError(f"stride {self.stride} must be less than half of max_tokens {self.max_tokens}")
        return self


class BlendConfig(StrictModel):
    """An average of the probabilities of trained models; its weights are fitted on what each had not learned from."""

    kind: Literal["blend"] = "blend"
    members: tuple[str, ...] = Field(min_length=2, max_length=8, description="built-in models or model folders")


class Seq2seqConfig(TrainerConfig):
    """A summarizer that writes. Where transformers' TrainingArguments has an option, it has the same name here."""

    kind: Literal["seq2seq"] = "seq2seq"
    pretrained: str = Field(description="an encoder-decoder: a folder, a hub id, or modelscope:ORG/NAME")
    revision: str | None = Field(None, description="commit, tag or branch of a hub id")
    modes: tuple[Mode, ...] = Field(("abstract",), min_length=1, description="what it learns to write")
    prefix: dict[Mode, str] = Field({}, description="what stands before the article; it tells two modes apart")
    max_source_tokens: int = Field(512, ge=16, description="of an article; a longer one is read in part")
    max_target_tokens: int = Field(128, ge=8)
    learning_rate: float = Field(5e-5, gt=0)
    num_train_epochs: float = Field(5.0, gt=0)
    per_device_train_batch_size: int = Field(8, ge=1)
    gradient_accumulation_steps: int = Field(2, ge=1)
    weight_decay: float = Field(0.01, ge=0)
    evaluations_per_epoch: int = Field(1, ge=1, description="each also writes a checkpoint")
    early_stopping_patience: int | None = Field(
        2, ge=1, description="evaluations without a gain in ROUGE-L; None: never stop early"
    )
    generation_num_beams: int = Field(1, ge=1, description="when the held-back articles are summarized")
    held_back: float = Field(0.05, gt=0, lt=0.9, description="share of the articles whose ROUGE-L picks the checkpoint")

    @model_validator(mode="after")
    def _modes_differ(self) -> "Seq2seqConfig":
        prefixes = [self.prefix.get(mode, "") for mode in self.modes]
        if len(set(prefixes)) < len(prefixes):
            raise ValueError("two modes need two prefixes, or the model could not tell them apart")
        if unused := set(self.prefix) - set(self.modes):
            raise ValueError(f"there is a prefix for {sorted(unused)[0]}, which is not among modes")
        return self


class PretrainConfig(StrictModel):
    """What the pointer network learns first, from many articles whose titles serve as headlines."""

    train: Paths = Field(description="articles with titles (.jsonl or .csv), one file or several")
    num_train_epochs: float = Field(1.2, gt=0)
    learning_rate: float = Field(6e-4, gt=0)
    rehearsed: float = Field(
        0.25, ge=0, description="share of the second training's articles that are headlines of these again"
    )


class PointerConfig(TrainerConfig):
    """The pointer network. Where transformers' TrainingArguments has an option, it has the same name here."""

    kind: Literal["pointer"] = "pointer"
    encoder: str = Field("e5-small-zh", description="stays as it is; or a folder, a hub id, or modelscope:ORG/NAME")
    revision: str | None = Field(None, description="commit, tag or branch of a hub id")
    layers: tuple[int, ...] = Field((8, 12), min_length=1, description="of the encoder, whose states are read")
    modes: tuple[Mode, ...] = Field(("abstract", "headline"), min_length=1, description="what it learns to write")
    pretrain: PretrainConfig | None = Field(None, description="headlines to learn first; None: nothing")
    width: int = Field(256, ge=8, description="of the network; a multiple of heads")
    heads: int = Field(4, ge=1)
    encoder_layers: int = Field(2, ge=0, description="over the words, on top of the encoder")
    decoder_layers: int = Field(3, ge=1)
    dropout: float = Field(0.15, ge=0, lt=1)
    written_words: int = Field(1000, ge=0, description="at most so many words can be written that are not copied")
    written_at_least: int = Field(5, ge=1, description="times that such a word must be written")
    max_words: int = Field(320, ge=16, description="of an article, when learning")
    learning_rate: float = Field(4e-4, gt=0)
    num_train_epochs: float = Field(6.0, gt=0)
    per_device_train_batch_size: int = Field(24, ge=1)
    gradient_accumulation_steps: int = Field(1, ge=1)
    weight_decay: float = Field(0.05, ge=0)
    evaluations_per_epoch: int = Field(1, ge=1, description="each also writes a checkpoint")
    early_stopping_patience: int | None = Field(
        3, ge=1, description="evaluations without a gain in ROUGE-L; None: never stop early"
    )
    held_back: float = Field(0.08, gt=0, lt=0.9, description="share of the articles that pick the checkpoint")

    @model_validator(mode="after")
    def _heads_divide(self) -> "PointerConfig":
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is no multiple of heads {self.heads}")
        return self


class DecisionConfig(StrictModel):
    """How thresholds and the review band are chosen: on predictions for articles that the weights had not seen."""

    folds: int = Field(5, ge=2, le=20, description="tfidf only; bert keeps back model.held_back instead")
    repeats: int = Field(3, ge=1, le=20, description="tfidf only: how often the folds are drawn anew")
    none_given_at_most: float = Field(0.10, gt=0, le=1, description="share of topic-less articles given a topic")
    kept_right_at_least: float = Field(0.98, ge=0, lt=1, description="right topic decisions outside the review band")


class TrainConfig(StrictModel):
    """Everything the training of a classifier needs. Paths are relative to where the command runs."""

    topics: Path | tuple[str, ...] = Field(
        description="the taxonomy; or a list of labels; or 'data': those found in train"
    )
    train: Paths = Field(description="labelled articles (.jsonl or .csv), one file or several; 'sample': our corpus")
    valid: Path | None = Field(None, description="labelled articles to measure on, once, at the end; None: none")
    seed: int = Field(13, ge=0)
    model: Annotated[TfidfConfig | BertConfig | BlendConfig, Field(discriminator="kind")]
    decisions: DecisionConfig = DecisionConfig()

    @property
    def train_paths(self) -> tuple[Path, ...]:
        """Return the training files, with ``sample`` resolved."""
        return _resolve(self.train)


class SummaryTrainConfig(StrictModel):
    """Everything the training of a summarizer needs; it has no topics and decides nothing."""

    train: Paths = Field(description="articles with a field abstract or headline (.jsonl or .csv), one file or several")
    valid: Path | None = Field(None, description="the same, to measure on, once, at the end; None: none")
    seed: int = Field(13, ge=0)
    model: Annotated[Seq2seqConfig | PointerConfig, Field(discriminator="kind")]

    @property
    def train_paths(self) -> tuple[Path, ...]:
        """Return the training files, with ``sample`` resolved; the sample's titles are its headlines."""
        return _resolve(self.train)


AnyTrainConfig = TrainConfig | SummaryTrainConfig
_SCHEMAS: dict[str, type[TrainConfig] | type[SummaryTrainConfig]] = {
    "tfidf": TrainConfig,
    "bert": TrainConfig,
    "blend": TrainConfig,
    "seq2seq": SummaryTrainConfig,
    "pointer": SummaryTrainConfig,
}


def load_train_config(path: Path, overrides: Sequence[str] = ()) -> AnyTrainConfig:
    """Read a training config; ``model.kind`` says which keys it has.

    Raises:
        ConfigError: a file cannot be read, or a key is unknown, missing, or has a wrong value.
    """
    content = read_overridden(path, overrides)
    model = content.get("model")
    kind = model.get("kind") if isinstance(model, dict) else None
    if kind is not None and kind not in list(_SCHEMAS):
        raise ConfigError(f"{path}: model.kind is {kind!r}; known: {', '.join(_SCHEMAS)}")
    schema = _SCHEMAS.get(str(kind), TrainConfig)
    found: AnyTrainConfig = validate(content, schema, path=str(path))
    return found


def _resolve(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(SAMPLE_CORPUS if str(path) == SAMPLE else path for path in paths)


def dump_train_config(config: AnyTrainConfig) -> str:
    """Return the config as YAML with every default filled in; ``load_train_config`` reads it."""
    return yaml.safe_dump(config.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=120)
