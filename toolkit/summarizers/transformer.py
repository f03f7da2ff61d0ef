"""A summarizer over any encoder-decoder of transformers: it writes candidates, and the best that holds is taken."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from toolkit.folders import check_files
from toolkit.summarizers.checked import Candidate, choose_checked, copied, whole_text
from toolkit.summarizers.constrain import ArticleRules, OwnWords, Vocabulary
from toolkit.summarizers.ctranslate2_search import Ctranslate2Search, require_ctranslate2
from toolkit.summarizers.headline import HEADLINE_CHARS
from toolkit.summarizers.options import SummaryOptions
from toolkit.summarizers.pieces import load_pieces
from toolkit.summarizers.pretrained import Writer, load_writer, position_limit
from toolkit.summarizers.reading import Source, SourceReader
from toolkit.summarizers.runs import spell_as
from toolkit.types import Article, Mode, Summary

_DEFAULT_BEAMS = 4
_BATCH_TOKENS = 4096  # of the sources, with their padding
_SPARE_TOKENS = 8  # beside one for each character: special tokens, blanks


def load_seq2seq(name: str, options: SummaryOptions) -> "TransformerSummarizer":
    """Load a summarizer: a local Hugging Face folder, ``org/name`` on the hub, or ``modelscope:ORG/NAME``.

    Raises:
        ConfigError: see ``load_writer``, or the engine does not run this model.
        DataError: see ``load_writer``.
    """
    return TransformerSummarizer(load_writer(name, revision=options.revision), options)


def load_trained(folder: Path, options: SummaryOptions) -> "TransformerSummarizer":
    """Load a model folder of ``wenzhai train``, whose files must be those that the training wrote.

    Raises:
        DataError: a file is missing or was changed, or see ``load_writer``.
    """
    check_files(folder, json.loads((folder / "model.json").read_text(encoding="utf-8")), needed="model.safetensors")
    return load_seq2seq(str(folder), options)


class TransformerSummarizer:
    """Writes with an encoder-decoder; every summary passes ``toolkit.summarizers.checked``.

    ``name`` is the model's own name and the start of its weights' digest.
    """

    forkable = False  # torch has threads of its own

    def __init__(self, writer: Writer, options: SummaryOptions) -> None:
        """Take a loaded model to the GPU, if there is one, or convert it for the engine that the options name.

        Raises:
            ConfigError: CTranslate2 is asked for and cannot run this model.
        """
        self.name = f"{Path(writer.found.name).name}@{writer.found.digest[:8]}"
        in_torch = options.engine != "ctranslate2"
        self._device = "cuda" if in_torch and torch.cuda.is_available() else "cpu"
        self._network = writer.network.to(self._device)
        self._tokenizer = writer.tokenizer
        self._target_tokens = writer.settings.max_target_tokens
        self._reader = SourceReader(writer.tokenizer, writer.settings.prefix, writer.max_source_tokens)
        self._pieces = load_pieces(writer.tokenizer, str(writer.found.folder))
        own = self._network.generation_config
        # As limits of ours: generate would warn of two.
        self._longest = [limit for limit in (own.max_new_tokens, own.max_length) if limit is not None]
        own.max_new_tokens = own.max_length = None
        self._num_beams = options.num_beams or (own.num_beams if (own.num_beams or 1) > 1 else _DEFAULT_BEAMS)
        self._ending = set(own.eos_token_id if isinstance(own.eos_token_id, list) else [own.eos_token_id])
        opening = {own.bos_token_id, own.forced_bos_token_id, writer.tokenizer.cls_token_id} - {None}
        vocabulary = Vocabulary(self._pieces, opening=opening, ending=self._ending)
        self._vocabulary = None if options.free else vocabulary
        self._search = None
        if not in_torch:
            require_ctranslate2(free=options.free)
            self._search = Ctranslate2Search.load(writer)
            self._network.to("meta")  # its config still counts, its weights need no memory any more

    def summarize(self, articles: Sequence[Article], *, mode: Mode, max_chars: int) -> list[Summary]:
        """See ``Summarizer.summarize``; ``read_in_part`` flags a summary of an article that the model's window cut."""
        found = {place: _unread(article, mode, max_chars) for place, article in enumerate(articles)}
        sources = {
            place: self._reader.read(articles[place], mode) for place, summary in found.items() if summary is None
        }
        for places in _batches(sources):
            batch = [sources[place] for place in places]
            written = self._write(batch, mode, max_chars)
            for place, source, texts in zip(places, batch, written, strict=True):
                found[place] = self._choose(articles[place], source, texts, mode, max_chars)
        return [summary for place in range(len(articles)) if (summary := found[place]) is not None]

    def _choose(
        self, article: Article, source: Source, texts: Sequence[Candidate], mode: Mode, max_chars: int
    ) -> Summary:
        text = f"{article.title}\n{article.text}"
        candidates = [Candidate(spell_as(candidate.text, text), candidate.score) for candidate in texts]
        summary = choose_checked(article, candidates, mode=mode, max_chars=max_chars, method=self.name)
        if source.in_part and summary.method == self.name:
            return replace(summary, flags=(*summary.flags, "read_in_part"))
        return summary

    def _write(self, sources: Sequence[Source], mode: Mode, max_chars: int) -> list[list[Candidate]]:
        """Return the finished candidates for each source, the most probable first."""
        if self._search is not None:
            found_ids = self._search.write(sources, self._limits(mode, max_chars))
            return [[Candidate(self._pieces.join(ids), score) for ids, score in written] for written in found_ids]
        rules = None
        if self._vocabulary is not None:
            rules = [ArticleRules(self._vocabulary, source.own_ids) for source in sources]
        batch = self._tokenizer.pad({"input_ids": [source.input_ids for source in sources]}, return_tensors="pt")
        with torch.inference_mode():
            output = self._network.generate(
                # Not the whole batch: BERT's tokenizer also gives token_type_ids, which a BART does not take.
                input_ids=batch["input_ids"].to(self._device),
                attention_mask=batch["attention_mask"].to(self._device),
                logits_processor=self._processors(rules),
                **self._limits(mode, max_chars),
            )
        rows = output.sequences.tolist()
        scores = getattr(output, "sequences_scores", None)  # a greedy search gives none
        ranked = [0.0] * len(rows) if scores is None else scores.tolist()
        found: list[list[Candidate]] = [[] for _ in sources]
        for row, (token_ids, score) in enumerate(zip(rows, ranked, strict=True)):
            place = row // self._num_beams
            own = self._finished(token_ids)
            if own is not None and (rules is None or rules[place].is_followed_by(own)):
                found[place].append(Candidate(self._pieces.join(own), score))
        return found

    def _finished(self, token_ids: Sequence[int]) -> list[int] | None:
        """Return the ids between the decoder's start and the end; None for a text that was cut off."""
        # The start may be the same token as the end, as in BART.
        end = next((at for at, token in enumerate(token_ids) if at and token in self._ending), None)
        return None if end is None else list(token_ids[1:end])

    def _processors(self, rules: Sequence[ArticleRules] | None) -> list[OwnWords]:
        if rules is None or self._vocabulary is None:
            return []
        return [OwnWords(self._vocabulary, rules, num_beams=self._num_beams)]

    def _limits(self, mode: Mode, max_chars: int) -> dict[str, Any]:
        own = self._network.generation_config
        needed = (min(max_chars, HEADLINE_CHARS) if mode == "headline" else max_chars) + _SPARE_TOKENS
        positions = position_limit(self._network.config, "decoder")
        known = (needed, self._target_tokens.get(mode), positions, *self._longest)
        longest = min(limit for limit in known if limit is not None)
        unknown = self._tokenizer.unk_token_id
        return {
            "max_new_tokens": longest,
            "min_length": min(own.min_length or 0, longest),
            "num_beams": self._num_beams,
            "num_return_sequences": self._num_beams,
            "do_sample": False,
            "output_scores": True,
            "return_dict_in_generate": True,
            # It stands for any character: a text with a hole.
            "suppress_tokens": [*(own.suppress_tokens or ()), *([] if unknown is None else [unknown])] or None,
        }


def _unread(article: Article, mode: Mode, max_chars: int) -> Summary | None:
    """Return the summary of an article that needs no model: without text, or short enough to be its own abstract."""
    whole = whole_text(article, max_chars=max_chars)
    if mode == "headline":
        return copied(article, mode=mode, max_chars=max_chars) if whole is not None and not whole.text else None
    return whole


def _batches(sources: dict[int, Source]) -> Iterator[list[int]]:
    """Yield the places of sources of like length, the longest first, so that little is padded."""
    batch: list[int] = []
    longest = 0
    for place in sorted(sources, key=lambda place: (-len(sources[place].input_ids), place)):
        longest = longest or len(sources[place].input_ids)
        if batch and (len(batch) + 1) * longest > _BATCH_TOKENS:
            yield batch
            batch, longest = [], len(sources[place].input_ids)
        batch.append(place)
    if batch:
        yield batch
