"""Numbers written in words -> their values; digits are handled elsewhere.

What ICU writes for numbers in some 80 languages is in `number_words.zip`, made by `icu_number_words.py`. What ICU does
not write (other spellings, cases, "a" for one) comes from the language's entry.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal, TypedDict, cast

import regex

from rag.language.folding import lower
from rag.language.registry import Language, language_of
from rag.language.scripts import UNSPACED_SCRIPTS

TABLES = "number_words.zip"
_GAP = re.compile(r"\s{1,2}|-")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
# Korean writes what is counted on to the number.
_HANGING = "Kore"

Kind = Literal["number", "ordinal", "ambiguous"]
Words = tuple[str, ...]


class Spelled(TypedDict):
    """What ICU writes in a language, as `icu_number_words.py` splits it: words joined by single spaces -> value."""

    cardinals: dict[str, int]
    after: dict[str, int]
    ordinals: dict[str, int]
    scales: dict[str, int]
    same: dict[str, str]
    bare: list[str]
    scale_first: bool
    joins: bool


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number in words at `text[start:end]`, offsets in code points; "ambiguous" words mostly mean something else."""

    start: int
    end: int
    value: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Table:
    """What is known of a language's number words, lower-cased and taken apart into pieces."""

    language: Language
    # Another spelling or case -> the piece by which it is known.
    same: Mapping[str, str] = field(default_factory=dict)
    # Pieces -> value. `after` also holds what only follows a multiplier ("and nine", "không trăm lẻ năm").
    cardinals: Mapping[Words, int] = field(default_factory=dict)
    after: Mapping[Words, int] = field(default_factory=dict)
    ordinals: Mapping[Words, int] = field(default_factory=dict)
    scales: Mapping[str, int] = field(default_factory=dict)
    bare: frozenset[str] = frozenset()
    # Multipliers stand before what they multiply ("elfu mbili").
    scale_first: bool = False
    longest: int = 0
    # ICU writes numbers below 100 in one word: "drei und zwanzig" are two.
    joins: bool = False
    # All pieces, the letters of the longest, whether several are written in one word, and what hangs on to the last.
    spoken: frozenset[str] = frozenset()
    letters: int = 0
    many: bool = False
    ending: re.Pattern[str] | None = None
    run: re.Pattern[str] | None = None
    piece: re.Pattern[str] | None = None


def find_numerals(text: str, language: str) -> Iterator[Numeral]:
    """The numbers that a text writes in words, in order, without overlap; none in a language that ICU cannot spell.

    Words of a language whose entry does not list its ambiguous ones are all of kind "ambiguous".
    """
    table = _table(language_of(language).code)
    pieces = _pieces(text, table) if table.piece else []
    at = 0
    while at < len(pieces):
        read, value, kind = _read(pieces, at, table)
        if read:
            yield _numeral(text, pieces, at, read, value, kind, table)
        at += read or 1


def cardinal_alone(words: str, language: str) -> int:
    """The number that these words spell and nothing else; 0 if none, and for one that is listed as ambiguous."""
    table = _table(language_of(language).code)
    pieces = _pieces(words, table) if table.piece else []
    read, value, kind = _read(pieces, 0, table) if pieces else (0, 0, "number")
    whole = 0 < read == len(pieces) and (pieces[0].start, pieces[-1].end) == (0, len(words))
    listed = read == 1 and pieces[0].said in table.language.numbers.ambiguous
    return value if whole and kind == "number" and not listed else 0


def scale(word: str, language: str) -> int:
    """What a word multiplies a figure by ("million"); 0 for any other word."""
    table = _table(language_of(language).code)
    lowered = lower(word, table.language.code)
    return table.scales.get(table.same.get(lowered, lowered), 0)


def scales(language: str) -> list[str]:
    """The words that multiply a figure by a thousand or more."""
    table = _table(language_of(language).code)
    return [word for word, number in table.scales.items() if number >= 1000] + [
        word for word, same in table.same.items() if table.scales.get(same, 0) >= 1000
    ]


def scale_stands_first(language: str) -> bool:
    """Whether words for millions stand before their figure, as in Swahili."""
    return _table(language_of(language).code).scale_first


