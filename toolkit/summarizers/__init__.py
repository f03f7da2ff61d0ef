"""Summarizers by name, all called the same way."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toolkit.config import nearest
from toolkit.summarizers.extractive import extractive
from toolkit.summarizers.headline import HEADLINE_CHARS, headline
from toolkit.summarizers.lead import lead
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
        """Whether forked processes may share it; False for one that uses all cores by itself."""
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


SUMMARIZERS: dict[str, Summarizer] = {
    "extractive": Extractive("extractive", extractive, lambda sentences: range(len(sentences))),
    "lead": Extractive("lead", lead, lambda sentences: range(len(sentences))),
    "textrank": Extractive("textrank", textrank, rank_sentences),
}

CONFIG_SUFFIXES = (".yaml", ".yml")  # a name with one is a file: see toolkit.summarizers.chat_config


def load_summarizer(name: str) -> Summarizer:
    """Return a built-in summarizer, the one that a YAML file describes, or the one in a model folder.

    Raises:
        ConfigError: there is no such summarizer and no such folder, or the YAML file has a mistake.
        DataError: the folder holds no summarizer that this version can load, or the model cannot be used.
    """
    if name in SUMMARIZERS:
        return SUMMARIZERS[name]
    if name.endswith(CONFIG_SUFFIXES):
        from toolkit.summarizers.chat import load_chat

        return load_chat(Path(name))
    folder = Path(name)
    known = ", ".join(SUMMARIZERS)
    if not folder.is_dir():
        raise ConfigError(
            f"summarizer {name!r} is neither built in nor a folder; known: {known}{nearest(name, SUMMARIZERS)}"
        )
    try:
        kind = json.loads((folder / "model.json").read_text(encoding="utf-8"))["kind"]
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{folder}: no model.json that names a kind; is it a model folder?") from None
    raise DataError(f"{folder}: a model of kind {kind!r} is no summarizer of this version; built in: {known}")
