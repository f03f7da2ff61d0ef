"""The BERT classifier: an encoder with a trained adapter and head over windows of the article.

A window's log-odds are divided by the label's temperature (Guo et al., "On Calibration of Modern Neural Networks",
2017), turned into probabilities, and pooled over the article's windows.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import expit, softmax

from toolkit.classifiers import Scored, Task
from toolkit.classifiers.attribution import strongest
from toolkit.classifiers.windows import Window, WindowCutter, WindowRule, title_of
from toolkit.decide import Thresholds, load_thresholds
from toolkit.encoders import load_recorded_encoder
from toolkit.engines import Engine, EngineName, load_engine, overlapped, run_batches
from toolkit.folders import check_files, read_model_card
from toolkit.topics import load_topics
from toolkit.types import Article, DataError, Evidence, Topic

if TYPE_CHECKING:
    from toolkit.classifiers.scorer import TokenScorer

Pooling = Literal["mean", "max"]
WEIGHTS = "weights.safetensors"
SELF = "."  # the encoder's own files lie in the model folder
_CHUNK = 64  # articles; the next ones are tokenized while these are scored


@dataclass(frozen=True)
class BertClassifier:
    """A loaded model. ``bias`` and ``temperatures`` have shape (labels,), the first in log-odds before scaling."""

    name: str
    topics: tuple[Topic, ...]
    thresholds: Thresholds
    task: Task
    cutter: WindowCutter
    engine: Engine
    pad_id: int
    bias: np.ndarray
    temperatures: np.ndarray
    pooling: Pooling
    forkable: bool = False

    @classmethod
    def load(cls, folder: Path, engine: EngineName = "auto") -> "BertClassifier":
        """Load a model folder; the encoder comes from the folder, the user's cache or the hub.

        Raises:
            DataError: a file is missing, was changed, or does not fit the others, or the encoder is another one than
                at the training.
            ConfigError: the encoder cannot be found, the engine is not installed, or a YAML file is malformed.
        """
        card = read_model_card(folder)
        check_files(folder, card, needed=WEIGHTS)
        topics = load_topics(folder / "topics.yaml")
        if [topic.key for topic in topics] != card["topics"]:
            raise DataError(f"{folder}: topics.yaml and model.json list other topics; train the model again")
        encoder_folder, encoder_digest = _encoder(folder, card)
        reading = card["reading"]
        rule = WindowRule(reading["max_tokens"], reading["stride"], reading["max_windows"])
        head = _head(folder / WEIGHTS)
        weights_digest = card["files"][WEIGHTS]
        own_tokenizer = folder / "tokenizer.json"
        tokenizer = own_tokenizer if own_tokenizer.is_file() else encoder_folder / "tokenizer.json"
        return cls(
            name=f"{folder.name}@{weights_digest[:8]}",
            topics=topics,
            thresholds=load_thresholds(folder / "thresholds.yaml", [topic.key for topic in topics]),
            task=card["task"],
            cutter=WindowCutter.load(tokenizer, rule),
            engine=load_engine(
                engine,
                partial(build_scorer, folder, encoder_folder),
                digest=hashlib.sha256(f"{weights_digest} {encoder_digest}".encode()).hexdigest(),
            ),
            pad_id=int(reading["pad_id"]),
            bias=head,
            temperatures=np.array([card["temperatures"][topic.key] for topic in topics]),
            pooling=reading["pooling"],
        )

    def score(self, articles: Sequence[Article]) -> Scored:
        """Score articles; see ``Classifier.score``."""
        windows: list[Window] = []
        outputs: list[np.ndarray] = []
        counts: list[int] = []
        truncated: list[bool] = []
        source = iter(articles)
        chunks = iter(lambda: list(islice(source, _CHUNK)), [])
        for cut in overlapped(self.cutter.cut(chunk) for chunk in chunks):
            outputs += run_batches(self.engine, [window.token_ids for window in cut.windows], pad_id=self.pad_id)
            windows += cut.windows
            counts += cut.counts
            truncated += cut.truncated
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(int)
        by_window = self.window_probabilities(outputs)
        probabilities = pool(by_window, starts, self.pooling, self.task)
        explain = partial(self._explain, articles, windows, outputs, starts, by_window)
        return Scored(probabilities, explain, np.array(counts, dtype=int), np.array(truncated, dtype=bool))

    def window_probabilities(self, outputs: Sequence[np.ndarray]) -> np.ndarray:
        """Turn the token scores of each window, (tokens, labels), into its probabilities: (windows, labels)."""
        if not outputs:
            return np.zeros((0, len(self.topics)))
        margins = np.array([scores.mean(axis=0) for scores in outputs]) + self.bias
        return to_probabilities(margins, self.temperatures, self.task)

    def _explain(
        self,
        articles: Sequence[Article],
        windows: list[Window],
        outputs: list[np.ndarray],
        starts: np.ndarray,
        by_window: np.ndarray,
        asked: np.ndarray,
    ) -> list[Evidence]:
        return [
            Evidence(self.topics[topic].key, *self._reasons(articles[row], windows, outputs, topic, which))
            for row, topic in np.argwhere(asked).tolist()
            for which in [self._speaking(by_window, topic, range(starts[row], starts[row + 1]))]
        ]

    def _speaking(self, by_window: np.ndarray, topic: int, windows: range) -> Sequence[int]:
        """Return the windows that made the article's probability: all, or the one that was largest."""
        return windows if self.pooling == "mean" else [windows[int(by_window[windows, topic].argmax())]]

    def _reasons(
        self, article: Article, windows: list[Window], outputs: list[np.ndarray], topic: int, which: Sequence[int]
    ) -> tuple[tuple[tuple[str, float], ...], str | None]:
        title = title_of(article)
        spans = [span for number in which for span in windows[number].spans]
        ends = [max((end for part, _, end in spans if part == wanted), default=0) for wanted in (0, 1)]
        shares = [np.zeros(end) for end in ends]
        for number in which:
            scores = outputs[number][:, topic]
            scale = len(scores) * float(self.temperatures[topic]) * len(which)
            for (part, begin, end), score in zip(windows[number].spans, scores.tolist(), strict=True):
                if end > begin:
                    shares[part][begin:end] += score / scale / (end - begin)
        return strongest(title, article.text, shares)


