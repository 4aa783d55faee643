"""Measures and money beside a figure and in a question, by CLDR's names: `rag.measures`."""

from __future__ import annotations

import pytest

from rag.candidates import candidates
from rag.measures import Measure, asked_measure, measured, tell_figure
from rag.numbers import find_numbers, number_values
from rag.questions import Question


def ask(text: str, language: str) -> Question:
    return Question(text, language, "number", (), (), (), ())


def beside(text: str, language: str) -> Measure | None:
    return measured(text, find_numbers(text, language)[0], language)


@pytest.mark.parametrize(
    ("language", "text", "dimension", "unit"),
    [
        ("en", "14 kilometres away", "length", "length-kilometer"),
        ("de", "16 Kilometer Rohre", "length", "length-kilometer"),
        ("tr", "29 hektarlık alan", "area", "area-hectare"),
        ("pl", "w 29 hektarach", "area", "area-hectare"),
        ("pl", "5 460 metrów kwadratowych", "area", "area-square-meter"),
        ("pl", "80 metrów dalej", "length", "length-meter"),
        ("es", "1.100 metros cuadrados", "area", "area-square-meter"),
        ("tr", "1.100 metrekare", "area", "area-square-meter"),
        ("ms", "6 bulan terakhir", "duration", "duration-month"),
        ("tr", "3 yıl sürdü", "duration", "duration-year"),
        ("vi", "3 tấn gạo", "mass", "mass-ton"),
        ("es", "58.400 millones de dongs", "money", "VND"),
        ("pl", "16 000 dongów", "money", "VND"),
        ("de", "800.000 Dong", "money", "VND"),
        ("vi", "800.000 đồng", "money", "VND"),
        ("en", "40 USD each", "money", "USD"),
        ("tr", "yüzde 87,5 oranında", "percent", ""),
        ("ms", "94 peratus", "percent", ""),
        ("en", "12 m² of it", "area", "area-square-meter"),
        ("fr", "12 kilomètres", "length", "length-kilometer"),
    ],
)
def test_what_follows_a_figure_is_its_measure(language, text, dimension, unit):
    assert beside(text, language) == Measure(dimension, unit)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pl", "109 modeli i typowych przykładów"),
        ("de", "29 Modellen der Massenmobilisierung"),
        ("tr", "40 yoldaş"),
        ("ms", "16 Dong Hai"),  # a place, not money
        ("es", "3 mesas"),  # no months
        ("en", "109"),
        ("tlh", "12 kilometers"),  # no language of CLDR
    ],
)
def test_a_figure_that_counts_things_has_none(language, text):
    assert beside(text, language) is None


@pytest.mark.parametrize(
    ("language", "question", "wanted"),
    [
        ("en", "How many models did Kim Bang report?", "count"),
        ("en", "How many kilometres of road were paved?", "length"),
        ("en", "How much money did each family receive?", "money"),
        ("en", "How much did the road cost?", "money"),
        ("en", "What percentage of the children was vaccinated?", "percent"),
        ("en", "How much rice was handed out?", None),
        ("de", "In wie vielen Häusern wurde gesprüht?", "count"),
        ("de", "Um wie viele Quadratmeter wuchs der Hof?", "area"),
        ("de", "Wie hoch waren die Kosten?", "money"),
        ("de", "Wie hoch ist der Berg?", None),
        ("es", "¿Cuántas familias dejaron de quemar paja?", "count"),
        ("es", "¿Cuánto cuesta cada punto?", "money"),
        ("es", "¿Qué porcentaje de los niños?", "percent"),
        ("tr", "Hastane kaç kilometre uzakta?", "length"),
        ("tr", "Kaç model bildirildi?", "count"),
        ("tr", "Ne kadar para harcandı?", "money"),
        ("tr", "Do Viet Anh kaç yaşında?", None),
        ("pl", "Ile rodzin wzięło pożyczkę?", "count"),
        ("pl", "Ile kosztuje wyżywienie?", "money"),
        ("pl", "Ile miesięcy podsumowano?", "duration"),
        ("pl", "Ile procent planu wykonano?", "percent"),
        ("ms", "Berapakah model yang didaftarkan?", "count"),
        ("ms", "Berapa jamkah bekalan terputus?", "duration"),
        ("ms", "Berapakah panjang jambatan itu?", None),
        ("ms", "Berapa banyak wang yang terkumpul?", "money"),
        ("vi", "Phí rác bao nhiêu tiền một tháng?", "money"),
    ],
)
def test_a_question_asks_for_a_measure_or_a_count_or_leaves_it_open(language, question, wanted):
    assert asked_measure(ask(question, language)) == wanted


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("es", "1.040 familias", {"en": "1040", "pl": "1040", "de": "1040"}),
        ("pl", "38 416 wniosków", {"en": "38,416", "de": "38.416", "pl": "38\xa0416"}),
        ("en", "6.8 billion dong", {"pl": "6,8 miliarda dongów wietnamskich", "ms": "6.8 bilion Dong Vietnam"}),
        ("ms", "10 juta dong", {"en": "10 million Vietnamese dong", "tr": "10 milyon Vietnam dongu"}),
        ("en", "1,234,567 dong", {"en": "1,234,567 Vietnamese dong"}),
        ("en", "4.2 kilometres", {"pl": "4,2 kilometra", "de": "4,2 Kilometer", "es": "4,2 kilómetros"}),
        ("ms", "6 bulan", {"tr": "6 ay", "pl": "6 miesięcy", "vi": "6 tháng"}),
        ("tr", "yüzde 87,5", {"en": "87.5 %", "de": "87,5 %"}),
    ],
)
def test_a_figure_is_told_with_its_measure_in_the_askers_words(language, text, told):
    number = find_numbers(text, language)[0]
    for asked, expected in told.items():
        said = tell_figure(number, measured(text, number, language), asked)
        assert said == expected
        assert number.value in number_values(said, asked)


def test_only_figures_of_the_measure_that_is_asked_for_are_candidates():
    text = "Die 16 Kilometer lange Straße kostete 6,8 Milliarden Dong und dient 904 Familien, 12 Prozent mehr."
    for question, figure in {
        "How many kilometres long is the road?": "16",
        "How much did the road cost?": "6,8 Milliarden",
        "How many families does it serve?": "904",
        "What percentage is it more?": "12",
    }.items():
        spans = candidates(ask(question, "en"), text, "de")
        assert [text[start:end] for start, end in spans] == [figure]
    assert len(candidates(ask("How big is it?", "en"), text, "de")) == 4
    assert len(candidates(ask("How many families?", "en"), text, "de", of_measure=False)) == 4
