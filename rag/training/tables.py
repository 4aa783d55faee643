"""Words for tables in many languages -> reports that are a table, with questions about its cells.

A table's rows are cities (CLDR's names), its columns facts about an invented organisation's offices there, its values
drawn at random. Questions are in the table's language or another one; a quarter has no answer: about a city or a column
that the table lacks. The words are written by hand: one line of JSON per language.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal

from rag.encoder.tokenizer import Tokenizer
from rag.errors import InputError
from rag.sources import Draft, make_article
from rag.training.examples import Example
from rag.training.questions import MarkedQuestion
from rag.training.written import WrittenReport, examples_of

# Tables per language and turn; questions per table, and the share of them in other languages.
PER_TURN, ASKED, ACROSS = 14, 6, 0.5
ROWS, COLUMNS = (3, 7), (2, 4)
# Probability that a table's figures are in the digits of the language's script, and the digit zero of those of the
# languages above that have some.
NATIVE = 0.4
ZEROS = {"ar": 0x660, "fa": 0x6F0, "hi": 0x966}
# Probability that a question has no answer, and that the place is asked for by what stands in its row.
ABSENT, REVERSE = 0.25, 0.25
PEOPLE, AMOUNTS, DAYS, GOODS = (
    ("director", "deputy"),
    {
        "staff": (3, 900),
        "members": (40, 60_000),
        "budget": (20_000, 90_000_000),
        "rent": (300, 40_000),
        "area": (40, 9_000),
        "votes": (5, 30_000),
        "distance": (1, 60),
        "complaints": (1, 400),
        "seats": (20, 3_000),
    },
    ("opened", "inspected"),
    ("sold", "missing"),
)
FIRST_DAY, DAYS_AFTER = date(1990, 1, 1), 12_800


@dataclass(frozen=True, slots=True)
class Terms:
    """One language's words; `goods` are in the same order in all languages."""

    language: str
    place: tuple[str, ...]
    titles: tuple[str, ...]
    people: tuple[str, ...]
    goods: tuple[str, ...]
    columns: dict[str, dict[str, list[str]]]


@dataclass(frozen=True, slots=True)
class _Cell:
    """A value as the table writes it, and in other languages if it is a word."""

    text: str
    good: int | None = None


def read(path: Path) -> list[Terms]:
    """The words of all languages. Raises InputError for a file in another format."""
    try:
        return [_terms(json.loads(line)) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: not a file of words for tables ({error!r}); one language a line is needed"
        ) from error


def make(path: Path, tokenizer: Tokenizer, vocabulary: int, seed: int) -> list[Example]:
    """The examples of one draw of tables. Raises InputError for a file in another format."""
    rng = random.Random(seed)
    return [
        example
        for tables in drawn(path, seed).values()
        # The same city or director stands in several tables: none is a negative for another's question.
        for example in examples_of(tables, tokenizer, vocabulary, rng, near=0)
    ]


def drawn(path: Path, seed: int) -> dict[str, list[WrittenReport]]:
    """Tables with questions, by language; deterministic for a seed. Raises InputError."""
    every = read(path)
    rng = random.Random(seed)
    return {
        terms.language: [_table(terms, every, f"{terms.language}/table{seed}.{n}", rng) for n in range(PER_TURN)]
        for terms in every
    }


def _terms(row: dict[str, Any]) -> Terms:
    return Terms(
        language=row["language"],
        place=tuple(row["place"]),
        titles=tuple(row["titles"]),
        people=tuple(row["people"]),
        goods=tuple(row["goods"]),
        columns=row["columns"],
    )


