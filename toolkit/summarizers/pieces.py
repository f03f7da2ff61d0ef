"""A tokenizer's vocabulary as the text that each token stands for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from toolkit.summarizers.runs import is_letter
from toolkit.types import DataError

# Before a WordPiece token that begins a word: a blank, but only after a letter or digit.
WORD_START = "\0"
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A vocabulary: ``texts`` holds the text of each token id, empty for those in ``special``.

    Bytes that are no character by themselves are surrogates, as in Python's ``surrogateescape``.
    """

    texts: tuple[str, ...]
    special: frozenset[int]

    def join(self, token_ids: Iterable[int]) -> str:
        """Return the text of a sequence of token ids; special tokens have none, nor ids beyond the vocabulary."""
        text = ""
        for token_id in token_ids:
            piece = self.texts[token_id] if token_id < len(self.texts) else ""
            if piece.startswith(WORD_START):
                piece = (" " if text and is_letter(text[-1]) else "") + piece.removeprefix(WORD_START)
            text += piece
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def load_pieces(tokenizer: Any, place: str) -> Pieces:  # noqa: ANN401 - transformers has a class for each family
    """Read the vocabulary of a transformers tokenizer; ``place`` is its folder, for messages.

    Raises:
        DataError: the tokenizer has no fast form.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise DataError(f"{place}: its tokenizer has no fast form (tokenizer.json); use another model")
    backend = tokenizer.backend_tokenizer
    special = frozenset(tokenizer.all_special_ids)
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    if type(backend.model).__name__ == "WordPiece":
        prefix = backend.model.continuing_subword_prefix
        texts = [_word_piece(token, prefix) for token in tokens]
    elif "ByteLevel" in f"{backend.decoder}{backend.pre_tokenizer}":
        table = _byte_level()
        texts = ["".join(table.get(char, char) for char in token) for token in tokens]
    else:
        texts = [_BYTE.sub(_one_byte, token).replace("▁", " ") for token in tokens]
    return Pieces(tuple("" if number in special else text for number, text in enumerate(texts)), special)


def _word_piece(token: str, prefix: str) -> str:
    if token.startswith(prefix) and token != prefix:
        return token.removeprefix(prefix)
    return WORD_START + token if is_letter(token[:1] or " ") else token


def _byte_level() -> dict[str, str]:
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    return {char: _escaped(byte) for byte, char in bytes_to_unicode().items()}  # type: ignore[no-untyped-call]


def _one_byte(found: re.Match[str]) -> str:
    return _escaped(int(found.group(1), 16))


def _escaped(byte: int) -> str:
    return bytes([byte]).decode("utf-8", "surrogateescape")
