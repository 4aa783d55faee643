"""Which stretches of a text can answer a question of a kind: its numbers, its codes, its dates.

A how-many answer has to be a number that stands there, so a text without one need not be read at all. Knows text only,
nothing of reports or language models.
"""

from __future__ import annotations

from rag.dates import find_dates
from rag.numbers import find_numbers, number_values
from rag.questions import Question

Span = tuple[int, int]


def candidates(question: Question, text: str, language: str) -> list[Span] | None:
    """Spans in the text, in order, that an answer must hold one of; None where any words may answer.

    Numbers of dates answer no how-many, and what the question itself says answers nothing, unless nothing else is
    there. `language` is the text's.
    """
    if question.kind == "date":
        return _fresh_dates(question, text, language)
    if question.kind not in ("number", "code"):
        return None
    dates = [found for found in find_dates(text, language) if found.month or found.year]
    asked = number_values(question.text, question.language)
    fresh = [
        number
        for number in find_numbers(text, language)
        if not asked.intersection(number.values)
        and not any(date.start < number.end and number.start < date.end for date in dates)
    ]
    # "ein" and "one" are articles far more often than answers.
    return [
        (number.start, number.end)
        for number in fresh
        if (number.kind == "code") == (question.kind == "code") and number.kind != "ambiguous"
    ]


def _fresh_dates(question: Question, text: str, language: str) -> list[Span]:
    asked = {
        (found.year, found.month, found.day) for found in find_dates(question.text, question.language) if found.year
    }
    found = find_dates(text, language)
    fresh = [date for date in found if (date.year, date.month, date.day) not in asked]
    spans = [(date.start, date.end) for date in fresh]
    # Times of day and bare days ("ab 8 Uhr", "am 5.") are no dates to CLDR, but answer a when.
    numbers = [
        (number.start, number.end)
        for number in find_numbers(text, language)
        if number.kind in ("number", "ordinal")
        and not any(d.start < number.end and number.start < d.end for d in found)
    ]
    return sorted(spans + numbers)
