"""Summarizers that ask a language model, each answer checked: behind a server on this machine, or in this process."""

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.summarizers.chat_config import ChatModelConfig, ChatServerConfig, load_chat_config
from toolkit.summarizers.chat_http import Endpoint, find_endpoint, post_json
from toolkit.summarizers.checked import Candidate, choose_checked, whole_text
from toolkit.summarizers.prompts import prompt, read_answer
from toolkit.types import Article, ConfigError, DataError, Mode, Summary

if TYPE_CHECKING:
    from toolkit.summarizers import Summarizer

_SOURCE_CHARS = 3000  # a server's context may be 4,096 tokens, and the rest of news is hardly ever in a summary
_MOST_TOKENS = 2048  # of an answer, with room for models that think first


@dataclass(frozen=True, slots=True)
class ChatServer:
    """A model behind an OpenAI-compatible server, asked for one article after another.

    It reads the first 3,000 characters of a text. An answer without a faultless candidate gives the summary of
    ``extractive``; a server that cannot be reached, or breaks the protocol, stops the run.
    """

    name: str
    endpoint: Endpoint
    model: str
    candidates: int
    temperature: float
    forkable: bool = True

    def summarize(self, articles: Sequence[Article], *, mode: Mode, max_chars: int) -> list[Summary]:
        """See ``Summarizer.summarize``.

        Raises:
            ConfigError: the server cannot be reached, or refuses the address, the model or the key.
            DataError: it answers too late, too much, with an error of its own, or with something else than choices.
        """

        def write(asked: Sequence[Article]) -> Iterable[list[Candidate]]:
            return (self._candidates(article, mode, max_chars) for article in asked)

        return write_checked(articles, write, mode=mode, max_chars=max_chars, method=self.name)

    def _candidates(self, article: Article, mode: Mode, max_chars: int) -> list[Candidate]:
        message = prompt(article, mode=mode, max_chars=max_chars, reads=len, most=_SOURCE_CHARS)
        content: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "user", "content": message}],
            "temperature": self.temperature,
            "max_tokens": _MOST_TOKENS,
            "stream": False,
        }
        if self.candidates > 1:
            content |= {"n": self.candidates, "logprobs": True}
        choices = self._choices(post_json(self.endpoint, content))
        texts = [read_answer(_text(choice), mode=mode) for choice in choices]
        return list(map(Candidate, texts, _scores(choices)))

    def _choices(self, answer: object) -> list[dict[str, Any]]:
        choices = answer.get("choices") if isinstance(answer, dict) else None
        if not isinstance(choices, list) or not all(
            isinstance(choice, dict) and isinstance(choice.get("message"), dict) for choice in choices
        ):
            raise DataError(
                f"{self.endpoint}: the answer has no choices with messages; is it an OpenAI-compatible server?"
            )
        return choices[: self.candidates]


def _text(choice: dict[str, Any]) -> str:
    text = choice["message"].get("content")
    return text if isinstance(text, str) else ""  # null where a model only thought, or called a tool


def _scores(choices: Sequence[dict[str, Any]]) -> list[float]:
    """Return the mean log-probability of each answer; minus its rank where the server does not tell that of all."""
    known = [score for score in map(_mean_log_probability, choices) if score is not None]
    return known if len(known) == len(choices) else [-float(rank) for rank in range(len(choices))]


def _mean_log_probability(choice: dict[str, Any]) -> float | None:
    try:
        values = [float(token["logprob"]) for token in choice["logprobs"]["content"]]
    except (KeyError, TypeError, ValueError):
        return None
    return sum(values) / len(values) if values and all(map(math.isfinite, values)) else None


def write_checked(
    articles: Sequence[Article],
    write: Callable[[Sequence[Article]], Iterable[list[Candidate]]],
    *,
    mode: Mode,
    max_chars: int,
    method: str,
) -> list[Summary]:
    """Return a checked summary of each article; ``write`` gives candidates for those that are not their own summary."""
    settled = [_settled(article, mode, max_chars) for article in articles]
    asked = [article for article, summary in zip(articles, settled, strict=True) if summary is None]
    written = (
        choose_checked(article, candidates, mode=mode, max_chars=max_chars, method=method)
        for article, candidates in zip(asked, write(asked), strict=True)
    )
    return [next(written) if summary is None else summary for summary in settled]


def _settled(article: Article, mode: Mode, max_chars: int) -> Summary | None:
    whole = whole_text(article, max_chars=max_chars)
    # A short text is its own abstract, but no headline.
    return None if whole is not None and whole.text and mode == "headline" else whole


def load_chat(path: Path) -> "Summarizer":
    """Load the summarizer that a YAML file describes; see ``toolkit.summarizers.chat_config``. No server is asked yet.

    Raises:
        ConfigError: the file has a mistake, its address is not allowed, the key or the model is missing.
        DataError: the model is there and cannot be used.
    """
    match load_chat_config(path):
        case ChatServerConfig() as config:
            try:
                return _load_server(config)
            except ConfigError as error:
                raise ConfigError(f"{path}: {error}") from None
        case ChatModelConfig(model=model, revision=revision, max_source_tokens=max_source_tokens, num_beams=num_beams):
            from toolkit.summarizers.chat_model import ChatModel

            return ChatModel.load(model, revision=revision, max_source_tokens=max_source_tokens, num_beams=num_beams)


def _load_server(config: ChatServerConfig) -> ChatServer:
    endpoint = find_endpoint(
        config.base_url,
        "/chat/completions",
        allow_remote=config.allow_remote,
        timeout_seconds=config.timeout_seconds,
        key=_key(config.api_key_env),
    )
    return ChatServer(f"chat-server:{config.model}", endpoint, config.model, config.candidates, config.temperature)


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    # Neither is shown: the library that sends it would quote a key with a line break in its error.
    if not key or not key.isascii() or not key.isprintable():
        found = "holds what is no key" if key else "is not set"
        raise ConfigError(f"the environment variable that api_key_env names {found}; set it to the server's key")
    return key
