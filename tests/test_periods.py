"""The time that a question speaks of, in every language, and which evidence is left by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fake_reports import article
from test_claiming import ask

from rag.models import Evidence
from rag.passages import sentences
from rag.periods import Period, in_time, period

TODAY = date(2024, 10, 16)  # a Wednesday
LAST_WEEK = Period(date(2024, 10, 7), date(2024, 10, 13))


def said(text: str, language: str) -> Period | None:
    return period(replace(ask(text), language=language), TODAY)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "How many houses lost their roof last week?"),
        ("de", "Wie viele Häuser wurden letzte Woche abgedeckt?"),
        ("es", "¿Cuántas casas se quedaron sin tejado la semana pasada?"),
        ("tr", "Geçen hafta kaç evin çatısı uçtu?"),
        ("pl", "Ile domów straciło dach w zeszłym tygodniu?"),
        ("ms", "Berapa rumah hilang bumbung minggu lepas?"),
        ("vi", "Tuần trước bao nhiêu nhà bị tốc mái?"),
    ],
)
def test_last_week_is_monday_to_sunday_before_this_week(language, text):
    assert said(text, language) == LAST_WEEK


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "What was done in the first half of 2023?"),
        ("de", "Was geschah im ersten Halbjahr 2023?"),
        ("es", "¿Qué se hizo en el primer semestre de 2023?"),
        ("pl", "Co zrobiono w pierwszym półroczu 2023?"),
        ("ms", "Apakah yang dibuat dalam 6 bulan pertama 2023?"),
    ],
)
def test_half_a_year_runs_on_into_the_weeks_that_review_it(language, text):
    when = said(text, language)
    assert when and when.since == date(2023, 1, 1)
    assert date(2023, 7, 5) <= when.until < date(2023, 9, 1)


def test_other_times():
    assert said("What happened yesterday?", "en") == Period(date(2024, 10, 15), date(2024, 10, 15))
    assert said("What happened last month?", "en") == Period(date(2024, 9, 1), date(2024, 9, 30))
    assert said("What happened last year?", "en") == Period(date(2023, 1, 1), date(2023, 12, 31))
    assert said("What does the latest report say?", "en") == Period(latest=True)
    assert said("What happened in the first half?", "en") is None, "of no year"
    assert said("How many models did Kim Bang report?", "en") is None


def piece(name: str, day: date | None, score: float) -> Evidence:
    made = article("29 houses lost their roof.", id=name, language="en", published=day)
    return Evidence(made, tuple(sentences(made)), 0, score)


OLD, NEW = piece("old", date(2024, 10, 9), 0.9), piece("new", date(2024, 10, 14), 0.8)
UNDATED = piece("none", None, 1.0)


def order(when: Period | None, *pieces: Evidence) -> list[str]:
    return [one.article.id for one in in_time(pieces, when)]


def test_only_evidence_of_that_time_is_left():
    assert order(LAST_WEEK, UNDATED, OLD, NEW) == ["old"]


def test_where_none_is_of_that_time_all_of_it_is_left():
    assert order(LAST_WEEK, UNDATED, NEW) == ["none", "new"]
    assert order(None, UNDATED, NEW) == ["none", "new"]
    assert order(LAST_WEEK) == []


def test_the_newest_report_comes_first_if_it_is_near():
    latest = Period(latest=True)
    assert order(latest, OLD, NEW) == ["new", "old"]
    assert order(latest, OLD, replace(NEW, score=0.2)) == ["old", "new"]
