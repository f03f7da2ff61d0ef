"""The search for candidates in CTranslate2, on the processor: a model is converted once, to 8-bit integers, and kept.

CTranslate2 searches by itself and takes no rules of an article, so it serves only models that may write freely.
"""

import hashlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from toolkit.engines.export import ExportError, drop_export, find_export, keep_export
from toolkit.summarizers.pretrained import Writer
from toolkit.summarizers.reading import Source
from toolkit.types import ConfigError

FAMILIES = ("bart", "mt5", "pegasus", "t5")
# Of generation_config.json: what CTranslate2 lacks, or applies to logits where transformers has probabilities.
_UNABLE = {"encoder_no_repeat_ngram_size": 0, "repetition_penalty": 1.0}
_BATCH_TOKENS = 2048  # of the sources, with their padding; each of the threads takes one batch after another
_TOLERANCE = 1e-3  # of a token's log-probability in float32, between torch and CTranslate2
_PROBE_TOKENS = 12


def require_ctranslate2(*, free: bool) -> None:
    """Refuse what no model could do.

    Raises:
        ConfigError: the model may not write freely, or CTranslate2 is not installed.
    """
    if not free:
        raise ConfigError(
            "engine ctranslate2 cannot keep a model to the article's own words, as its search takes no rules of an "
            "article: add --free (what is written is checked all the same), or leave --engine away"
        )
    if importlib.util.find_spec("ctranslate2") is None:
        raise ConfigError(
            "engine ctranslate2 needs ctranslate2, not installed here: pip install 'wenzhai[ctranslate2]'"
        )


@dataclass(frozen=True)
class Ctranslate2Search:
    """A converted model. Its tokens are the ids, written in digits: so no vocabulary of its own can differ.

    The search ends with as many finished texts as there are beams, which transformers calls ``early_stopping``; and the
    probability of what may not be written is shared out among the rest, which transformers leaves as it is.
    """

    translator: Any
    own: Any  # the model's GenerationConfig
    ending: tuple[int, ...]

    @classmethod
    def load(cls, writer: Writer, *, quantization: Literal["int8", "float32"] = "int8") -> "Ctranslate2Search":
        """Open the conversion of a model, or make it.

        Raises:
            ConfigError: CTranslate2 does not know its family or one of its settings, or writes otherwise than torch.
        """
        own = writer.network.generation_config
        _check(writer)
        digest = _digest(writer, quantization)
        folder = find_export("ctranslate2", digest)
        ends = own.eos_token_id if isinstance(own.eos_token_id, list) else [own.eos_token_id]
        if folder is not None:
            try:
                return cls(_open(folder), own, tuple(ends))
            except (RuntimeError, IndexError, ValueError):  # damaged in a way that the sizes do not show
                drop_export(folder)
        folder = keep_export("ctranslate2", digest, lambda place: _convert(writer, place, quantization))
        return cls(_open(folder), own, tuple(ends))

    def write(self, sources: Sequence[Source], limits: Mapping[str, Any]) -> list[list[tuple[list[int], float]]]:
        """Return for each source the token ids and scores of its finished candidates, the most probable first.

        ``limits`` are those of ``generate``.
        """
        own = self.own
        banned = [[token] for token in limits["suppress_tokens"] or ()] + (own.bad_words_ids or [])
        opening = None if own.forced_bos_token_id is None else [_spelled([own.forced_bos_token_id])] * len(sources)
        # min_length counts the token that starts the decoder.
        least = max(limits["min_length"] - 1, own.min_new_tokens or 0, 0)
        results = self.translator.translate_batch(
            [_spelled(source.input_ids) for source in sources],
            target_prefix=opening,
            max_batch_size=_BATCH_TOKENS,
            batch_type="tokens",
            beam_size=limits["num_beams"],
            num_hypotheses=limits["num_beams"],
            length_penalty=1.0 if own.length_penalty is None else own.length_penalty,
            no_repeat_ngram_size=own.no_repeat_ngram_size or 0,
            suppress_sequences=[_spelled(token_ids) for token_ids in banned] or None,
            end_token=list(self.ending),
            return_end_token=True,  # scores are divided by a length that counts it, as in transformers
            return_scores=True,
            max_input_length=0,  # the reader has seen to that
            max_decoding_length=limits["max_new_tokens"],
            min_decoding_length=min(least, limits["max_new_tokens"]),
        )
        return [self._finished(result) for result in results]

    def _finished(self, result: Any) -> list[tuple[list[int], float]]:  # noqa: ANN401 - ctranslate2 has no types
        rows = [[int(token) for token in text] for text in result.hypotheses]
        scored = zip(rows, result.scores, strict=True)
        return [(row[:-1], float(score)) for row, score in scored if row[-1] in self.ending]


