"""What the checks report."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "number",
    "date",
    "money",
    "percentage",
    "quote",
    "title",
    "latin",
    "person",
    "place",
    "organisation",
    "negation",
    "moved_number",
    "hedge",
    "joined_names",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a summary that the article does not bear out: ``text`` stands at ``summary[start:end]``."""

    kind: Kind
    text: str
    start: int
    end: int
