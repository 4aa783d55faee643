"""Suggested questions: only those that the reader answers, found in the background, stored without a word."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from fake_reports import FakeReports, article

from rag.errors import ModelError
from rag.models import Passage
from ui.strings import ENGLISH, LANGUAGES
from ui.suggestions import FILE, MOST, TRIED, Suggestions


def reports(count: int = 3, **more: object) -> FakeReports:
    return FakeReports(
        [article(f"Town {n} met in 2024.", id=f"r{n}", places=(f"Town{n}",), **more) for n in range(count)]
    )


def made(over: FakeReports, busy: Callable[[], bool] = lambda: False) -> Suggestions:
    return Suggestions(over, busy, rest=0)


def sought(suggestions: Suggestions, strings=ENGLISH) -> list[str]:
    assert suggestions.seek(strings)
    return joined(suggestions, strings)


def joined(suggestions: Suggestions, strings=ENGLISH) -> list[str]:
    while searches := [thread for thread in threading.enumerate() if thread.name == "suggestions"]:
        searches[0].join(20)
        assert not searches[0].is_alive(), "the search does not end"
    assert not suggestions.seek(strings)
    return suggestions.shown(strings)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_question_is_shown_if_the_reader_gives_the_span_back_almost_surely(tag):
    over = reports()
    strings = LANGUAGES[tag]
    assert made(over).shown(strings) == [], "nothing is shown before it was found"
    assert sought(made(over), strings) == [strings.suggest_when.format(place=f"Town{n}") for n in range(3)]
    over = reports()
    over.likely = 0.94
    assert sought(made(over), strings) == []


def test_a_reading_elsewhere_is_no_answer():
    for place in (Passage("r0", 0, 4, "Town"), Passage("r1", 14, 18, "2024"), None):
        over = reports(1)
        over.reading = lambda question, place=place: place and (place, 0.99)
        assert sought(made(over)) == []
    over = reports(1)
    over.reading = lambda question: (Passage("r0", 11, 18, "in 2024"), 0.99)
    assert len(sought(made(over))) == 1, "a word more is the same span"


def test_what_was_found_is_there_at_once_when_the_page_starts_again_and_not_looked_for_twice():
    over = reports()
    first = sought(made(over))
    asked = len(over.read)
    again = made(over)
    assert again.shown(ENGLISH) == first
    assert sought(again) == first and len(over.read) == asked


def test_no_word_or_name_of_a_report_is_stored_and_a_removed_report_is_asked_for_no_more():
    over = reports()
    sought(made(over))
    stored = (over.home / FILE).read_text("utf-8")
    assert json.loads(stored) and "Town" not in stored and "r0" not in stored and "2024" not in stored
    suggestions = made(over)
    over.remove(["r1"])
    assert suggestions.shown(ENGLISH) == [ENGLISH.suggest_when.format(place=place) for place in ("Town0", "Town2")]
    over.collection[0] = article("Town 0 met in 2025.", id="r0", places=("Town0",))
    assert suggestions.shown(ENGLISH) == [ENGLISH.suggest_when.format(place="Town2")]


def test_the_tries_are_bounded_and_end_when_enough_is_found():
    over = reports(60)
    over.likely = 0.5
    sought(made(over))
    assert len(over.read) == TRIED
    over = reports(60)
    assert len(sought(made(over))) == MOST
    assert len(over.read) == MOST


def test_a_question_of_a_person_goes_before():
    over = reports()
    answering, waited = threading.Event(), threading.Event()
    answering.set()
    asked = []

    def busy():
        asked.append(answering.is_set())
        if len(asked) == 2:
            waited.set()
        return answering.is_set()

    suggestions = made(over, busy)
    assert suggestions.seek(ENGLISH)
    try:
        assert waited.wait(20)
        assert over.read == []
    finally:
        answering.clear()
    assert len(joined(suggestions)) == 3


def test_a_page_in_another_language_waits_for_its_turn():
    answering = threading.Event()
    answering.set()
    suggestions = made(reports(), answering.is_set)
    turkish = LANGUAGES["tr"]
    try:
        assert suggestions.seek(ENGLISH)
        assert suggestions.seek(turkish)  # not begun, but still to come
    finally:
        answering.clear()
    joined(suggestions)
    assert len(joined(suggestions, turkish)) == 3, "it begins by itself"
    assert len(suggestions.shown(ENGLISH)) == 3


def test_without_a_thread_nothing_is_looked_for_and_nobody_waits(monkeypatch):
    def full(self):
        raise RuntimeError("can't start new thread")

    suggestions = made(reports())
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", full)
        assert not suggestions.seek(ENGLISH)
    assert not suggestions.seek(ENGLISH)
    assert len(sought(suggestions, LANGUAGES["tr"])) == 3
    suggestions.changed()
    assert len(sought(suggestions)) == 3


def test_an_error_or_a_damaged_file_costs_nothing_but_the_suggestions():
    over = reports()
    (over.home / FILE).write_text("[1", "utf-8")
    assert made(over).shown(ENGLISH) == []
    assert len(sought(made(over))) == 3

    over = reports()

    def fail(question: str):
        raise ModelError("gone")

    over.reading = fail
    assert sought(made(over)) == []
