"""What may be chosen of a summarizer that writes; those that copy take no notice of it."""

from dataclasses import dataclass
from typing import Literal

SummaryEngine = Literal["auto", "ctranslate2"]


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """How a model writes.

    ``num_beams`` is how many candidates are sought side by side; None: as many as the model's own settings say, or 4.
    ``free`` lets it use words, numbers and names that the article does not have; what it writes is checked all the
    same. ``revision`` is a branch, tag or commit of a hub model; None: its main branch. ``engine`` is what runs an
    encoder-decoder: ``auto`` is torch, ``ctranslate2`` needs the extra of that name, and ``free``.
    """

    num_beams: int | None = None
    free: bool = False
    revision: str | None = None
    engine: SummaryEngine = "auto"
