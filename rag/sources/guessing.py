"""Bytes in an unknown encoding -> the encoding whose text looks most like a language, by chardet's letter pairs."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import chardet
from chardet import EncodingEra

# Mainframe encodings (EBCDIC) read almost any bytes as some text.
_ALL = EncodingEra.ALL & ~EncodingEra.MAINFRAME
# In a text of plain letters but for a quotation mark or two, all encodings read about equally well: then those of
# Windows and ISO 8859 come before those of DOS and old Macintoshes, which are rare. Both figures were chosen on one
# half of parallel news sentences.
_USUAL = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO
_FEW = 0.02
_AS_GOOD = 0.98
# chardet's confidence where there is enough to judge by: texts have .28 and more, random bytes .035 and less.
_ENOUGH = 50
_LEAST = 0.1
# Where the HTML standard looks for a page's encoding.
_NAMING = 1024
_VOTES = 20


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding's common name, and the tag of the language it was recognised by, if any."""

    encoding: str
    language: str


def guess_encoding(data: bytes) -> Guess | None:
    """The encoding; None if the bytes look like no language in any encoding."""
    # Long stretches of plain letters tell nothing of the others; a page names its encoding near its beginning.
    at = data.find(b"\n", _NAMING) + 1 or len(data)
    special = [line for line in data[at:].splitlines(keepends=True) if not line.isascii()]
    few = _beyond_ascii(data) <= _FEW * len(data)
    if found := _detected(data[:at] + b"".join(special), few):
        return found
    # A damaged place makes an encoding of several bytes a character impossible: ask the lines that have none.
    lines = sorted((line for line in data.splitlines() if not line.isascii()), key=len, reverse=True)
    votes = Counter(filter(None, (_detected(line, few) for line in lines[:_VOTES])))
    return votes.most_common(1)[0][0] if votes else None


def _detected(sample: bytes, few: bool) -> Guess | None:
    found = _best(sample, _ALL)
    if few and found is not None:
        usual = _best(sample, _USUAL)
        if usual is not None and usual[0] >= _AS_GOOD * found[0] and not _is_odd(sample, usual[1]):
            found = usual
    if found is None or (found[0] < _LEAST and _beyond_ascii(sample) >= _ENOUGH):
        return None
    return found[1]


def _best(sample: bytes, era: EncodingEra) -> tuple[float, Guess] | None:
    # Without a line end before it, a first word such as "MZ" would be taken for a file's signature.
    sample = b"\n" + sample
    found = chardet.detect(
        sample,
        max_bytes=len(sample),
        encoding_era=era,
        exclude_encodings=["utf-7"],
        no_match_encoding="ascii",
    )
    if found["encoding"] in (None, "ascii"):
        return None
    return found["confidence"], Guess(str(found["encoding"]), found["language"] or "")


def _is_odd(sample: bytes, guess: Guess) -> bool:
    """Whether small letters are followed by capitals, currencies or openings, as "dellÕAssemblea": another encoding."""
    text = sample.decode(guess.encoding, "replace")
    after = (after for before, after in pairwise(text) if after > "\x7f" and before.islower())
    return any(unicodedata.category(char) in ("Lu", "Sc", "Ps", "Pi", "Cc") or char in "¡¿\ufffd" for char in after)


def _beyond_ascii(data: bytes) -> int:
    return len(data) - len(data.translate(None, _HIGH))


_HIGH = bytes(range(128, 256))
