"""Encoder-decoders of one or two small layers with random weights, in Hugging Face folders, one for each family."""

from collections.abc import Callable, Iterable
from pathlib import Path

MARKS = "，。！？；：、“”《》（）"
_WIDTHS = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 1, "num_decoder_layers": 1, "num_heads": 2}


def save_tiny_seq2seq(family: str, folder: Path, texts: Iterable[str], *, seed: int = 1) -> Path:
    """Save a model of a family (bart, t5, mt5, pegasus, encoder-decoder) whose vocabulary covers ``texts``."""
    import torch

    characters = sorted({char for text in [*texts, MARKS] for char in text if not char.isspace()})
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        FAMILIES[family](folder, characters)
    return folder


def teach(folder: Path, lessons: list[tuple[str, str]], *, steps: int = 80) -> Path:
    """Let a saved model learn by heart what to write of each text."""
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    sources = tokenizer([source for source, _ in lessons], padding=True, return_tensors="pt")
    labels = tokenizer([target for _, target in lessons], padding=True, return_tensors="pt")["input_ids"]
    labels[labels == tokenizer.pad_token_id] = -100
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(steps):
        batch = {name: sources[name] for name in ("input_ids", "attention_mask")}
        loss = model(**batch, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(folder)
    return folder


def _save_word_pieces(folder: Path, characters: list[str]) -> int:
    from transformers import BertTokenizer

    letters = [char.lower() for char in characters]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    tokens += [f"##{char}" for char in letters if char.isascii() and char.isalnum()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(tokens)) + "\n", encoding="utf-8")
    tokenizer = BertTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return len(tokenizer)


def _save_unigrams(folder: Path, characters: list[str]) -> int:
    """Save a SentencePiece-like tokenizer: one piece a character, the blank, and numbers of two digits."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    plain = sorted({char for text in characters for char in _nfkc(text)})
    digits = [char for char in plain if char.isdigit()]
    pieces = ["<pad>", "</s>", "<unk>", "▁", *plain, *(one + other for one in digits for other in digits)]
    backend = Tokenizer(models.Unigram([(piece, -2.0 - 0.001 * at) for at, piece in enumerate(pieces)], unk_id=2))
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.decoder = decoders.Metaspace()
    backend.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=backend, **names).save_pretrained(folder)
    return len(pieces)


def _nfkc(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", text)


def _bart(folder: Path, characters: list[str]) -> None:
    from transformers import BartConfig, BartForConditionalGeneration

    size = _save_word_pieces(folder, characters)
    ids = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 3}
    ids |= {"forced_eos_token_id": 3}  # as fnlp/bart-base-chinese has it
    layers = {f"{side}_{name}": value for side in ("encoder", "decoder") for name, value in _BART.items()}
    config = BartConfig(vocab_size=size, d_model=32, max_position_embeddings=256, **layers, **ids)
    BartForConditionalGeneration(config).save_pretrained(folder)


_BART = {"layers": 1, "attention_heads": 2, "ffn_dim": 64}


def _t5(folder: Path, characters: list[str]) -> None:
    from transformers import T5Config, T5ForConditionalGeneration

    size = _save_unigrams(folder, characters)
    config = T5Config(vocab_size=size, decoder_start_token_id=0, **_WIDTHS)
    T5ForConditionalGeneration(config).save_pretrained(folder)


def _mt5(folder: Path, characters: list[str]) -> None:
    from transformers import MT5Config, MT5ForConditionalGeneration

    # Its table of embeddings is longer than its vocabulary, as that of mT5 is.
    size = _save_unigrams(folder, characters) + 28
    config = MT5Config(vocab_size=size, decoder_start_token_id=0, **_WIDTHS)
    MT5ForConditionalGeneration(config).save_pretrained(folder)


def _pegasus(folder: Path, characters: list[str]) -> None:
    from transformers import PegasusConfig, PegasusForConditionalGeneration

    size = _save_unigrams(folder, characters)
    layers = {f"{side}_{name}": value for side in ("encoder", "decoder") for name, value in _BART.items()}
    config = PegasusConfig(vocab_size=size, d_model=32, max_position_embeddings=256, forced_eos_token_id=1, **layers)
    PegasusForConditionalGeneration(config).save_pretrained(folder)


def _encoder_decoder(folder: Path, characters: list[str]) -> None:
    from transformers import BertConfig, EncoderDecoderConfig, EncoderDecoderModel

    size = _save_word_pieces(folder, characters)
    sizes = {"vocab_size": size, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    part = BertConfig(**sizes, intermediate_size=64, max_position_embeddings=256)
    config = EncoderDecoderConfig.from_encoder_decoder_configs(part, part)
    config.decoder_start_token_id, config.eos_token_id, config.pad_token_id = 2, 3, 0
    EncoderDecoderModel(config).save_pretrained(folder)


FAMILIES: dict[str, Callable[[Path, list[str]], None]] = {
    "bart": _bart,
    "t5": _t5,
    "mt5": _mt5,
    "pegasus": _pegasus,
    "encoder-decoder": _encoder_decoder,
}
