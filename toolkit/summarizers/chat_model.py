"""A Hugging Face causal model with a chat template (Qwen and the like) that writes summaries in this process."""

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.encoders import load_encoder
from toolkit.summarizers.chat import write_checked
from toolkit.summarizers.checked import Candidate
from toolkit.summarizers.headline import HEADLINE_CHARS
from toolkit.summarizers.prompts import prompt, read_answer
from toolkit.types import Article, ConfigError, DataError, Mode, Summary

_BATCH = 4  # articles; times the beams, so many texts are in memory at once
_TOKENS_PER_CHAR = 1.5  # of Chinese; a limit of tokens, where the prompt has the one of characters
_INSTALL = "pip install 'wenzhai[llm]'"


@dataclass(frozen=True)
class ChatModel:
    """A loaded model and its tokenizer. Every beam gives a candidate; there is no chance in it.

    The tokenizer's chat template is a Jinja program of the model's maker, the only code of a model's that is run.
    transformers runs it in Jinja's sandbox, where it sees the prompt and no files, but nothing limits its time. The
    article's brackets are changed before (see ``toolkit.summarizers.prompts``): no text of it is taken for a mark.
    """

    name: str
    model: Any
    tokenizer: Any
    max_source_tokens: int
    num_beams: int
    forkable: bool = False

    @classmethod
    def load(cls, name: str, *, revision: str | None, max_source_tokens: int, num_beams: int) -> "ChatModel":
        """Load a model from a folder, the cache or a hub; see ``toolkit.encoders.load_encoder``.

        On a GPU the weights keep the type they were saved in; on a processor they take float32, 4 bytes each.

        Raises:
            ConfigError: the model cannot be found, or a package is missing.
            DataError: it is there and cannot be used: no chat template, no causal model, an adapter, pickled weights.
        """
        if importlib.util.find_spec("jinja2") is None:
            raise ConfigError(f"{name}: chat templates need the package jinja2; {_INSTALL}")
        found = load_encoder(name, revision=revision)
        if (found.folder / "adapter_config.json").is_file():
            # transformers would get the model that the adapter names from wherever it says.
            raise DataError(
                f"{found.folder}: an adapter is not read; merge it into its model (merge_and_unload) and save"
            )
        tokenizer = _load_tokenizer(found.folder)
        model = _load_model(found.folder, tokenizer)
        called = f"{Path(name).name}@{found.digest[:8]}"
        return cls(called, model, tokenizer, max_source_tokens, num_beams)

    def summarize(self, articles: Sequence[Article], *, mode: Mode, max_chars: int) -> list[Summary]:
        """See ``Summarizer.summarize``."""

        def write(asked: Sequence[Article]) -> Iterator[list[Candidate]]:
            for start in range(0, len(asked), _BATCH):
                batch = asked[start : start + _BATCH]
                yield from self._candidates(batch, mode, max_chars)

        return write_checked(articles, write, mode=mode, max_chars=max_chars, method=self.name)

    def _candidates(self, batch: Sequence[Article], mode: Mode, max_chars: int) -> Iterator[list[Candidate]]:
        import torch

        most = self.max_source_tokens
        messages = [
            prompt(article, mode=mode, max_chars=max_chars, reads=self._count_tokens, most=most) for article in batch
        ]
        inputs = render(self.tokenizer, messages).to(self.model.device)
        limit = min(max_chars, HEADLINE_CHARS) if mode == "headline" else max_chars
        with torch.inference_mode():
            outputs = self.model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=int(limit * _TOKENS_PER_CHAR) + 8,
                num_beams=self.num_beams,
                num_return_sequences=self.num_beams,
                do_sample=False,
            )
        written = outputs[:, inputs["input_ids"].shape[1] :]
        answers = [
            read_answer(text, mode=mode) for text in self.tokenizer.batch_decode(written, skip_special_tokens=True)
        ]
        for start in range(0, len(answers), self.num_beams):
            # Beams come back by falling mean log-probability; to have it as a number, generate would keep the scores of
            # the whole vocabulary at every step, a gigabyte and more.
            beams = answers[start : start + self.num_beams]
            yield [Candidate(text, -float(rank)) for rank, text in enumerate(beams)]

    def _count_tokens(self, text: str) -> int:
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])


def render(tokenizer: Any, messages: Sequence[str]) -> Any:  # noqa: ANN401 - transformers has many tokenizers
    """Return the chats of one message each as tensors, (messages, length), padded on the left."""
    return tokenizer.apply_chat_template(
        [[{"role": "user", "content": message}] for message in messages],
        add_generation_prompt=True,
        padding=True,
        return_tensors="pt",
        return_dict=True,
        enable_thinking=False,  # Qwen's templates know it, the others pass over it
    )


def _load_tokenizer(folder: Path) -> Any:  # noqa: ANN401
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left", trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise DataError(f"{folder}: transformers cannot load the tokenizer: {error}") from None
    if tokenizer.chat_template is None:
        raise DataError(
            f"{folder}: the tokenizer has no chat template, so this is no chat model; take one that was trained on "
            "instructions (its name often ends in -Instruct or -Chat)"
        )
    if tokenizer.eos_token is None:
        raise DataError(
            f"{folder}: the tokenizer names no eos_token, so no answer would end; copy the whole model again"
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token  # padding is masked, whatever stands there
    _try_template(folder, tokenizer)
    return tokenizer


def _try_template(folder: Path, tokenizer: Any) -> None:  # noqa: ANN401
    from jinja2 import TemplateError

    try:
        render(tokenizer, ["一"])
    except ImportError as error:
        raise ConfigError(f"{folder}: {error}; {_INSTALL}") from None
    except (TemplateError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            f"{folder}: the chat template fails on one message of a user: {error}; use another model"
        ) from None


def _load_model(folder: Path, tokenizer: Any) -> Any:  # noqa: ANN401
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig, logging

    device = "cuda" if torch.cuda.is_available() else "cpu"
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            trust_remote_code=False,
            use_safetensors=True,
            dtype="auto" if device == "cuda" else torch.float32,
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError) as error:
        raise DataError(f"{folder}: transformers cannot load this as a causal model: {error}") from None
    finally:
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    model, info = loaded
    if missing := sorted(info["missing_keys"]):
        raise DataError(f"{folder}: the weights lack {missing[0]}, so this is no causal model; use another model")
    ends = model.generation_config.eos_token_id
    ends = set(ends if isinstance(ends, list) else [ends]) - {None} | {tokenizer.eos_token_id}
    # The maker's settings for chatting (sampling, a penalty on repetition) make copied numbers go wrong.
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=sorted(ends), pad_token_id=tokenizer.pad_token_id
    )
    return model.to(device).eval()