def hangs_on(language: str) -> bool:
    """Whether words follow a figure without a blank."""
    return language_of(language).script in UNSPACED_SCRIPTS | {_HANGING}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a word; `joined` where nothing but a blank or a hyphen lies before it, `first` where a word begins."""

    start: int
    end: int
    said: str
    known: str
    joined: bool
    first: bool
    last: bool


def _pieces(text: str, table: _Table) -> list[_Piece]:
    """All words that are nothing but number words, in pieces; `last` is False of one that cannot end a number."""
    lowered = lower(text, table.language.code)
    assert table.piece is not None
    found: list[_Piece] = []
    words = table.run.finditer(lowered) if table.run else _WORD.finditer(lowered)
    ending = table.language.numbers.ending
    for match in words:
        word, start = match.group(), match.start()
        if not table.run and not _spells(word, table):
            continue
        cut = list(table.piece.finditer(word))
        if ending and len(cut) > 0 and cut[-1].end() < len(word) and cut[-1].group() in table.language.numbers.unended:
            continue
        gap = text[found[-1].end : start] if found else ""
        for place, part in enumerate(cut):
            end = start + part.end() if place < len(cut) - 1 else match.end()
            joined = bool(place) or bool(found) and bool(_GAP.fullmatch(gap) or (table.run and not gap))
            said = part.group()
            known = table.same.get(said, said)
            found.append(_Piece(start + part.start(), end, said, known, joined, not place, place == len(cut) - 1))
    return found


def _spells(word: str, table: _Table) -> bool:
    """Whether a word is nothing but pieces and an ending, in any cut: "cent-ottanta", though "otto" is a piece too.

    Each place is reached once: a pattern would try every cut of "neunzehnneunzehn...", of which there are 2 to the n.
    """
    if not table.piece or not table.piece.match(word):  # as most words, and quickly told
        return False
    reached = {0}
    for at in range(len(word) if table.many else 1):
        if at in reached:
            reached.update(at + n for n in range(1, table.letters + 1) if word[at : at + n] in table.spoken)
    ends = reached - {0}
    ending = table.ending
    return len(word) in ends or ending is not None and any(ending.fullmatch(word, at) for at in ends)


def _read(pieces: Sequence[_Piece], at: int, table: _Table) -> tuple[int, int, Kind]:
    """The longest number that starts at a piece: how many pieces (0 where there is none), its value and kind."""
    if not pieces[at].first and not table.run:
        return 0, 0, "number"
    run = 1
    while at + run < len(pieces) and pieces[at + run].joined:
        run += 1
    words = tuple(piece.known for piece in pieces[at : at + run])
    ends = [pieces[at + place].last or bool(table.run) for place in range(run)]
    begins = [pieces[at + place].first for place in range(run)]
    ordinal = next((n for n in range(min(run, table.longest), 0, -1) if ends[n - 1] and words[:n] in table.ordinals), 0)
    read, value = _cardinal(words, begins, ends, table)
    if read == 1 and pieces[at].said in table.language.numbers.never_alone:
        read = 0
    if ordinal > read:
        value = table.ordinals[words[:ordinal]]
        return ordinal, value, "ordinal" if value > 2 else "ambiguous"
    return read, value, "number"


def _cardinal(words: Words, begins: Sequence[bool], ends: Sequence[bool], table: _Table) -> tuple[int, int]:
    """How many of the words are one number from the first on, and its value; (0, 0) where none is."""

    def parted(at: int, length: int, held: Mapping[Words, int]) -> bool:
        """Whether blanks lie within a number that is one word."""
        return table.joins and held[words[at : at + length]] < 100 and any(begins[at + 1 : at + length])

    terms: list[int] = []
    best, value, at = 0, 0, 0
    waiting = 0
    while at < len(words):
        scale = table.scales.get(words[at], 0)
        held = table.after if terms else table.cardinals
        lengths = range(min(table.longest, len(words) - at), 0, -1)
        read = next((n for n in lengths if words[at : at + n] in held and not parted(at, n, held)), 0)
        number = held[words[at : at + read]] if read else 0
        if read and (not scale or read > 1):
            if waiting and not 0 < number < 1000:
                break
            if waiting:
                terms[-1], waiting = waiting * number, 0
            elif terms and (number == 0 or number >= _step(terms[-1])):
                break
            else:
                terms.append(number)
        elif scale and table.scale_first:
            if terms and scale >= _step(terms[-1]):
                break
            terms.append(scale)
            waiting = scale
            read = 1
        elif scale:
            tail = [term for term in terms if term < scale]
            if terms and not tail or not terms and words[at] not in table.bare:
                break
            if terms and terms[: len(terms) - len(tail)] and sum(tail) * scale >= _step(terms[-len(tail) - 1]):
                break
            terms = [*terms[: len(terms) - len(tail)], (sum(tail) if tail else 1) * scale]
            read = 1
        else:
            break
        at += read
        if ends[at - 1]:
            best, value = at, sum(terms)
    return best, value


def _step(term: int) -> int:
    """What may follow a term is smaller than its last digit that is not 0: after 2,300,000 anything below 100,000.

    After 0 nothing may.
    """
    step = 1
    while term and term % (step * 10) == 0:
        step *= 10
    return step if step >= 1000 else 1


def _numeral(text: str, pieces: Sequence[_Piece], at: int, read: int, value: int, kind: Kind, table: _Table) -> Numeral:
    own = table.language.numbers
    single = read == 1 and (pieces[at].said in own.ambiguous or bool(table.run))
    start, end = pieces[at].start, pieces[at + read - 1].end
    before = text[:start].split()[-1:] if own.ordinal_before else []
    if before and lower(before[0], table.language.code) in own.ordinal_before and text[start - 1].isspace():
        # "thứ ba" is also a day of the week.
        kind = "ordinal" if value > 7 else "ambiguous"
    elif single or not own.ambiguous or (own.capital_is_name and _is_name(text, start, end)):
        kind = "ambiguous"
    return Numeral(start, end, value, kind)


def _is_name(text: str, start: int, end: int) -> bool:
    """A capital before a capital: "Ba Đình", "Hai Bà Trưng"."""
    following = regex.match(r"[\s-]([\p{L}\p{M}]+)", text[end : end + 40])
    return " " not in text[start:end] and text[start].isupper() and bool(following and following[1][0].isupper())


@cache
def _table(code: str) -> _Table:
    """Put together once a language and process."""
    language = language_of(code)
    own = language.numbers
    held = _spelled(own.spelled_as or code)
    if held is None:
        return _Table(language)
    same: dict[str, str] = {word: own.same.get(known, known) for word, known in held["same"].items()} | dict(own.same)
    cardinals = {_words(words, same): number for words, number in held["cardinals"].items()}
    after = {_words(words, same): number for words, number in held["after"].items()}
    ordinals = {_words(words, same): number for words, number in held["ordinals"].items()}
    cardinals |= {(word,): number for word, number in own.more.items()}
    scales = {same.get(word, word): number for word, number in held["scales"].items()}
    scales |= own.scales
    for word in own.bare:
        _let_stand_bare(word, cardinals)
    after = {**cardinals, **after}
    ordinals = {words: number for words, number in ordinals.items() if words[0] not in own.ordinal_before}
    ordinals |= {(word,): number for word, number in own.ordinals.items()}
    spoken = {word for words in (*after, *ordinals) for word in words} | scales.keys() | same.keys()
    pattern = "|".join(re.escape(word) for word in sorted(spoken, key=lambda word: len(word), reverse=True))
    run = "+" if language.script in UNSPACED_SCRIPTS else "{2,}" if language.script == _HANGING else ""
    return _Table(
        language=language,
        same=same,
        cardinals=cardinals,
        after=after,
        ordinals=ordinals,
        scales=scales,
        bare=frozenset(same.get(word, word) for word in held["bare"]) | own.bare,
        scale_first=held["scale_first"],
        joins=held["joins"],
        longest=max(map(len, (*after, *ordinals))),
        spoken=frozenset(spoken),
        letters=max(map(len, spoken)),
        many=own.joins or held["joins"],
        ending=re.compile(own.ending) if own.ending else None,
        run=re.compile(f"(?:{pattern}){run}") if run else None,
        piece=re.compile(pattern),
    )


def _spelled(code: str) -> Spelled | None:
    with (
        resources.as_file(resources.files("rag.language") / TABLES) as path,
        zipfile.ZipFile(path) as tables,
    ):
        name = f"{code}.json"
        return cast("Spelled", json.loads(tables.read(name))) if name in tables.namelist() else None


def _words(said: str, same: Mapping[str, str]) -> Words:
    return tuple(same.get(word, word) for word in said.split(" "))


def _let_stand_bare(word: str, held: dict[Words, int]) -> None:
    """Beside "einhundertneun" also "hundertneun"."""
    for words, number in list(held.items()):
        if len(words) > 1 and words[1] == word and 100 <= number < 200:
            held.setdefault(words[1:], number)
