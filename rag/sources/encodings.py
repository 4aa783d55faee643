"""Bytes -> text: UTF-8, even if a few bytes are damaged; other encodings are guessed from the decoded text.

Reports what was guessed or damaged, and refuses binary data. Independent of formats and of where the bytes come from.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from rag.errors import ArticleError
from rag.language import name
from rag.sources.guessing import guess_encoding
from rag.sources.signatures import kind_of_file

# Where UTF-8 is damaged, well-formed characters outside ASCII are at least as many as malformed places. Measured on
# news sentences in 40 legacy encodings: read as UTF-8, at most a third of their characters is well-formed (EUC-JP).
_WELL_FORMED = 0.5
# In UTF-16 every second byte is one of few: the script's. Bits of entropy between the two halves; measured on 128
# languages: at least .37 in 40 characters, at least 1.3 in 1,000.
_HALVES_DIFFER = 0.3
# In UTF-16 of a script below U+2000, half of the bytes are below 32; in a text, line ends and tabs only.
_WIDE_CONTROLS = 0.25
# Random bytes hold 11 % control characters, texts next to none.
_MAX_CONTROLS = 0.02
_STRAY = 3
_MAX_DAMAGED = 0.25
_SHOWN = 3
# Python's reason for the first bytes of a character at the very end.
_CUT = "unexpected end of data"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# All but line ends, tab and form feed mean nothing in a text.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# Seven-bit encodings: Japanese, Korean and Chinese that looks like ASCII.
_ESCAPED = re.compile(rb"\x1b[$(]|~\{")
_SEVEN_BIT = ("iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_ext", "iso2022_kr", "hz")
# What pages and mails that name the first mean, by the WHATWG's standard for encodings: it has more characters.
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "gb2312": "gb18030",
          "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs"}  # fmt: skip
# Python's codecs that no page or mail is written in: escapes that spell any character, and one that takes minutes.
_NOT_TEXT = frozenset("idna punycode raw-unicode-escape undefined unicode-escape".split())
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text without byte order mark or stray control characters; `warnings` say what was guessed or damaged."""

    text: str
    warnings: tuple[str, ...] = ()


def decode(data: bytes, location: str, *, declared: str = "") -> Decoded:
    """Decode the bytes. `declared`: the encoding named by a server or an e-mail; valid UTF-8 overrides it.

    Raises `ArticleError` naming `location` for binary data, and if no encoding fits.
    """
    if kind := kind_of_file(data):
        raise ArticleError(location, f"is {kind}, not text; save the report as a text file")
    found = _by_mark(data, location) or _wide(data) or _decoded(data, declared)
    if found is None:
        if _CONTROL_BYTES.search(data):
            raise ArticleError(location, "is binary data, not text; save the report as a text file")
        raise ArticleError(location, "is in an unknown encoding; save it as UTF-8")
    controls = len(_CONTROLS.findall(found.text))
    if not controls:
        return found
    if controls > max(_STRAY, _MAX_CONTROLS * len(found.text)):
        raise ArticleError(location, "is binary data, not text; save the report as a text file")
    left_out = f"{controls} control character{'s' * (controls > 1)} left out"
    return Decoded(_CONTROLS.sub("", found.text), (*found.warnings, left_out))


def as_utf8(data: bytes, declared: str) -> bytes:
    """The bytes converted to UTF-8 from the `declared` encoding; unchanged if they are UTF-8 or do not fit."""
    if data.startswith(tuple(mark for mark, _ in _MARKS)) or _utf8(data) is not None and not _is_escaped(data):
        return data
    text = _as_declared(data, declared)
    return data if text is None else text.encode("utf-8")


def _by_mark(data: bytes, location: str) -> Decoded | None:
    mark, encoding = next(((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark)), (b"", ""))
    if not encoding:
        return None
    found = _damaged(data, encoding, skip=len(mark))
    if found.text.count("\ufffd") > _MAX_DAMAGED * len(found.text):
        raise ArticleError(
            location, f"is damaged: it is marked as {encoding[:6].rstrip('-')} but is not; save it as UTF-8"
        )
    return found


