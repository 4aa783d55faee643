"""Follow-ups made to stand alone by rules, in the languages of the reports."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_questions import ask

from rag.followups import standalone

KIM_BANG = {
    "en": "How many models did Kim Bang report?",
    "de": "Wie viele Modelle meldete Kim Bang?",
    "es": "¿Cuántos modelos registró Kim Bang?",
    "tr": "Kim Bang kaç model bildirdi?",
    "pl": "Ile modeli zgłosił Kim Bang?",
    "ms": "Berapakah model yang dilaporkan oleh Kim Bang?",
    "vi": "Huyện Kim Bảng đã báo cáo bao nhiêu mô hình?",
}


def stands(earlier: str, now: str) -> tuple[str, str]:
    return standalone(ask(earlier), ask(now))


@pytest.mark.parametrize(
    ("language", "now"),
    [
        ("en", "And Ninh Son?"),
        ("en", "What about Ninh Son?"),
        ("de", "Und Ninh Son?"),
        ("es", "¿Y Ninh Son?"),
        ("tr", "Peki ya Ninh Son?"),
        ("pl", "A Ninh Son?"),
        ("ms", "Bagaimana pula dengan Ninh Son?"),
        ("vi", "Còn Ninh Son?"),
    ],
)
def test_another_place_takes_the_earlier_question_along(language, now):
    text, context = stands(KIM_BANG[language], now)
    assert "Ninh Son" in text and "Kim B" not in text
    assert ask(text).kind == "number" and ask(text).names == ("ninh son",)
    assert context == now


@pytest.mark.parametrize(
    ("earlier", "now"),
    [
        ("When was the conference in Ninh Binh held?", "Who chaired it?"),
        ("Wann fand die Konferenz in Ninh Binh statt?", "Wer leitete sie?"),
        ("¿Cuándo se celebró la conferencia de Ninh Binh?", "¿Quién la presidió?"),
        ("Kiedy odbyła się konferencja w Ninh Binh?", "Kto jej przewodniczył?"),
    ],
)
def test_a_question_that_refers_keeps_its_words_and_takes_the_place_along(earlier, now):
    text, context = stands(earlier, now)
    assert text.startswith(now.rstrip("?")) and "Ninh Binh" in text
    assert ask(text).names == ("ninh binh",) and ask(text).kind == "person"
    assert earlier in context


@pytest.mark.parametrize(
    "now",
    [
        "How many models did Ninh Son register in all of its districts?",
        "Wer leitete die Konferenz in Thai Binh?",
        "What does Resolution No. 43-NQ/TW say about national unity?",
        "Which tasks were given to all the committees of the provinces last year?",
    ],
)
def test_a_subject_of_its_own_stays_as_it_is(now):
    assert stands(KIM_BANG["en"], now) == (now, "")


def test_another_year_takes_the_place_of_the_one_asked_about():
    text, _ = stands("How many models did Kim Bang report in 2023?", "And in 2024?")
    assert "2024" in text and "2023" not in text and ask(text).names == ("kim bang",)


def test_what_an_earlier_follow_up_leant_on_is_known_still():
    first = ask("When was the conference in Ninh Binh held?")
    text, context = standalone(first, ask("Who chaired it?"))
    second = replace(ask(text), context=context)
    text, context = standalone(second, ask("What did he say there?"))
    assert "Ninh Binh" in text and first.text in context


def test_an_earlier_question_without_a_name_still_gives_its_words():
    text, context = stands("What was decided about religion?", "Why?")
    assert text == "Why?" and context == "What was decided about religion?"