def to_probabilities(margins: np.ndarray, temperatures: np.ndarray, task: Task) -> np.ndarray:
    """Turn log-odds, (n, labels), into probabilities of the same shape; those of a single-label task add up to 1."""
    scaled = margins / temperatures
    probabilities: np.ndarray = expit(scaled) if task == "multi-label" else softmax(scaled, axis=1)
    return probabilities


def pool(by_window: np.ndarray, starts: np.ndarray, pooling: Pooling, task: Task) -> np.ndarray:
    """Pool probabilities, (windows, labels), over the windows of each article: (articles, labels).

    ``starts`` has shape (articles + 1,): article n has the windows from starts[n] up to, not including, starts[n + 1].
    """
    if len(starts) == 1:
        return np.zeros((0, by_window.shape[1]))
    if pooling == "max":
        pooled: np.ndarray = np.maximum.reduceat(by_window, starts[:-1])
        return pooled / pooled.sum(axis=1, keepdims=True) if task == "single-label" else pooled
    means: np.ndarray = np.add.reduceat(by_window, starts[:-1]) / np.diff(starts)[:, None]
    return means


def build_scorer(folder: Path, encoder_folder: Path) -> "TokenScorer":
    """Build the network of a model folder in torch, ready to score."""
    from safetensors.torch import load_file

    from toolkit.classifiers.scorer import TokenScorer, apply_weights, hidden_size
    from toolkit.encoders.loading import load_encoder_module

    weights = load_file(folder / WEIGHTS)
    encoder = load_encoder_module(encoder_folder, weights=encoder_folder != folder)
    scorer = TokenScorer(encoder, hidden_size(encoder), len(weights["head.bias"]))
    apply_weights(scorer, weights, folder / WEIGHTS)
    return scorer.eval()


def _encoder(folder: Path, card: dict[str, Any]) -> tuple[Path, str]:
    wanted = card["encoder"]
    if wanted["name"] == SELF:
        return folder, "self"
    encoder = load_recorded_encoder(wanted, folder)
    return encoder.folder, encoder.digest


def _head(path: Path) -> np.ndarray:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            bias: np.ndarray = file.get_tensor("head.bias")
    except (SafetensorError, OSError) as error:
        raise DataError(f"{path}: not a readable weights file: {error}; train the model again") from None
    return bias.astype(np.float64)