def _wide(data: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark; such a text holds a NUL for its line ends, blanks or digits."""
    if b"\0" not in data:
        return None
    for encoding in ("utf-32-le", "utf-32-be"):
        try:
            text = data[: len(data) // 4 * 4].decode(encoding)
        except UnicodeDecodeError:
            continue
        if text and _reads(text):
            return _guessed(text, data, encoding)
    controls = sum(data.count(byte) for byte in range(32))
    if controls < _WIDE_CONTROLS * len(data) and _utf8(data) is not None:
        return None
    first, second = _entropy(data[0::2]), _entropy(data[1::2])
    encoding = "utf-16-le" if second < first else "utf-16-be"
    text = data[: len(data) // 2 * 2].decode(encoding, "replace")
    return _guessed(text, data, encoding) if abs(first - second) >= _HALVES_DIFFER and _reads(text) else None


def _decoded(data: bytes, declared: str) -> Decoded | None:
    if _is_escaped(data):
        read = [_damaged(data, encoding) for encoding in _SEVEN_BIT]
        read = [one for one in read if not one.text.isascii() and "\x1b" not in one.text]
        best = min(read, key=lambda one: one.text.count("\ufffd"), default=None)
        if best and best.text.count("\ufffd") <= max(_STRAY, _MAX_CONTROLS * len(best.text)):
            return best
    if (found := _utf8(data)) is not None:
        return found
    if declared and (said := _as_declared(data, declared)) is not None:
        return Decoded(said)
    return _by_reading(data)


def _is_escaped(data: bytes) -> bool:
    """Whether it looks like a seven-bit encoding; "~{" stands in other texts too."""
    return data.isascii() and _ESCAPED.search(data) is not None


def _utf8(data: bytes) -> Decoded | None:
    """The text where the bytes are UTF-8, or nearly so."""
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        # All is ASCII but the first bytes of a character, at the very end.
        cut = error.end == len(data) and error.reason == _CUT
        found = _damaged(data, "utf-8")
        malformed = found.text.count("\ufffd") - data.count("\ufffd".encode())
        beyond = sum(map(len, re.findall("[^\x00-\x7f]+", found.text)))
        return found if cut or beyond - malformed >= _WELL_FORMED * beyond else None


def _damaged(data: bytes, encoding: str, *, skip: int = 0) -> Decoded:
    """The text with U+FFFD for what is malformed, which a warning counts and places."""
    text = data[skip:].decode(encoding, "replace")
    written = "\ufffd".encode(encoding, "ignore")
    count = text.count("\ufffd") - (data.count(written) if written else 0)
    if count <= 0:
        return Decoded(text)
    where = ", ".join(_places(data, encoding, skip)) + (f" and {count - _SHOWN} more" if count > _SHOWN else "")
    form = encoding.removesuffix("-le").removesuffix("-be").upper()
    return Decoded(text, (f"{form} with {count} damaged place{'s' * (count > 1)}, shown as \ufffd: {where}",))


def _places(data: bytes, encoding: str, at: int) -> list[str]:
    found: list[str] = []
    while len(found) < _SHOWN:
        try:
            data[at:].decode(encoding)
            break
        except UnicodeDecodeError as error:
            line = data.count("\n".encode(encoding), 0, at + error.start) + 1
            cut = " at its end, cut off in the middle of a character" * (
                at + error.end == len(data) and error.reason == _CUT
            )
            found.append(f"line {line} (byte {at + error.start + 1}){cut}")
            at += max(error.end, 1)
    return found


def _as_declared(data: bytes, declared: str) -> str | None:
    try:
        encoding = codecs.lookup(declared).name
        text = "" if encoding in _NOT_TEXT else data.decode(_MEANT.get(encoding, encoding))
    except (LookupError, ValueError):  # a name with a NUL is a ValueError, and so is every UnicodeError
        return None
    return None if encoding in _NOT_TEXT or _HALF.search(text) else text


def _by_reading(data: bytes) -> Decoded | None:
    guess = guess_encoding(data.replace(b"\0", b""))
    if guess is None:
        return None
    read = _damaged(data, guess.encoding)
    if read.text.count("\ufffd") > _MAX_DAMAGED * len(read.text):
        return None
    language = f", {name(guess.language)}" if guess.language else ""
    return Decoded(
        read.text,
        (f"not UTF-8; read as {guess.encoding.lower()}{language}, as its text suggests", *read.warnings),
    )


def _guessed(text: str, data: bytes, encoding: str) -> Decoded:
    form = encoding.upper().removesuffix("-LE").removesuffix("-BE")
    warnings = [f"read as {form} without a byte order mark ({'low' if encoding.endswith('le') else 'high'} byte first)"]
    if len(data) % (4 if "32" in encoding else 2):
        warnings.append("cut off in the middle of its last character")
    return Decoded(text, tuple(warnings))


def _reads(text: str) -> bool:
    """Whether next to all is assigned characters that a text holds."""
    odd = sum(count for char, count in Counter(text).items() if _is_odd(char))
    return odd <= _MAX_CONTROLS * len(text)


def _is_odd(char: str) -> bool:
    return char == "\ufffd" or (unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") and char not in "\t\n\f\r\v")


def _entropy(data: bytes) -> float:
    """Bits a byte."""
    return -sum(n / len(data) * math.log2(n / len(data)) for n in Counter(data).values())
