"""Which places may be what a which-place asks for, by the words beside them in five languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_reports import article, seeds

from rag.places import asked_places, of_other_type
from rag.questions import Question

REPORTS = {report.language: report for report in seeds()}
REPORTS["ms"] = replace(REPORTS["ms"], places=("Ninh Binh",))
PROVINCES = {
    "en": "Which province is it?",
    "de": "In welcher Provinz ist es?",
    "es": "¿En qué provincia es?",
    "tr": "Bu hangi ilde?",
    "pl": "W jakiej prowincji to jest?",
    "ms": "Di wilayah manakah itu?",
}
DISTRICTS = {
    "en": "Which district is it?",
    "de": "In welchem Bezirk ist es?",
    "es": "¿En qué distrito es?",
    "tr": "Bu hangi ilçede?",
    "pl": "W którym dystrykcie to jest?",
    "ms": "Di daerah manakah itu?",
}


def ask(text: str, language: str) -> Question:
    return Question(text, language, "place", (), (), (), ())


def found(text: str, language: str) -> set[str]:
    asked = ask(text, language)
    return {written for written, report in REPORTS.items() if asked_places(asked, report)}


@pytest.mark.parametrize("language", PROVINCES)
def test_a_province_is_no_district(language):
    assert found(PROVINCES[language], language) == {"ms", "tr", "es"}
    assert found(DISTRICTS[language], language) == {"de", "pl"}


def test_a_question_without_a_type_takes_every_place():
    assert found("Where is it?", "en") == set(REPORTS)


def test_a_place_whose_type_no_word_tells_may_be_of_any():
    bare = article("Ninh Son berichtete.", language="de", places=("Ninh Son",))
    assert asked_places(ask("Which province is it?", "en"), bare) == ["Ninh Son"]


def test_a_place_that_the_question_names_answers_nothing():
    assert asked_places(ask("In which district of Ninh Son is it?", "en"), REPORTS["de"]) == []


def test_a_claim_that_names_a_place_of_another_type_is_told_from_one_that_names_none():
    province = ask(PROVINCES["en"], "en")
    assert of_other_type(province, "It is in Ninh Son.", REPORTS["de"])
    assert not of_other_type(province, "It is in Ninh Binh.", REPORTS["ms"])
    assert not of_other_type(province, "It is somewhere.", REPORTS["de"])