def _table(terms: Terms, every: Sequence[Terms], name: str, rng: random.Random) -> WrittenReport:
    cities = rng.sample(_cities(), rng.randint(*ROWS) + 1)
    keys = rng.sample(sorted(terms.columns), rng.randint(*COLUMNS) + 1)
    absent, *rows = cities
    lacking, *columns = keys
    digits = _digits(terms.language) if rng.random() < NATIVE else {}
    cells = {(row, column): _value(column, terms, digits, rng) for row in rows for column in columns}
    heads = [rng.choice(terms.place), *(rng.choice(terms.columns[column]["headings"]) for column in columns)]
    lines = [heads] + [[_city(row, terms.language), *(cells[row, column].text for column in columns)] for row in rows]
    text, starts = _written(rng.choice(terms.titles), lines, rng)
    article = make_article(Draft(text, "", name), id=name, given={"language": terms.language})
    asked = []
    for number in range(ASKED):
        by = terms if rng.random() >= ACROSS else rng.choice(every)
        row, column = rng.randrange(len(rows)), rng.randrange(len(columns))
        cell = cells[rows[row], columns[column]]
        place = (row + 1, column + 1)
        none = rng.random() < ABSENT
        city, key = rows[row], columns[column]
        if none and rng.random() < 0.5:
            city = absent
        elif none:
            key = lacking
        question = rng.choice(by.columns[key]["asks"]).replace("{row}", _city(city, by.language))
        told = [one.text for (_, other), one in cells.items() if other == columns[column]]
        value = by.goods[cell.good] if cell.good is not None else cell.text
        same = by is terms or cell.good is not None or value.isascii()
        if not none and same and told.count(cell.text) == 1 and rng.random() < REVERSE:
            question = rng.choice(by.columns[key]["reverse"]).replace("{value}", value)
            place = (row + 1, 0)
        answer = None if none else (lines[place[0]][place[1]], starts[place])
        asked.append(MarkedQuestion(f"{name}/{number}", question, by.language, answer))
    return WrittenReport(article, tuple(asked))


def _written(title: str, lines: Sequence[Sequence[str]], rng: random.Random) -> tuple[str, dict[tuple[int, int], int]]:
    """A text with a title and the table, and where each cell begins."""
    style = rng.choice(("|", "|", "\t", ";"))
    text, starts = f"{title}\n\n", {}
    for row, cells in enumerate(lines):
        text += "| " if style == "|" else ""
        for column, cell in enumerate(cells):
            text += "" if column == 0 else " | " if style == "|" else style
            starts[row, column] = len(text)
            text += cell
        text += " |\n" if style == "|" else "\n"
        if row == 0 and style == "|":
            text += "|" + " --- |" * len(cells) + "\n"
    return text, starts


def _value(column: str, terms: Terms, digits: Mapping[int, int], rng: random.Random) -> _Cell:
    cell = _drawn(column, terms, rng)
    return replace(cell, text=cell.text.translate(digits))


def _digits(language: str) -> dict[int, int]:
    """ASCII's digits to those of the language's script; empty for languages without any."""
    zero = ZEROS.get(language)
    return {ord("0") + n: zero + n for n in range(10)} if zero else {}


def _drawn(column: str, terms: Terms, rng: random.Random) -> _Cell:
    if column in PEOPLE:
        return _Cell(rng.choice(terms.people))
    if column in GOODS:
        good = rng.randrange(len(terms.goods))
        return _Cell(terms.goods[good], good)
    if column in DAYS:
        day = FIRST_DAY + timedelta(rng.randrange(DAYS_AFTER))
        return _Cell(format_date(day, rng.choice(("short", "medium", "long")), locale=terms.language))
    if column == "closing":
        return _Cell(f"{rng.randint(14, 23)}:{rng.choice((0, 15, 30, 45)):02}")
    if column == "phone":
        return _Cell(f"{rng.choice(('', 'K', 'A-', '0'))}{rng.randint(11, 9999)}")
    if column == "share":
        return _Cell(f"{rng.randint(3, 97)} %" if rng.random() < 0.5 else f"{rng.randint(3, 97)}%")
    least, most = AMOUNTS[column]
    amount = round(least * (most / least) ** rng.random())
    if amount > 10_000 and rng.random() < 0.6:
        amount = round(amount, -3)
    return _Cell(format_decimal(amount, locale=terms.language))


@cache
def _cities() -> list[str]:
    """Zones whose city has a name of its own in the language that names most."""
    zones = Locale.parse("ru").time_zones
    return sorted(zone for zone, names in zones.items() if "city" in names and not zone.startswith("Etc/"))


@cache
def _city(zone: str, language: str) -> str:
    return str(get_timezone_location(zone, locale=language, return_city=True)).rpartition("/")[2]
