"""The YAML of a summarizer that asks a language model."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from toolkit.config import StrictModel, read_yaml, validate
from toolkit.types import ConfigError

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*", re.ASCII)


class ChatServerConfig(StrictModel):
    """A model behind an OpenAI-compatible server."""

    kind: Literal["chat-server"] = "chat-server"
    base_url: str = Field(description="such as http://127.0.0.1:8080/v1; asked is base_url/chat/completions")
    model: str = Field(min_length=1, description="the model's name at the server")
    api_key_env: str | None = Field(None, description="the NAME of the environment variable that holds the key")
    timeout_seconds: float = Field(120.0, gt=0, le=3600, description="for one answer")
    candidates: int = Field(1, ge=1, le=16, description="answers asked of the server for each article")
    temperature: float = Field(0.0, ge=0, le=2, validate_default=True)
    allow_remote: bool = Field(False, description="whether articles may leave this machine")

    @field_validator("temperature")
    @classmethod
    def _candidates_differ(cls, temperature: float, info: ValidationInfo) -> float:
        if temperature == 0 and info.data.get("candidates", 1) > 1:
            raise ValueError("more than one of candidates needs it above 0, or all are the same")
        return temperature


class ChatModelConfig(StrictModel):
    """A Hugging Face causal model with a chat template, run in this process."""

    kind: Literal["chat-model"] = "chat-model"
    model: str = Field(min_length=1, description="a folder, a hub id, or modelscope:ORG/NAME")
    revision: str | None = Field(None, description="commit, tag or branch of a hub id")
    max_source_tokens: int = Field(1024, ge=32, le=32768, description="of the article; the prompt takes 300 more")
    num_beams: int = Field(4, ge=1, le=16, description="each gives a candidate")


def load_chat_config(path: Path) -> ChatServerConfig | ChatModelConfig:
    """Read the YAML of either kind.

    Raises:
        ConfigError: see ``toolkit.config.load_config``; or ``api_key_env`` is no name of a variable.
    """
    content = read_yaml(path)
    # Told before the schema is checked, as messages about values show them.
    name = content.get("api_key_env")
    if name is not None and not (isinstance(name, str) and _VARIABLE.fullmatch(name)):
        raise ConfigError(
            f"{path}: api_key_env is not the name of an environment variable; write a name in capitals, such as "
            "LLM_API_KEY, and put the key itself into that variable, never into this file"
        )
    match content.get("kind"):
        case "chat-server":
            return validate(content, ChatServerConfig, path=str(path))
        case "chat-model":
            return validate(content, ChatModelConfig, path=str(path))
        case kind:
            raise ConfigError(f"{path}: kind is {kind!r}; known: chat-server, chat-model")
