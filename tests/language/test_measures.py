"""Measures and money beside a figure, by CLDR's names: `rag.language.measures`."""

from __future__ import annotations

import pytest

from rag.language.measures import Measure, measured, tell_figure, tell_number
from rag.language.numbers import find_numbers, number_values


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("40 USD", {"en": "$40", "ms": "$40", "fr": "40 $", "pl": "40 $", "zh": "$40"}),
        ("3.2 billion dollars", {"en": "$3.2 billion", "de": "3,2 Milliarden $", "tr": "3,2 milyar $"}),
    ],
)
def test_a_dollar_is_of_no_country(text, told):
    number = find_numbers(text, "en")[0]
    assert {asked: tell_figure(number, measured(text, number, "en"), asked) for asked in told} == told


@pytest.mark.parametrize("asked", ["ja", "zh", "ko", "th", "ar", "hi", "fr", "ru", "xx", "en", "pl"])
def test_a_large_figure_is_told_exactly_in_every_language(asked):
    """Also where CLDR has no word for millions, and never rounded."""
    for text in ("6.8 billion", "1,234,567", "1,234,567,891,234"):
        (number,) = find_numbers(text, "en")
        digits = "".join(char for char in tell_number(number, asked) if char.isdigit())
        assert digits in (number.value, number.value.rstrip("0")), tell_number(number, asked)
