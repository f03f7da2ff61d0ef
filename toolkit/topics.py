"""The taxonomy: which topics there are, what they are called and what they mean."""

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from toolkit.config import StrictModel, nearest, read_yaml, validate
from toolkit.types import ConfigError, DataError, Topic

_KEY = re.compile(r"[\w-]+")


class _TopicEntry(StrictModel):
    zh: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    keywords: tuple[str, ...] = ()


def load_topics(path: Path) -> tuple[Topic, ...]:
    """Read a taxonomy; the order of the file is the order of topics everywhere.

    Raises:
        ConfigError: the file cannot be read, holds no topic, or an entry is incomplete.
    """
    content = read_yaml(path)
    if not content:
        raise ConfigError(f"{path}: no topics; write one entry per topic: key: {{zh: ..., definition: ...}}")
    topics = []
    for key, value in content.items():
        if not _KEY.fullmatch(key):
            raise ConfigError(f"{path}: topic key {key!r} must be one word of letters, digits, _ and -")
        entry = validate(value, _TopicEntry, path=f"{path}: {key}")
        topics.append(Topic(key, entry.zh, " ".join(entry.definition.split()), entry.keywords))
    if len({topic.zh for topic in topics}) < len(topics):
        raise ConfigError(f"{path}: two topics have the same zh name")
    return tuple(topics)


def label_topics(labels: Sequence[str]) -> tuple[Topic, ...]:
    """Return a taxonomy of bare labels, which are their own names and definitions.

    Raises:
        ConfigError: there are fewer than two, one stands twice, or one is not one word.
    """
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise ConfigError(f"labels {', '.join(labels) or '(none)'}: there must be two or more, each once")
    for label in labels:
        if not _KEY.fullmatch(label):
            raise ConfigError(f"label {label!r} must be one word of letters, digits, _ and -")
    return tuple(Topic(label, label, label, ()) for label in labels)


def dump_topics(topics: Sequence[Topic]) -> str:
    """Return the taxonomy as YAML that ``load_topics`` reads."""
    import yaml

    content = {t.key: {"zh": t.zh, "definition": t.definition, "keywords": list(t.keywords)} for t in topics}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def topic_keys(given: Sequence[str], topics: Sequence[Topic], *, source: str) -> tuple[str, ...]:
    """Turn the topics that a person gave (keys or Chinese names) into keys, in taxonomy order.

    Raises:
        DataError: a topic is not in the taxonomy.
    """
    names = {topic.zh: topic.key for topic in topics} | {topic.key: topic.key for topic in topics}
    for name in given:
        if name not in names:
            known = ", ".join(topic.key for topic in topics)
            raise DataError(f"{source}: topic {name!r} is not in the taxonomy; known: {known}{nearest(name, names)}")
    found = {names[name] for name in given}
    return tuple(topic.key for topic in topics if topic.key in found)
