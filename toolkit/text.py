"""Bytes to text, text to sentences."""

import codecs
import re

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS, _SURROGATES = r"\x00-\x08\x0e-\x1f\x7f", r"\ud800-\udfff"
_INVISIBLES, _LINE_ENDS = r"\u200b-\u200f\u202a-\u202e\u2060\ufeff\xad", r"\r\x0b\x0c\x85\u2028\u2029"
_CONTROL = re.compile(f"[{_CONTROLS}]")
_SURROGATE = re.compile(f"[{_SURROGATES}]")
_INVISIBLE = re.compile(f"[{_INVISIBLES}]")
_LINE_END = re.compile(rf"\r\n|[{_LINE_ENDS}]")
_UNCLEAN = re.compile(f"[{_CONTROLS}{_SURROGATES}{_INVISIBLES}{_LINE_ENDS}]")

_ENDS = "。！？!?…"
_CLOSERS = "”’」』）)》】\"'"
_SENTENCE = re.compile(rf"[^{_ENDS}\n]*(?:[{_ENDS}]+[{_CLOSERS}]*|\n|$)")
_LONGEST_QUOTATION = 200  # characters; beyond that its closing mark was lost
# “……。”他说。 is one sentence: what follows the quotation names its speaker.
_SAYS = "说|表示|介绍|告诉|称|坦言|感慨|感叹|笑道|回忆|道"
_ATTRIBUTION = re.compile(rf"[^，,。！？!?；;：:“\n]{{0,24}}?(?:{_SAYS})[道着起]?[^“\n]{{0,8}}?[，,。：:]")


class DecodeError(ValueError):
    """Bytes that are no text; the message is the reason."""


def decode(raw: bytes) -> str:
    """Decode a text file: a byte order mark decides, else strict UTF-8, else GB18030.

    Raises:
        DecodeError: ``raw`` is empty, binary, or text in none of these encodings.
    """
    if not raw.strip():
        raise DecodeError("the file is empty")
    encoding = mark_encoding(raw)
    if encoding is not None:
        try:
            return _check(raw.decode(encoding))
        except UnicodeDecodeError as error:
            raise DecodeError(f"marked as {encoding} but not valid at byte {error.start}") from None
    if b"\0" in raw:
        raise DecodeError("binary: it holds NUL bytes (UTF-16 text needs its byte order mark)")
    for encoding in ("utf-8", "gb18030"):
        try:
            return _check(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise DecodeError("neither UTF-8 nor GB18030; save it as UTF-8")


def mark_encoding(raw: bytes) -> str | None:
    """Return the encoding that the byte order mark at the start of ``raw`` names, None without one."""
    return next((name for mark, name in _MARKS if raw.startswith(mark)), None)


def _check(text: str) -> str:
    if not text.strip():
        raise DecodeError("the file is empty")
    # Text dumps hold a stray control character now and then; images and archives are full of them.
    found = len(_CONTROL.findall(text[:100_000]))
    if found > 2 + len(text[:100_000]) // 200:
        raise DecodeError(f"binary: {found} control characters")
    return text


def clean(text: str) -> str:
    """Unify line ends and drop what cannot be printed: control characters, invisible marks, half surrogate pairs.

    Text with none of these comes back as the same object.
    """
    if not _UNCLEAN.search(text):
        return text
    text = _LINE_END.sub("\n", text)
    return _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", _CONTROL.sub("", text)))


def has_control(text: str) -> bool:
    """Say whether ``text`` holds control characters that ``clean`` would drop."""
    return _CONTROL.search(text) is not None


def has_surrogate(text: str) -> bool:
    """Say whether ``text`` holds half surrogate pairs, which no encoding can write."""
    return _SURROGATE.search(text) is not None


def sentences(text: str) -> list[str]:
    """Split at 。！？…… (with the quotation marks that close there) and at line ends; strip; drop empty ones.

    A quotation stays whole, and with the clause that names its speaker, unless its end is missing.
    """
    found: list[str] = []
    start = opened = 0
    for match in _SENTENCE.finditer(text):
        end = match.end()
        opened += match.group().count("“") - match.group().count("”")
        if match.group().endswith("\n"):
            opened = 0
        if opened > 0 and end - start < _LONGEST_QUOTATION:
            continue
        if match.group()[-1:] in "”’」』" and _ATTRIBUTION.match(text, end, end + 40):
            continue
        if sentence := text[start:end].strip():
            found.append(sentence)
        start, opened = end, 0
    if rest := text[start:].strip():
        found.append(rest)
    return found