def _check(writer: Writer) -> None:
    family = writer.network.config.model_type
    if family not in FAMILIES:
        raise ConfigError(
            f"{writer.found.folder}: engine ctranslate2 does not know the family {family}; known: {', '.join(FAMILIES)}"
        )
    own = writer.network.generation_config
    for name, harmless in _UNABLE.items():
        if (getattr(own, name) or harmless) != harmless:
            raise ConfigError(
                f"{writer.found.folder}: engine ctranslate2 cannot honour {name} of generation_config.json: "
                "take it out there, or leave --engine away"
            )


def _digest(writer: Writer, quantization: str) -> str:
    """Return the name of a conversion: the weights, how transformers reads them, and what they are rounded to."""
    import transformers

    config = (writer.found.folder / "config.json").read_text(encoding="utf-8")
    start = writer.network.generation_config.decoder_start_token_id
    parts = (writer.found.digest, config, str(start), transformers.__version__, quantization)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _open(folder: Path) -> Any:  # noqa: ANN401 - as above
    import ctranslate2

    # A thread for each batch took a tenth less of the processor's time than two threads on one.
    return ctranslate2.Translator(str(folder), device="cpu", inter_threads=torch.get_num_threads(), intra_threads=1)


def _convert(writer: Writer, place: Path, quantization: str) -> dict[str, Any]:
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):  # type: ignore[misc]
        """Converts what is loaded already."""

        def load_model(self, *_: object, **__: object) -> Any:  # noqa: ANN401
            return writer.network

        def load_tokenizer(self, *_: object, **__: object) -> "_Ids":
            return _Ids(writer.network)

    _fit_config(writer.network)
    converter = Converter(str(writer.found.folder))
    converter.convert(str(place), force=True)
    found = _difference(writer.network, _open(place))
    if not found <= _TOLERANCE:  # NaN too
        raise ExportError(f"engine ctranslate2 cannot take this model: it differs from torch by {found:.2g}")
    if quantization != "float32":
        converter.convert(str(place), quantization=quantization, force=True)
    return {"difference": found}


def _fit_config(network: Any) -> None:  # noqa: ANN401 - transformers has a class for each family
    """Say in the config what the converter reads there and transformers 5 does not write any more."""
    config = network.config
    config.decoder_start_token_id = network.generation_config.decoder_start_token_id
    config.normalize_before = config.model_type == "pegasus"
    config.normalize_embedding = config.model_type == "bart"
    # It takes tied embeddings as a sign that the decoder's outputs are scaled. Those of mT5 are tied and not scaled.
    config.tie_word_embeddings = getattr(config, "scale_decoder_outputs", False)


class _Ids:
    """Stands in for a tokenizer in the conversion: the tokens are the ids."""

    def __init__(self, network: Any) -> None:  # noqa: ANN401 - as above
        own = network.generation_config
        self._size = network.config.vocab_size
        self.bos_token = self.pad_token = self.unk_token = str(own.decoder_start_token_id)
        self.eos_token = str(own.eos_token_id[0] if isinstance(own.eos_token_id, list) else own.eos_token_id)

    def get_vocab(self) -> dict[str, int]:
        return {str(token_id): token_id for token_id in range(self._size)}

    def convert_ids_to_tokens(self, token_id: int) -> str:
        return str(token_id)


def _difference(network: Any, translator: Any) -> float:  # noqa: ANN401 - as above
    """Return the largest difference of a token's log-probability, for a source and a text of random tokens."""
    random = torch.Generator().manual_seed(13)
    source, text = torch.randint(network.config.vocab_size, (2, _PROBE_TOKENS), generator=random).tolist()
    start = network.generation_config.decoder_start_token_id
    with torch.inference_mode():
        logits = network(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([[start, *text]])).logits
    expected = logits[0].log_softmax(-1)[range(len(text)), text]
    [found] = translator.score_batch([_spelled(source)], [_spelled(text)])
    return float((torch.tensor(found.log_probs[: len(text)]) - expected).abs().max())


def _spelled(token_ids: Sequence[int]) -> list[str]:
    return [str(token_id) for token_id in token_ids]
