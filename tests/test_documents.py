"""Types of documents told by the word before a code: a directive is no resolution, in whatever languages."""

from __future__ import annotations

import pytest

from rag.candidates import candidates
from rag.documents import of_asked_type
from rag.numbers import find_numbers
from rag.questions import Question

TEXTS = {
    "es": "Asesoró sobre la Resolución No. 43-NQ/TW y la Directiva No. 05-CT/TW.",
    "ms": "Ia mengikut Resolusi No. 43-NQ/TW dan Arahan No. 05-CT/TW.",
    "tr": "43-NQ/TW sayılı belge anıldı; Direktif 05-CT/TW okundu.",
    "de": "Genannt wurden die Resolution Nr. 43-NQ/TW und die Direktive Nr. 05-CT/TW.",
    "pl": "Powołano się na rezolucję nr 43-NQ/TW i dyrektywę nr 05-CT/TW.",
}
DIRECTIVES = {
    "en": "Which directive is about Ho Chi Minh's morals?",
    "de": "Mit welcher Direktive wird zur Moral angehalten?",
    "es": "¿Qué directiva trata de la moral?",
    "tr": "Hangi direktif ahlaktan söz ediyor?",
    "pl": "Która dyrektywa mówi o moralności?",
    "ms": "Arahan manakah tentang moral?",
}


def ask(text: str, language: str) -> Question:
    return Question(text, language, "code", (), (), (), ())


def offered(question: Question, language: str) -> list[str]:
    text = TEXTS[language]
    return [text[start:end] for start, end in candidates(question, text, language) or ()]


@pytest.mark.parametrize("written", [language for language in TEXTS if language != "tr"])
@pytest.mark.parametrize("asked", DIRECTIVES)
def test_a_directive_is_asked_for_and_no_resolution_offered(asked, written):
    assert offered(ask(DIRECTIVES[asked], asked), written) == ["05-CT/TW"]


def test_a_code_whose_type_is_not_told_may_be_of_any():
    assert offered(ask(DIRECTIVES["en"], "en"), "tr") == ["43-NQ/TW", "05-CT/TW"]


def test_a_question_without_a_type_takes_every_code():
    assert offered(ask("What is its number?", "en"), "es") == ["43-NQ/TW", "05-CT/TW"]


def test_the_type_asked_for_counts_and_not_another_that_is_named():
    asked = ask("Which resolution is carried out by the plan?", "en")
    assert offered(asked, "de") == ["43-NQ/TW"]


def test_a_word_for_two_types_counts_for_both():
    text = "Uchwała nr 43-NQ/TW obowiązuje."
    (code,) = [number for number in find_numbers(text, "pl") if number.kind == "code"]
    assert of_asked_type(ask("Hangi karar geçerli?", "tr"), text, code, "pl")
    assert not of_asked_type(ask("Hangi genelge geçerli?", "tr"), text, code, "pl")


def test_a_language_without_words_for_types_hinders_nothing():
    (code,) = [number for number in find_numbers("Direktiivi 05-CT/TW", "fi") if number.kind == "code"]
    assert of_asked_type(ask("Mikä päätös?", "fi"), "Direktiivi 05-CT/TW", code, "fi")


def test_of_two_types_the_one_nearest_to_the_asking_words_is_meant():
    asked = ask("The programme follows a resolution besides a directive. Which number has that resolution?", "en")
    assert offered(asked, "es") == ["43-NQ/TW"]
