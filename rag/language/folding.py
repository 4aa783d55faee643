"""Lower-casing, and removal of diacritics; offsets are preserved: one code point out for each code point in."""

from __future__ import annotations

import unicodedata

# Their capital of i has a dot, and their I is the capital of ı.
_DOTTED = frozenset({"tr", "az"})
_STROKED = {"ı": "i", "đ": "d", "ł": "l", "ø": "o", "ħ": "h", "ŧ": "t", "ß": "s", "ƀ": "b", "ɨ": "i"}


def lower(text: str, language: str) -> str:
    """Lower case by the rules of the language, diacritics kept: in Turkish I gives ı and İ gives i."""
    if language.split("-")[0] in _DOTTED:
        text = text.replace("I", "ı")
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(char.lower()[0] for char in text)


def fold(text: str) -> str:
    """Lower case without diacritics.

    İ and ı give i, Đ and đ d, ł l, ß s, Vietnamese vowels their bare letter. Scripts other than Latin, Greek and
    Cyrillic are only lower-cased, since a mark there makes a different letter.
    """
    return text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """Filled as letters are met: a text uses a few hundred of the 1.1 million code points."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_one(chr(code))
        return folded


_FOLDED = _Folded()


def _fold_one(char: str) -> str:
    base, marks = char, ""
    if char.isalpha():
        parts = unicodedata.normalize("NFD", char)
        script = unicodedata.name(parts[0], "").partition(" ")[0]
        if script in {"LATIN", "GREEK", "CYRILLIC"}:
            base, marks = parts[0], parts[1:]
    lowered = base.lower()
    if len(lowered) != 1 or any(not unicodedata.combining(mark) for mark in marks):
        return char
    return _STROKED.get(lowered, lowered)
