"""The unfinished summaries of a search, and what they go on with."""

from dataclasses import dataclass, fields

import torch

NEVER = -1e9


@dataclass(slots=True)
class Next:
    """What drafts go on with: ``beams`` is the number of the draft before, within its search; (searches, beams) each.

    A score below ``NEVER / 2`` is of none.
    """

    beams: torch.Tensor
    items: torch.Tensor
    scores: torch.Tensor

    def in_place(self) -> "Next":
        """Put as many as can be where the draft stands that they go on from: only the others' past has to move."""
        at = torch.arange(self.scores.shape[1])
        alive = self.scores > NEVER / 2
        earlier = (self.beams[:, :, None] == self.beams[:, None]) & alive[:, None] & (at < at[:, None])
        stays = alive & ~earlier.any(2)
        used = (stays[:, :, None] & (self.beams[:, :, None] == at)).any(1)
        # Those that stay, by their places, and then the others; likewise the places that are used and then the others.
        order = torch.where(stays, self.beams, len(at) + at).argsort(1)
        places = torch.where(used, at, len(at) + at).argsort(1)
        order = order.gather(1, places.argsort(1))
        alive, beams = alive.gather(1, order), self.beams.gather(1, order)
        return Next(torch.where(alive, beams, at), self.items.gather(1, order), self.scores.gather(1, order))


@dataclass(slots=True)
class Drafts:
    """Each article has searches x beams rows. Those of a score below ``NEVER / 2`` are left out."""

    items: torch.Tensor  # (articles, rows of one, steps), the start mark first
    scores: torch.Tensor  # (articles, rows of one)
    used: torch.Tensor  # (articles, rows of one) characters
    last: torch.Tensor  # (articles, rows of one) position of the word copied last, -1: none
    taken: torch.Tensor  # (articles, rows of one, words) True for a copied word

    @classmethod
    def start(cls, articles: int, words: int, *, searches: int, beams: int, item: int) -> "Drafts":
        """Begin every search with a single draft of the start mark ``item``: all its beams would begin alike."""
        scores = torch.full((articles, searches, beams), NEVER)
        scores[:, :, 0] = 0
        zeros = torch.zeros(articles, searches * beams, dtype=torch.long)
        taken = torch.zeros(*zeros.shape, words, dtype=torch.bool)
        return cls(zeros[:, :, None] + item, scores.flatten(1), zeros, zeros - 1, taken)

    def keep(self, articles: torch.Tensor) -> "Drafts":
        """Return those of some of the articles."""
        return Drafts(*(getattr(self, field.name)[articles] for field in fields(self)))

    def extend(self, following: Next, chars: torch.Tensor) -> tuple["Drafts", torch.Tensor]:
        """Return the drafts with one more item each, and the row that each goes on from, over all articles: (rows,).

        ``chars`` (articles, written + words) is the length of every item.
        """
        beams = following.beams.shape[1]
        parents = (torch.arange(0, self.scores.numel(), beams)[:, None] + following.beams).flatten()
        items = following.items.view(self.scores.shape)
        n_written = chars.shape[1] - self.taken.shape[2]
        copied, places = items >= n_written, (items - n_written).clamp(min=0)
        taken = self.taken.flatten(0, 1)[parents].view(self.taken.shape)
        taken.scatter_(2, places[:, :, None], taken.gather(2, places[:, :, None]) | copied[:, :, None])
        before = self.items.flatten(0, 1)[parents].view(self.items.shape)
        drafts = Drafts(
            items=torch.cat([before, items[:, :, None]], dim=2),
            scores=following.scores.view(self.scores.shape),
            used=self.used.take(parents).view(self.used.shape) + chars.gather(1, items),
            last=torch.where(copied, places, self.last.take(parents).view(self.last.shape)),
            taken=taken,
        )
        return drafts, parents
