"""The line near a headline that says who wrote a report, and when: "Gesa Brandt | 14 March 2023, 17:42 | 3 comments".

It is recognised by its form: a full date and few words beside it. Independent of where the line stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from rag.language import UNSPACED, FoundDate, find_dates, weekdays
from rag.sources.furniture import byline, full_names

# Longest line, in code points; most words beside the day in its part of the line.
LONG, WORDS = 120, 6
# A shorter word beside a date is no name: "г.", "le", "den".
LITTLE = 3
# Lines below a headline that are looked at; a longer one is the report's text.
BELOW, TEXT = 6, 200

_BETWEEN = re.compile(r"\s*[|｜·•‧]\s*|\t|\s{2,}|(?<=[^\W\d_]{3})[.。]\s+|\s+[-–—/]\s+")
_COMMA = re.compile("[,،、，]")
_STOP = re.compile(r"[!?…:;！？。।؟]$")
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")


def day_of(line: str, language: str) -> date | None:
    """The day that the line tells; None for a line of another kind. `language` is a BCP 47 tag."""
    found = _day(line, language)
    return found.full if found else None


def names_of(line: str, language: str) -> tuple[str, ...]:
    """The people whom a line with a day names, or one that begins with the word for "by"."""
    day = _day(line, language)
    parts = _BETWEEN.split(line[:LONG])
    if day is None:
        return next((names for part in parts if (names := byline(part, language))), ())
    for start, end in _parts(line):
        if start <= day.start < end:
            said = line[start : day.start]
            if said.rstrip().endswith((",", "،", "、", "，")):
                # What a comma sets apart from the day is a place, "Halvik, 12 May 2025", but "By Mai Lan, 12 May 2025".
                names = byline(_COMMA.split(said)[0], language)
                if names and all(map(full_names, names)):
                    return names
                continue
            said = _without_weekday(said, language)
        else:
            said = line[start:end]
        if names := byline(said, language) or full_names(said.strip(" ,.")):
            return names
    return ()


def near_headline(lines: Sequence[str], titles: Sequence[str]) -> list[str]:
    """The lines below the first that is one of the titles, up to the report's text, then the line above it."""
    at = next((row for title in titles if title for row, line in enumerate(lines) if line == title), None)
    if at is None:
        return []
    below = lines[at + 1 : at + 1 + BELOW]
    text = next((row for row, line in enumerate(below) if len(line) > TEXT), len(below))
    return [*below[:text], *lines[max(0, at - 1) : at]]


def _day(line: str, language: str) -> FoundDate | None:
    if len(line) > LONG or _STOP.search(line):
        return None
    for day in find_dates(line, language):
        if day.full:
            start, end = next((start, end) for start, end in _parts(line) if start <= day.start < end)
            beside = f"{line[start : day.start]} {line[day.end : end]}"
            words = [word for word in _WORD.findall(beside) if not weekdays(word, language)]
            return None if _is_sentence(line, day) or sum(map(_weight, words)) > WORDS else day
    return None


def _is_sentence(line: str, day: FoundDate) -> bool:
    """Whether a full stop ends the line, not a short word such as "г."."""
    last = _WORD.findall(line[day.end :])[-1:]
    return line.endswith(".") and day.end < len(line) and not (last and len(last[0]) <= LITTLE)


def _parts(line: str) -> list[tuple[int, int]]:
    """The parts of a line, as offsets."""
    cuts = [0, *(at for match in _BETWEEN.finditer(line) for at in match.span()), len(line)]
    return list(zip(cuts[::2], cuts[1::2], strict=True))


def _weight(word: str) -> float:
    """How many words it counts as; two characters of a script without spaces are one."""
    if _UNSPACED.search(word):
        return len(word) / 2
    return float(len(word) > LITTLE)


def _without_weekday(said: str, language: str) -> str:
    words = re.sub(r"[,،、，]", " ", said).split()
    while words and (weekdays(words[-1], language) or len(words[-1]) < LITTLE):
        words.pop()
    return " ".join(words)
