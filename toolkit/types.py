"""The values that travel through the toolkit: articles in, results out. They hold data and open no files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Decision = Literal["labelled", "none", "review"]
Kind = Literal["article", "photo"]
Mode = Literal["abstract", "headline"]


class ToolkitError(Exception):
    """A mistake that the user can mend: the command line prints its message and ends with ``exit_code``."""

    exit_code = 1


class ConfigError(ToolkitError):
    """A wrong option, config file or taxonomy."""

    exit_code = 2


class DataError(ToolkitError):
    """A model folder or a labelled file that cannot be used."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Credit:
    """One entry of a byline: a role (记者, 实习生, 通讯员, 摄影, ...) and the people named under it."""

    role: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was read.

    Paragraphs of ``text`` are separated by one newline. None means that the source does not say; ``order`` counts the
    articles of a printed page from 1; ``topics`` were given by a person (empty = none of them, None = not labelled).
    """

    id: str
    title: str
    text: str
    source: str  # the path it was read from; "#3" marks its third article or record
    subtitle: str | None = None
    kicker: str | None = None
    byline: tuple[Credit, ...] = ()
    dateline: str | None = None
    kind: Kind = "article"
    order: int | None = None
    published: str | None = None
    topics: tuple[str, ...] | None = None
    unsure: bool | None = None  # a careful colleague could have given other topics
    flags: tuple[str, ...] = ()  # what the reader noticed: no_headline, no_byline, duplicate_id, ...
    extra: Mapping[str, object] = field(default_factory=dict)  # the input's other fields, untouched


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the taxonomy: ``key`` in data, ``zh`` on screen."""

    key: str
    zh: str
    definition: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a topic was given: the words that spoke most for it and a sentence that holds them.

    A contribution is the word's share of the topic's log-odds; ``sentence`` is None where no sentence holds the words.
    """

    topic: str
    words: tuple[tuple[str, float], ...]
    sentence: str | None


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a classifier says of one article. ``scores`` holds the probability of every topic, in taxonomy order.

    ``windows`` and ``truncated`` say in how many pieces a transformer read it, and whether it left some of it unread;
    None for other models.
    """

    topics: tuple[str, ...]
    decision: Decision
    scores: Mapping[str, float]
    evidence: tuple[Evidence, ...] = ()
    model: str = ""
    windows: int | None = None
    truncated: bool | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """The sentence of the article that the clause ``summary[start:end]`` rests on.

    ``sentence`` is None where none shares enough with the clause.
    """

    start: int
    end: int
    sentence: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary and how it was made.

    ``flags`` say what a reader should know of it (empty_text, cut, ...). ``support`` has one entry for each clause,
    none where whole sentences were copied, which are their own support.
    """

    text: str
    method: str
    flags: tuple[str, ...] = ()
    support: tuple[Support, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """An article with what was found; None where that step was not asked for."""

    article: Article
    prediction: Prediction | None = None
    summary: Summary | None = None
    headline: Summary | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """An input that could not be used. ``raw`` is its beginning where the source cannot be read again."""

    source: str
    reason: str
    raw: str | None = None
