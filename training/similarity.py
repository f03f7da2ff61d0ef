"""How alike two texts are in meaning: BERTScore with the built-in encoder, over words.

Zhang et al., "BERTScore: Evaluating Text Generation with BERT", 2020: every word is matched with the most similar one
of the other text by the cosine of their vectors, here the encoder's last states averaged over the word. No idf weights
and no rescaling: the figures can be compared with one another, not with published ones.
"""

from collections.abc import Sequence

import numpy as np

from toolkit.encoders import BUILT_IN, load_encoder
from toolkit.summarizers.pointer.states import WordStates
from toolkit.words import cut

_LAST_LAYER = 12


def similarity(candidates: Sequence[str], references: Sequence[str]) -> list[float]:
    """Return the F1 of matched words for each pair, in [0, 1]; 0 where either text is empty."""
    states = WordStates.load(load_encoder(BUILT_IN), (_LAST_LAYER,))
    ours = states.compute([cut(text) for text in candidates])
    theirs = states.compute([cut(text) for text in references])
    return [_f1(_unit(one), _unit(other)) for one, other in zip(ours, theirs, strict=True)]


def _unit(vectors: np.ndarray) -> np.ndarray:
    wide = vectors.astype(np.float32)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    found: np.ndarray = wide / np.where(lengths == 0, 1, lengths)
    return found


def _f1(ours: np.ndarray, theirs: np.ndarray) -> float:
    if not len(ours) or not len(theirs):
        return 0.0
    cosines = ours @ theirs.T
    precision, recall = float(cosines.max(axis=1).mean()), float(cosines.max(axis=0).mean())
    return 2 * precision * recall / (precision + recall)
