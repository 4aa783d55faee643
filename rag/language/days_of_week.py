"""Names of weekdays in running text, with their endings; the names are CLDR's.

Which date a weekday is, `relative_days` resolves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import regex

from rag.language.folding import fold
from rag.language.registry import Language, entries, language_of, weekday_names
from rag.language.scripts import UNSPACED_SCRIPTS

# Letters from which on the name of a weekday may have an ending, and last letters that another may replace.
_INFLECTED, _OPEN = 5, "aаяе"
# Letters up to which a name behind a figure is part of another word: "一周一次", "三星期一次".
_COUNTED = 3
# Before what is counted, no weekday: "6 luni" are six months in Romanian.
_COUNT = re.compile(r"(?<!\d)\d{1,3}\s\Z")
# Scripts whose weekdays stand apart as words, and those whose short names of weekdays are no other words: 周二.
_WORDY = frozenset("Latn Cyrl Grek Armn Geor Arab Hebr Ethi".split())
_IDEOGRAPHIC = frozenset("Hans Hant Jpan".split())
# Languages that write "and", "on" and "the" on to a word, and these.
_PARTICLES, _PARTICLE = frozenset({"ar", "he"}), r"\p{L}{0,2}?"
# What is written in several ways within a name: "terça-feira", "سه‌شنبه", "п'ятниця".
_WEEKDAY_MARKS = {
    **dict.fromkeys(" -", r"[\s-]+"),
    **dict.fromkeys("\u200c\u200d", r"[\u200c\u200d\s]?"),
    **dict.fromkeys("'’ʼ", "['’ʼ]?"),
}


def weekdays(text: str, language: str, *, sure: bool = False) -> frozenset[int]:
    """The weekdays named in a text, Monday is 0, also with an ending ("on Mondays", "w środę").

    `sure`: without the words that mostly mean something else, "pazar" (market) in Turkish.
    """
    return frozenset(day for _, _, day in find_weekdays(text, language, sure=sure))


def find_weekdays(text: str, language: str, *, sure: bool = False) -> Iterator[tuple[int, int, int]]:
    """Start, end and number of each weekday named in a text; see `weekdays`."""
    own = language_of(language)
    pattern, names = _weekday_pattern(own.code)
    for match in pattern.finditer(fold(text)) if names else ():
        name, day = names[int(str(match.lastgroup)[1:])]
        before = text[max(0, match.start() - 5) : match.start()]
        counted = len(name) <= _COUNTED and bool(before) and unicodedata.numeric(before[-1], None) is not None
        unsure = _is_unsure(name, own) or _COUNT.search(before)
        if day is not None and not counted and not (sure and unsure):
            yield *match.span(), day


def reads_weekdays(language: str) -> bool:
    """Whether the names of weekdays are known in a language."""
    return bool(_weekday_pattern(language_of(language).code)[1])


@cache
def _weekday_pattern(code: str) -> tuple[regex.Pattern[str], list[tuple[str, int | None]]]:
    """A pattern whose group w0, w1 ... matched the name in that place of the list; None is no weekday."""
    language = language_of(code)
    names: dict[str, int | None] = dict.fromkeys(language.dates.no_weekday)
    widths = ["wide", "abbreviated"] if language.script in _IDEOGRAPHIC else ["wide"]
    names |= {fold(name): day for day, name in weekday_names(code, *widths)}
    held = sorted(((name, day) for name, day in names.items() if len(name) > 1), key=lambda one: -len(one[0]))
    told = "|".join(f"(?P<w{place}>{_weekday_form(name, language)})" for place, (name, _) in enumerate(held))
    if not _grows_on(language):
        told = rf"(?<![\p{{L}}\p{{M}}\u200c]){_PARTICLE if code in _PARTICLES else ''}(?:{told})(?![\p{{L}}\p{{M}}])"
    return regex.compile(told), held if any(day is not None for _, day in held) else []


def _weekday_form(name: str, language: Language) -> str:
    """A pattern of a folded name with its endings: "среда" of "среду", "thursday" of "Thursdays"."""
    ending = ""
    if len(name) >= _INFLECTED and not _grows_on(language):
        ending = r"\p{L}{0,2}"
        if name[-1] in _OPEN:
            name, ending = name[:-1], rf"(?:{name[-1]}{ending}|\p{{L}})"
    letters = [_WEEKDAY_MARKS.get(letter, re.escape(letter)) for letter in name]
    return ("\u200c?" if language.script == "Arab" else "").join(letters) + ending


def _grows_on(language: Language) -> bool:
    """Whether other words are written on to a weekday's name, or its letters are no run for their marks."""
    return language.script in UNSPACED_SCRIPTS or language.script not in _WORDY


def _is_unsure(name: str, language: Language) -> bool:
    # Without an entry nobody has looked for what else a name means where it may stand within a word.
    return name in language.dates.no_weekday or (_grows_on(language) and language.code not in entries())
