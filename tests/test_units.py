"""What a question counts and what a figure of a real sentence counts."""

from __future__ import annotations

import pytest
from fake_reports import seeds
from test_questions import ask

from rag.passages import sentences
from rag.units import asked_unit, told_unit

REPORTS = {report.language: report for report in seeds()}


def sentence(language: str, words: str) -> str:
    return next(held.text for held in sentences(REPORTS[language]) if words in held.text)


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("How many models did Kim Bang report?", "models"),
        ("How many skilled mass-mobilization models are there?", "models"),
        ("Wie viele Modelle meldete Ninh Son an?", "Modelle"),
        ("¿Cuántos modelos registró Ninh Son?", "modelos"),
        ("Kim Bang kaç model bildirdi?", "model"),
        ("Ile modeli zgłosił Kim Bang?", "modeli"),
        ("Berapakah bilangan model yang dilaporkan?", "model"),
    ],
)
def test_what_follows_how_many_is_counted(question, counted):
    assert counted in asked_unit(ask(question))


@pytest.mark.parametrize("question", ["Who chaired the conference?", "Wann fand die Konferenz statt?", "What is it?"])
def test_a_question_that_counts_nothing_has_no_unit(question):
    assert asked_unit(ask(question)) == ()


@pytest.mark.parametrize(
    ("language", "words", "counted"),
    [
        ("pl", "109 modeli", "modeli"),
        ("pl", "powielono 109 modeli i typowych", "modeli"),
        ("de", "29 Modellen", "Modellen"),
        ("de", "von 29", "Modellen"),
        ("es", "con 9 tareas clave", "tareas"),
        ("tr", "40 yoldaş", "yoldaş"),
        ("ms", "menyelesaikan 8/33 tugas", "tugas"),
    ],
)
def test_what_stands_after_the_copied_figure_is_told(language, words, counted):
    told = told_unit(sentence(language, words.split(" ")[-1] if words == "von 29" else words), words, language)
    assert told and told[0] == counted


@pytest.mark.parametrize(
    ("text", "words", "language"),
    [
        ("Es waren 29.", "29", "de"),
        ("Rada zamknęła most.", "most", "pl"),
        ("Rada zamknęła most.", "109 modeli", "pl"),
        ("Es gilt 43-NQ/TW weiter fort.", "43-NQ/TW", "de"),
        ("Es waren 29 in der ab.", "29", "de"),
        ("", "", "de"),
    ],
)
def test_where_nothing_is_counted_nothing_is_told(text, words, language):
    assert told_unit(text, words, language) == ()
