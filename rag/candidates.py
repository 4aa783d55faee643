"""Which stretches of a text can answer a question of a kind: its numbers, its codes, its dates, its persons.

A how-many answer has to be a number that stands there, so a text without one need not be read at all. Knows text only,
nothing of reports or language models.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.dates import FoundDate, find_dates
from rag.documents import of_asked_type
from rag.languages import fold
from rag.measures import asked_measure, measured
from rag.numbers import FoundNumber, find_numbers, number_values
from rag.questions import Question, asks_for, person_runs, place_runs

Span = tuple[int, int]
# Letters at most between a document's number and its date.
BESIDE = 16


def candidates(question: Question, text: str, language: str, *, of_measure: bool = True) -> list[Span] | None:
    """Spans in the text, in order, that an answer must hold one of; None where any words may answer.

    Numbers of dates and ordinals answer no how-many, kilometres (unless any measure is let through) none for families,
    and what the question itself says answers nothing. A bare year answers a when only where no day or month does, and
    no question for a day; a question for a year asks for it first. Where no person is named, a body may be who did it,
    and where no place is, the report's own. `language` is the text's.
    """
    if question.kind == "date":
        return [(found.start, found.end) for found in _times(question, text, language)]
    if question.kind in ("person", "place"):
        asked = fold(question.text)
        runs = person_runs(text) if question.kind == "person" else place_runs(text)
        return [span for span in runs if fold(text[slice(*span)]) not in asked] or None
    if question.kind not in ("number", "code"):
        return None
    dates = [found for found in find_dates(text, language) if found.month or found.year]
    if question.kind == "number" and (parts := _parts(question, text, language)):
        return parts
    wanted = asked_measure(question) if question.kind == "number" and of_measure else None
    # "ein" and "one" are articles far more often than answers.
    held = [
        number
        for number in _fresh(question, text, language)
        if (number.kind == "code") == (question.kind == "code") and number.kind != "ambiguous"
        if not any(_overlap(number, date) for date in dates)
    ]
    if asks_for("count", question):
        held = [number for number in held if number.kind != "ordinal"]  # the 12th congress is not twelve
    if question.kind == "code":
        held = [number for number in held if of_asked_type(question, text, number, language)]
    if wanted is not None:
        told = {number: _measures(text, number, language) for number in held}
        # "6.8 billion dong, of which the district paid 4.1 billion": of the second the measure is left out.
        left_out = wanted == "money" and wanted in told.values()
        held = [number for number in held if told[number] == wanted or (left_out and _is_large(text, number))]
    return [(number.start, number.end) for number in held]


def _measures(text: str, number: FoundNumber, language: str) -> str:
    measure = measured(text, number, language)
    return measure.dimension if measure else "count"


def _is_large(text: str, number: FoundNumber) -> bool:
    """Whether a figure goes on in a word: millions, billions."""
    written = text[number.start : number.end]
    return any(map(str.isdigit, written)) and any(map(str.isalpha, written))


def _parts(question: Question, text: str, language: str) -> list[Span]:
    """Ratios of a whole that the question names: "7/8" where it asks how many of the 8."""
    asked = number_values(question.text, question.language)
    return [
        (number.start, number.end)
        for number in find_numbers(text, language)
        if number.kind == "ratio" and number.value.partition("/")[2] in asked
    ]


def answers_first(question: Question, text: str, language: str) -> bool:
    """Whether the text holds what answers the question sooner than other candidates do: a day, a part of the whole."""
    if question.kind == "date":
        return asks_for("year", question) or tells_day(question, text, language)
    return question.kind == "number" and bool(_parts(question, text, language))


def may_stand_elsewhere(question: Question) -> bool:
    """Whether another sentence of the report may hold the answer: a person, or a day, but of no document."""
    if question.codes:
        return False
    if question.kind == "date":
        if asks_for("document", question) and asks_for("issued", question):
            return False
        return not any(asks_for(what, question) for what in ("hour", "year"))
    return question.kind == "person"


def tells_day(question: Question, text: str, language: str) -> bool:
    """Whether the text holds a day, month or hour that may answer a when."""
    return bool(_days(question, text, language))


def _times(question: Question, text: str, language: str) -> Sequence[FoundDate | FoundNumber]:
    days, years = _days(question, text, language), _years(question, text, language)
    if asks_for("hour", question) or asks_for("day", question):
        return days
    return (years or days) if asks_for("year", question) else (days or years)


def _apart(date: FoundDate, codes: Iterable[FoundNumber]) -> int:
    """Letters between the date and the nearest of the codes; more than any text has where there is none."""
    return min((max(date.start, code.start) - min(date.end, code.end) for code in codes), default=sys.maxsize)


def _overlap(one: FoundDate | FoundNumber, other: FoundDate | FoundNumber) -> bool:
    return one.start < other.end and other.start < one.end


def _fresh(question: Question, text: str, language: str) -> list[FoundNumber]:
    asked = number_values(question.text, question.language)
    return [number for number in find_numbers(text, language) if not asked.intersection(number.values)]


def _days(question: Question, text: str, language: str) -> Sequence[FoundDate | FoundNumber]:
    dates = [date for date in find_dates(text, language) if date.month]
    if asks_for("hour", question):
        # Hours are no dates to CLDR, but answer a when.
        return [
            number
            for number in _fresh(question, text, language)
            if number.kind in ("number", "ordinal") and not any(_overlap(number, date) for date in dates)
        ]
    asked = {(date.month, date.day) for date in find_dates(question.text, question.language) if date.month}
    dates = [date for date in dates if (date.month, date.day) not in asked]
    codes = [number for number in find_numbers(text, language) if number.kind == "code"]
    if question.codes:
        # Of two documents in one sentence each has the day beside it.
        named = {code for code in codes if code.value in question.codes}
        others = [code for code in set(codes) - named if not of_asked_type(question, text, code, language)]
        return [date for date in dates if _apart(date, others) > min(BESIDE, _apart(date, named) - 1)]
    if asks_for("document", question):
        return dates
    # "On 5 July 2023, Project 08-DA/TU": the day of a document is no day of what the report tells.
    return [date for date in dates if _apart(date, codes) > BESIDE]


def _years(question: Question, text: str, language: str) -> list[FoundDate]:
    """Years, and where a period is asked for two of them with a dash between as one."""
    asked = {date.year for date in find_dates(question.text, question.language)}
    years = [date for date in find_dates(text, language) if not date.month and date.year not in asked]
    if question.codes and asks_for("issued", question):
        # A document is dated beside its number; any other year is that of what is done about it.
        named = [code for code in find_numbers(text, language) if code.kind == "code" and code.value in question.codes]
        years = [year for year in years if _apart(year, named) <= BESIDE]
    if not asks_for("period", question):
        return years
    joined: list[FoundDate] = []
    for year in years:
        if joined and text[joined[-1].end : year.start].strip() in ("-", "–", "—"):
            joined[-1] = replace(joined[-1], end=year.end)
        else:
            joined.append(year)
    return joined
