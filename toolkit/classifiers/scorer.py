"""The network of the BERT classifier: an encoder and one linear layer over each token.

A label's log-odds are the mean over a window's tokens of ``weight . state``, plus a bias. Being a mean of one number a
token, they can be read backwards: what a word added is the sum over its tokens.

A model folder holds what training changed, ``weights.safetensors``: ``head.weight`` (labels, hidden), ``head.bias``
(labels,), and for each changed matrix of the encoder either its new values ``encoder.NAME`` or a low-rank update
``encoder.NAME.lora_a`` (rank, in) and ``encoder.NAME.lora_b`` (out, rank), to be added as ``lora_b @ lora_a`` (Hu et
al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021; the scale alpha / rank is multiplied in).
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from toolkit.types import DataError

_UPDATE = (".lora_a", ".lora_b")


class TokenScorer(nn.Module):
    """An encoder with a linear layer on its token states."""

    def __init__(self, encoder: nn.Module, hidden_size: int, n_labels: int) -> None:
        """Put a fresh head of small weights on an encoder."""
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(hidden_size, n_labels)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return what each token says for each label, without the bias: (batch, length, labels)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        scores: torch.Tensor = states.float() @ self.head.weight.float().T
        return scores

    def pooled(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return the log-odds of each window before scaling: (batch, labels)."""
        mask = attention_mask.unsqueeze(-1).float()
        total = (self(input_ids, attention_mask) * mask).sum(1)
        logits: torch.Tensor = total / mask.sum(1) + self.head.bias.float()
        return logits


def hidden_size(encoder: nn.Module) -> int:
    """Return the width of the encoder's token states."""
    return int(encoder.config.hidden_size)  # type: ignore[union-attr, arg-type]


def apply_weights(scorer: TokenScorer, weights: Mapping[str, torch.Tensor], source: Path) -> None:
    """Put a model folder's weights on a scorer that holds the base encoder.

    Raises:
        DataError: a tensor has no place in the encoder, or another shape: the weights are of another encoder.
    """
    state = dict(scorer.named_parameters())
    with torch.no_grad():
        for name, values in weights.items():
            if name.endswith(_UPDATE[1]):
                continue
            target = state.get(name.removesuffix(_UPDATE[0]))
            if name.endswith(_UPDATE[0]):
                other = weights.get(name.removesuffix(_UPDATE[0]) + _UPDATE[1])
                change = None if other is None else _product(other, values)
                _put(target, change, name, source, add=True)
            else:
                _put(target, values.float(), name, source, add=False)


def _product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor | None:
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[0]:
        return None
    return left.float() @ right.float()


def _put(target: torch.Tensor | None, values: torch.Tensor | None, name: str, source: Path, *, add: bool) -> None:
    if target is None or values is None or target.shape != values.shape:
        found = "nothing" if values is None else tuple(values.shape)
        needed = "none of that name" if target is None else tuple(target.shape)
        raise DataError(f"{source}: {name} holds {found}, the encoder has {needed}; it was trained on another encoder")
    if add:
        target.add_(values)
    else:
        target.copy_(values)
