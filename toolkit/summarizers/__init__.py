"""Summarizers by name, all called the same way."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toolkit.config import nearest
from toolkit.encoders import names_a_hub
from toolkit.folders import MODELS, built_in_folders
from toolkit.summarizers.extractive import extractive
from toolkit.summarizers.headline import HEADLINE_CHARS, headline
from toolkit.summarizers.lead import lead
from toolkit.summarizers.options import SummaryOptions
from toolkit.summarizers.select import standing_sentences
from toolkit.summarizers.textrank import rank_sentences, textrank
from toolkit.types import Article, ConfigError, DataError, Mode, Summary


class Summarizer(Protocol):
    """Articles in, one summary each out, in the same order."""

    @property
    def name(self) -> str:
        """What ``summary_method`` will say."""
        ...

    @property
    def forkable(self) -> bool:
        """Whether forked processes may share it; a model that runs threads of its own may not be forked."""
        ...

    def summarize(self, articles: Sequence[Article], *, mode: Mode, max_chars: int) -> list[Summary]:
        """Summarize each article in at most ``max_chars`` characters.

        ``abstract`` gives whole sentences; ``headline`` gives one line of at most 30 characters with no full stop.
        An article without text gives an empty summary with the flag ``empty_text``.
        """
        ...


@dataclass(frozen=True, slots=True)
class Extractive:
    """A summarizer that copies sentences: ``abstract`` makes the summary, ``rank`` picks the headline's sentence."""

    name: str
    abstract: Callable[..., Summary]
    rank: Callable[[Sequence[str]], Sequence[int]]
    forkable: bool = True

    def summarize(self, articles: Sequence[Article], *, mode: Mode, max_chars: int) -> list[Summary]:
        """See ``Summarizer.summarize``."""
        if mode == "headline":
            return [self._headline(article, min(max_chars, HEADLINE_CHARS)) for article in articles]
        return [self.abstract(article, max_chars=max_chars) for article in articles]

    def _headline(self, article: Article, max_chars: int) -> Summary:
        sentences = standing_sentences(article)
        line, was_cut = headline(article, sentences, self.rank(sentences), max_chars=max_chars)
        flags = ("empty_text",) if not line else ("cut",) if was_cut else ()
        return Summary(line, self.name, flags)


_DEFAULTS = SummaryOptions()
CONFIG_SUFFIXES = (".yaml", ".yml")  # a name with one is a file: see toolkit.summarizers.chat_config

SUMMARIZERS: dict[str, Summarizer] = {
    "extractive": Extractive("extractive", extractive, lambda sentences: range(len(sentences))),
    "lead": Extractive("lead", lead, lambda sentences: range(len(sentences))),
    "textrank": Extractive("textrank", textrank, rank_sentences),
}


def built_in_summarizers() -> list[str]:
    """Return the names of the summarizers that ship with the package: the trained ones first."""
    trained = [folder.name for folder in built_in_folders() if _kind(folder) in LOADERS]
    return [*trained, *SUMMARIZERS]


def load_summarizer(name: str, *, options: SummaryOptions = _DEFAULTS) -> Summarizer:
    """Return a built-in summarizer, the one in a folder or of a hub, or the one that a YAML file describes.

    Args:
        name: a built-in one; a model folder of ``wenzhai train``, or any Hugging Face folder of an encoder-decoder;
            ``org/name`` on the Hugging Face hub; ``modelscope:ORG/NAME``; or a language model's YAML file.
        options: how a model writes; the built-in ones, which copy, take no notice of it.

    Raises:
        ConfigError: there is no such summarizer, it cannot be had from its hub, or the engine does not run it so.
        DataError: the folder holds no summarizer that this version can load.
    """
    if options.engine == "ctranslate2":
        _check_ctranslate2(name, options)
    if name in SUMMARIZERS:
        return SUMMARIZERS[name]
    if name in built_in_summarizers():
        return LOADERS[_kind(MODELS / name)](MODELS / name, options)
    if name.endswith(CONFIG_SUFFIXES):
        from toolkit.summarizers.chat import load_chat

        return load_chat(Path(name))
    folder = Path(name)
    if names_a_hub(name) or _is_plain(folder):
        return _load_seq2seq(name, options)
    if not folder.is_dir():
        known = built_in_summarizers()
        raise ConfigError(
            f"summarizer {name!r} is neither built in, nor a folder, nor org/name on a hub; built in: "
            f"{', '.join(known)}{nearest(name, known)}"
        )
    kind = _kind(folder)
    if kind not in LOADERS:
        raise DataError(
            f"{folder}: a model of kind {kind!r} is no summarizer of this version; known kinds: {', '.join(LOADERS)}"
        )
    return LOADERS[kind](folder, options)


def is_summarizer(name: str) -> bool:
    """Say whether a name is that of a built-in summarizer, a folder with one, or a YAML file; no name of a hub is."""
    folder = Path(name)
    if name in built_in_summarizers() or name.endswith(CONFIG_SUFFIXES) or _is_plain(folder):
        return True
    return (folder / "model.json").is_file() and _kind(folder) in LOADERS


def _check_ctranslate2(name: str, options: SummaryOptions) -> None:
    """Refuse before anything is downloaded or loaded. A name of which nothing is known here passes."""
    from toolkit.summarizers.ctranslate2_search import require_ctranslate2

    folder = MODELS / name if name in built_in_summarizers() else Path(name)
    is_other_model = (folder / "model.json").is_file() and _kind(folder) != "seq2seq"
    if name in SUMMARIZERS or name.endswith(CONFIG_SUFFIXES) or is_other_model:
        raise ConfigError(
            f"engine ctranslate2 runs encoder-decoders of Hugging Face, and {name} is none of them; leave --engine away"
        )
    require_ctranslate2(free=options.free)


def _is_plain(folder: Path) -> bool:
    return (folder / "config.json").is_file() and not (folder / "model.json").is_file()


def _kind(folder: Path) -> str:
    try:
        return str(json.loads((folder / "model.json").read_text(encoding="utf-8"))["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{folder}: no model.json that names a kind; is it a model folder?") from None


def _load_seq2seq(name: str, options: SummaryOptions) -> Summarizer:
    from toolkit.summarizers.transformer import load_seq2seq

    return load_seq2seq(name, options)


def _load_trained_seq2seq(folder: Path, options: SummaryOptions) -> Summarizer:
    from toolkit.summarizers.transformer import load_trained

    return load_trained(folder, options)


def _load_pointer(folder: Path, options: SummaryOptions) -> Summarizer:
    from toolkit.summarizers.pointer.summarizer import PointerSummarizer

    return PointerSummarizer.load(folder, options)


# The kinds of model folders, as their model.json names them.
LOADERS: dict[str, Callable[[Path, SummaryOptions], Summarizer]] = {
    "seq2seq": _load_trained_seq2seq,
    "pointer": _load_pointer,
}
