"""Suggested questions come from the collection's own places, dates and titles, in the interface's language."""

from __future__ import annotations

from datetime import date

from fake_reports import article, seeds

from ui.strings import ENGLISH, LANGUAGES
from ui.suggestions import MOST, suggest


def test_the_questions_name_places_and_dates_of_different_reports():
    made = suggest(seeds(), ENGLISH)
    assert len(made) == MOST == len(set(made))
    assert sum(any(place in question for question in made) for place in ("Ninh Thuan", "Thai Binh", "Ninh Binh")) == 3
    assert ENGLISH.day(date(2023, 12, 21)) in " ".join(made)


def test_they_speak_the_language_of_the_page():
    assert suggest(seeds(), LANGUAGES["de"]) != suggest(seeds(), ENGLISH)


def test_a_report_that_has_only_a_title_is_asked_for_by_it_and_an_empty_one_not_at_all():
    long = "A title that goes on and on " * 5
    made = suggest([article("x", title=long), article("y", title="")], ENGLISH)
    assert len(made) == 1 and made[0].count("…") == 1 and "A title that goes on" in made[0]


def test_each_language_has_its_turn_before_one_has_its_second():
    many = [article("x", id=str(n), title=f"T{n}", language="pl" if n < 8 else "de") for n in range(9)]
    assert "T8" in suggest(many, ENGLISH)[1]


def test_no_report_no_question():
    assert suggest([], ENGLISH) == []
