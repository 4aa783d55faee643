"""Numbers and dates as CLDR writes them (babel) are read back, in every language; any text is read without a fault."""

from datetime import date
from decimal import Decimal

import invariants as hold
import pytest
from babel import Locale, localedata
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as draw
from odd_texts import languages, texts

from rag.language import entries, find_dates, number_values

CODES = sorted({code for code in localedata.locale_identifiers() if "_" not in code} | set(entries()))
# The Arabic comma groups thousands; "toki pona" groups by two.
UNREAD_NUMBERS = {"bgn", "ks", "nqo", "tok"}
# Tibetan months are digits of Tibet behind a word; CLDR names two months of Jola-Fonyi alike.
UNREAD_DATES = {"bo", "dz", "dyo"}


@given(draw.sampled_from(CODES), draw.decimals(0, 10**12, allow_nan=False, places=2))
def test_a_number_that_cldr_writes_is_read_back(code, value):
    told = format_decimal(value, locale=Locale.parse(code))
    if code not in UNREAD_NUMBERS:
        assert format(value.normalize(), "f") in number_values(f"x {told} y", code), told


@pytest.mark.parametrize("code", CODES)
def test_the_usual_numbers_of_each_language_are_read_back(code):
    values = [Decimal(value) for value in ("0", "7", "109", "1000", "12345", "1234567", "56.2", "0.5", "98765432.1")]
    told = [format_decimal(value, locale=Locale.parse(code)) for value in values]
    read = [format(v.normalize(), "f") in number_values(f"x {t} y", code) for v, t in zip(values, told, strict=True)]
    assert all(read) == (code not in UNREAD_NUMBERS), told


@given(draw.sampled_from(CODES), draw.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_date_that_cldr_writes_is_read_back(code, day):
    for length in ("long", "full", "medium"):
        told = format_date(day, length, locale=Locale.parse(code))
        if code not in UNREAD_DATES:
            assert [found.full for found in find_dates(told, code) if found.full] == [day], told


@pytest.mark.parametrize("code", CODES)
def test_every_month_of_each_language_is_read_back(code):
    days = [date(2023, month, 27 - month) for month in range(1, 13)]
    told = [format_date(day, length, locale=Locale.parse(code)) for day in days for length in ("long", "medium")]
    read = [[found.full for found in find_dates(text, code) if found.full] for text in told]
    assert (read == [[day] for day in days for _ in range(2)]) == (code not in UNREAD_DATES), told


@given(texts(storable=False), languages)
def test_numbers_and_dates_of_any_text_lie_in_it_apart(text, language):
    hold.check_values(text, language)


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("१२,३४,५६७ लोग", "hi", {"1234567"}),
        ("Rs 12,34,567.50", "en", {"1234567.5"}),
        ("12,34,56", "en", {"12", "34", "56"}),
        ("1,22,333", "hi", {"122333"}),
        ("0,12,345", "hi", {"0", "12", "345"}),
        ("192.168.10.100", "en", {"192", "168", "10", "100"}),
    ],
)
def test_thousands_of_india_are_grouped_by_two(text, language, values):
    assert number_values(text, language) == values


@pytest.mark.parametrize(
    ("text", "parts"),
    [("on May 2-24, 2024", ["May 2", "24, 2024"]), ("2-24 May 2024", ["2", "24 May 2024"])],
)
def test_the_two_days_of_a_range_stand_apart(text, parts):
    found = find_dates(text, "en")
    assert [text[one.start : one.end] for one in found] == parts
    assert [one.full for one in found] == [date(2024, 5, 2), date(2024, 5, 24)]
