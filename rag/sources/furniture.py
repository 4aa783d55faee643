"""Page furniture around a report: comment counters and source lines at its end, and author lines.

Furniture is not cut; only the end of the body is recorded, so that offsets are those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import regex

from rag.language import entries, fold, joining_words, language_of
from rag.sources.content import URL

_MAX_AUTHORS_LINE = 80
_MAX_SOURCE_LINE = 400
_TAIL_CHARS = 4_000

_BETWEEN_NAMES = re.compile(r"\s+[-–—&/|]\s+|\s*[,;，、]\s*")


@dataclass(frozen=True, slots=True)
class Furniture:
    """The page's own lines at a report's end. `body_end` is `len(text)` if there are none."""

    body_end: int
    authors: tuple[str, ...] = ()
    source_url: str | None = None


def find_furniture(text: str) -> Furniture:
    """Comment counters, source lines and, directly above them or at the very end, lines of names."""
    lines = _tail_lines(text)
    source_url, marked = None, False
    while lines and (_is_page_line(lines[-1][1]) or _is_source_url(lines)):
        marked = True
        url = URL.search(lines.pop()[1])
        source_url = url.group().rstrip(").,;") if url else source_url
    authors: tuple[str, ...] = ()
    most = 2 if marked else 1
    while lines and most and (names := _names(lines[-1][1], alone=not marked)) and (marked or len(lines) > 1):
        authors = names + authors
        lines.pop()
        most -= 1
    if not marked and not authors:
        return Furniture(len(text))
    return Furniture(lines[-1][0] + len(lines[-1][1]) if lines else 0, authors, source_url)


def _tail_lines(text: str) -> list[tuple[int, str]]:
    """The last lines that are not blank, each stripped, with its offset; enough of them for any furniture."""
    start = text.rfind("\n", 0, max(0, len(text) - _TAIL_CHARS)) + 1
    found = []
    for match in re.finditer(r"[^\r\n]+", text[start:]):
        line = match.group()
        if stripped := line.strip():
            found.append((start + match.start() + line.index(stripped), stripped))
    return found


def _is_page_line(line: str) -> bool:
    if len(line) > _MAX_SOURCE_LINE:
        return False
    plain = fold(line)
    label = plain.partition(":")[0].strip()
    if label in labels("source"):
        return True
    count = re.fullmatch(r"(.+?)\s*\(\s*\d+\s*\)", plain)
    return bool(count and count.group(1) in labels("comments"))


def _is_source_url(lines: list[tuple[int, str]]) -> bool:
    """An address in a line of its own, below the word for source."""
    return len(lines) > 1 and bool(URL.fullmatch(lines[-1][1])) and _is_page_line(lines[-2][1])


def byline(line: str, language: str) -> tuple[str, ...]:
    """The authors named in a line such as "By Mai Lan"; empty for other lines."""
    names = _without_by(line, [language, "en"])
    return _names(names, alone=False, cased=False) if names and len(line) <= _MAX_AUTHORS_LINE else ()


def without_by(name: str, language: str) -> str:
    """An author's name without the word for "by" before it; of two words the first may be the name's: "Di Maio"."""
    bare = _without_by(name, [language, "en"])
    # "Von der Leyen" is a name.
    whole = len(bare.split()) > 1 and not bare[0].islower()
    return bare if whole or (bare and re.search("[:：]", name)) else name


def full_names(line: str) -> tuple[str, ...]:
    """The people whom a line names by first and last name, in scripts with capitals; empty for other lines."""
    return _names(line, alone=True)


def _without_by(line: str, languages: Iterable[str]) -> str:
    """What follows the word for "by"; empty without it."""
    first, _, rest = line.strip("()（） ").partition(" ")
    first, colon, more = first.partition(":") if ":" in first else first.partition("：")
    words = {fold(word) for tag in languages for word in language_of(tag).page.by}
    said = {fold(first), f"{fold(first)}:"} if colon else {fold(first)}
    return f"{more} {rest}".strip() if said & words else ""


def _names(line: str, *, alone: bool, cased: bool = True) -> tuple[str, ...]:
    """The people a line names, or nothing. Without furniture below it (`alone`) full names are asked for.

    `cased`: only words in capitals are names, so that none is found in a script without them.
    """
    if len(line) > _MAX_AUTHORS_LINE:
        return ()
    line = _without_by(line, entries()) or line
    names: list[str] = []
    joined = "|".join(re.escape(word) for word in _joining())
    for part in re.split(rf"{_BETWEEN_NAMES.pattern}|\s+(?:{joined})\s+", line.strip("()")):
        sides = re.split(r"[-–—]", part)
        names += sides if len(sides) > 1 and all(len(side.split()) > 1 for side in sides) else [part]
    names = [name.strip() for name in names if name.strip()]
    return tuple(names) if names and all(_is_name(name, alone, cased) for name in names) else ()


def _is_name(name: str, alone: bool, cased: bool) -> bool:
    words = name.split()
    if not (2 if alone else 1) <= len(words) <= 5 or (len(words[-1]) > 2 and words[-1].endswith(".")):
        return False
    letters = [re.sub(r"[.'’-]", "", word) for word in words]
    named = all(word[0].isupper() or (not cased and word.lower() == word.upper()) for word in words)
    return named and all(regex.fullmatch(r"[\p{L}\p{M}]+", word) for word in letters)


@cache
def labels(kind: str) -> frozenset[str]:
    """Labels of a kind (a field of `PageWords`) in every language, folded."""
    held = (getattr(language_of(code).page, kind) for code in entries())
    return frozenset(fold(label.replace("_", " ")) for labels in held for label in labels)


@cache
def _joining() -> list[str]:
    return sorted({word for code in entries() for word in joining_words(code) if word.isalpha()})
