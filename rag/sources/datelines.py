"""The dateline at the beginning of a report: "HALVIK, 12 November 2025 - ", "PARIS (Reuters) — ", "(서울=연합뉴스) ".

It is recognised by its form: a short opening of names and a date, ended by a dash, a bracket or a full stop. There is
no list of places, so a place may be anywhere in the world. A dateline gives place and date; it is not part of a title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex

from rag.language import FoundDate, find_dates, language_of, lower, weekdays
from rag.sources.reading_view import Block

# Blocks from the first on that a dateline may begin: behind a headline, a subtitle, a byline and fields.
BLOCKS = 8
# Longest dateline, in code points, and most words that name its place.
LONG, WORDS = 90, 5
# A short word beside a date is no name: "г.", "le", "den".
LITTLE = 3

_BRACKETED = re.compile(r"[\[【（(［〔]([^\]】）)］〕\n]{2,40})[\]】）)］〕]")
_END = re.compile(
    r"(?:\s+|\.\s*)[-–—―]+\s+|\s*[—―]\s*|\s*[:：]\s+|[.।։።]\s+|[\]】）)］〕](?:\s*[=＝:]\s*|[.\s]*[-–—―]+\s+)?|\s*[=＝]\s*"
)
_DASH = re.compile(r"[\]】）)］〕]?[.\s]*[-–—―]")
_CLOSED = re.compile(r"[\]】）)］〕]\s*")
_AGENCY = re.compile(r"[\[【（(［〔/][^\]】）)］〕/\n]{2,40}[\]】）)］〕/]")
_REPORTER = re.compile(r"[^.=＝。\n]{1,24}[=＝]\s*")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}'’.-]*")


@dataclass(frozen=True, slots=True)
class Dateline:
    """`text[:end]` of a block's view is its dateline; `place` is empty and `day` None if not given."""

    end: int
    place: str
    day: FoundDate | None


def find_dateline(found: tuple[Block, ...], language: str) -> tuple[Block, Dateline] | None:
    """The first dateline among a report's first blocks, with its block; `language` is a BCP 47 tag."""
    for block in found[:BLOCKS]:
        if not block.row and (line := dateline_of(block.view.text, language)):
            return block, line
    return None


def dateline_of(text: str, language: str) -> Dateline | None:
    """The dateline that a text begins with. Text must follow it."""
    head = text[:LONG]
    if line := _in_brackets(text, head, language):
        return line
    best: Dateline | None = None
    for match in _END.finditer(head):
        line = _read(head[: match.start() + (match.group()[0] in "]】）)］〕")], match.group(), language)
        after = text[match.end() : match.end() + 1]
        # A full stop ends a dateline only where it is the first that can, or stands right behind that.
        ends = best is None or match.start() == best.end or match.group().strip() not in ".।։。"
        if line and after and not after.islower() and ends:
            best = Dateline(match.end(), line.place, line.day)
    for word in language_of(language).page.wire:
        at = head.find(word)
        days = [day for day in find_dates(head[:at], language) if day.day] if at > 0 else []
        if days and text[at + len(word) :].strip():
            space = len(text) - at - len(word) - len(text[at + len(word) :].lstrip())
            return Dateline(at + len(word) + space, "", days[0])
    return best


def _in_brackets(text: str, head: str, language: str) -> Dateline | None:
    """Place, agency and date between brackets: "(서울=연합뉴스) 김 기자 = ", "【東京10月3日】"."""
    match = _BRACKETED.match(head)
    if match is None:
        return None
    said = match[1]
    days = [day for day in find_dates(said, language) if day.day]
    if not days and not re.search(r"[=＝]", said):
        return None
    rest = said[: days[0].start] + " " + said[days[0].end :] if days else said
    parts = [part for part in re.split(r"[=＝・·/,、，\s]+", rest) if part]
    end = match.end()
    if reporter := _REPORTER.match(text, end):
        end = reporter.end()
    end += len(text[end:]) - len(text[end:].lstrip())
    place = _named(parts[0], language) if parts and not any(map(str.isdecimal, parts[0])) else ""
    return Dateline(end, place, days[0] if days else None) if end < len(text) else None


def _read(prefix: str, mark: str, language: str) -> Dateline | None:
    """The dateline that `prefix` is, if it is one; `mark` cuts it off."""
    days = [day for day in find_dates(prefix, language) if day.day and day.month]
    if len(days) > 1 or re.search(r"\s[-–—―]\s", prefix):
        return None
    day = days[0] if days else None
    rest = prefix[: day.start] + "," + prefix[day.end :] if day else prefix
    bare = _AGENCY.sub(",", rest)
    agency = bare != rest
    words = [word for word in _WORD.findall(bare) if not _is_little(word, day, language)]
    dash = bool(_DASH.match(mark))
    if any(map(str.isdecimal, bare)) or len(words) > WORDS or not all(_may_name(word) for word in words):
        return None
    if not words:
        return Dateline(0, "", day) if day and (dash or mark.strip() in ("】", ":", "：")) else None
    if day and len(words) == 1 and len(words[0]) <= LITTLE and words[0].istitle():
        return None  # "On 5 May - a Tuesday - ..."
    capitals = "".join(words)
    # Letters with case: without a date or an agency only capitals before a dash make a dateline.
    shouted = capitals.isupper() and len(capitals) > 1 and dash
    if not (day or shouted or (agency and not _CLOSED.fullmatch(mark))):
        return None
    first = next(part for part in re.split(r"[,،、，;/]", bare) if any(map(str.isalpha, part)))
    kept = [word for word in _WORD.findall(first) if not _is_little(word, day, language)]
    while day and len(kept) > 1 and len(kept[-1]) <= LITTLE and not kept[-1][0].isupper():
        kept.pop()  # "in", "on" before the day, in a script without case
    # Capitals alone may be a word ("BREAKING - "), and what no mark cuts off more than a place.
    sure = day or agency or "," in prefix
    return Dateline(0, _named(" ".join(kept), language) if sure else "", day)


def _is_little(word: str, day: FoundDate | None, language: str) -> bool:
    """A weekday, or a small word beside a date."""
    return bool(day) and ((len(word.rstrip(".")) <= LITTLE and word[0].islower()) or bool(weekdays(word, language)))


def _may_name(word: str) -> bool:
    """Capitalised, or of a script without case; names have small words inside ("Rio de Janeiro")."""
    return not word[0].islower() or len(word) <= LITTLE


def _named(words: str, language: str) -> str:
    """A name in capitals as it is written elsewhere: "NEW DELHI" is New Delhi."""
    words = words.strip(" .,-–—:")
    if len(words) < LITTLE or not words.isupper() or words.lower() == words.upper():
        return words
    return " ".join(part[:1] + lower(part[1:], language) for part in words.split())
