"""Parts of a whole that is told first, in every language, and the questions for the one and the other."""

from __future__ import annotations

import pytest

from rag.numbers import find_numbers
from rag.questions import Question
from rag.wholes import beside_the_point

TEXTS = {
    "en": "The district registered 29 models, including 13 economic models.",
    "de": "Der Bezirk meldete 29 Modelle an, darunter 13 Wirtschaftsmodelle.",
    "es": "El distrito registró 29 modelos, incluidos 13 modelos económicos.",
    "tr": "İlçe, 13'ü ekonomik 29 model kaydetti; 40 kurs verildi, bunlardan 16 kurs yeniydi.",
    "pl": "Dystrykt zgłosił 29 modeli, w tym 13 modeli gospodarczych.",
    "ms": "Daerah mendaftarkan 29 model, termasuk 13 model ekonomi.",
}
WHOLE = {
    "en": "How many models were registered?",
    "de": "Wie viele Modelle wurden angemeldet?",
    "es": "¿Cuántos modelos registró el distrito?",
    "tr": "Kaç model kaydedildi?",
    "pl": "Ile modeli zgłoszono?",
    "ms": "Berapakah model yang didaftarkan?",
}
PART = {
    "en": (
        "How many of the models are economic?",
        "Of the 29 models, how many are economic?",
        "How many economic models are among those registered?",
    ),
    "de": (
        "Wie viele der Modelle betreffen die Wirtschaft?",
        "Von den Modellen betreffen wie viele die Wirtschaft?",
        "Wie viele Wirtschaftsmodelle sind unter denen, die angemeldet wurden?",
    ),
    "es": (
        "¿Cuántos de los modelos son económicos?",
        "De los modelos registrados, ¿cuántos son económicos?",
        "¿Cuántos modelos económicos hay entre los registrados?",
    ),
    "tr": (
        "Modellerin kaçı ekonomik?",
        "Modellerden kaç tanesi ekonomik?",
        "Kaydedilen modeller arasında kaç ekonomik model var?",
    ),
    "pl": (
        "Ile z tych modeli dotyczy gospodarki?",
        "Ile spośród modeli dotyczy gospodarki?",
        "Ile modeli gospodarczych jest wśród zgłoszonych?",
    ),
    "ms": (
        "Berapa daripada model itu model ekonomi?",
        "Antara model itu, berapakah model ekonomi?",
        "Berapakah model ekonomi di antaranya?",
    ),
}


def told(text: str, language: str, question: str, asked: str) -> list[str]:
    spans = [(found.start, found.end) for found in find_numbers(text, language)]
    flags = beside_the_point(Question(question, asked, "number", (), (), (), ()), text, spans, language)
    return [text[start:end] for (start, end), flag in zip(spans, flags, strict=True) if flag]


@pytest.mark.parametrize("asked", WHOLE)
@pytest.mark.parametrize(("language", "part"), [(language, "13") for language in TEXTS if language != "tr"])
def test_a_part_is_beside_the_point_where_the_whole_is_asked_for(asked, language, part):
    assert told(TEXTS[language], language, WHOLE[asked], asked) == [part]


@pytest.mark.parametrize(("asked", "question"), [(asked, text) for asked, texts in PART.items() for text in texts])
@pytest.mark.parametrize("language", [language for language in TEXTS if language != "tr"])
def test_the_whole_is_beside_the_point_where_a_part_is_asked_for(asked, question, language):
    assert told(TEXTS[language], language, question, asked) == ["29"]


def test_only_figures_of_the_same_sentence_are_its_parts():
    assert told(TEXTS["tr"], "tr", WHOLE["en"], "en") == ["16"]
    assert told("29 models. Including 13 of them, all is well. 4 came.", "en", WHOLE["en"], "en") == []


def test_a_language_without_words_for_it_tells_nothing():
    assert told("29 modèles, dont 13 modèles économiques", "fr", WHOLE["en"], "en") == []
    assert told("29 models, including 13", "en", "Combien de modèles ?", "fr") == ["13"]
    assert told("nothing", "en", WHOLE["en"], "en") == []
