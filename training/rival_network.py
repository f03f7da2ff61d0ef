"""The shipped network in the shape that transformers' own pipeline takes, to measure against it."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import BertPreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from toolkit.classifiers.scorer import TokenScorer


class SequenceClassifier(BertPreTrainedModel):  # type: ignore[no-untyped-call]
    """A BERT whose logits are those of a ``TokenScorer``, pooled over the sequence."""

    def __init__(self, scorer: TokenScorer, labels: Sequence[str]) -> None:
        """Take a scorer over a BERT encoder."""
        config: Any = scorer.encoder.config
        config.id2label = dict(enumerate(labels))
        config.num_labels = len(labels)
        super().__init__(config)
        self.scorer = scorer

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **_: object) -> SequenceClassifierOutput:
        """Return the log-odds, (batch, labels), as ``logits``."""
        logits = self.scorer.pooled(input_ids, attention_mask)
        return SequenceClassifierOutput(logits=logits)


def as_sequence_classifier(scorer: TokenScorer, labels: Sequence[str]) -> SequenceClassifier:
    """Return the scorer as a sequence classifier, ready to score."""
    classifier = SequenceClassifier(scorer, labels)
    classifier.train(False)
    return classifier
