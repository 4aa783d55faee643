"""Measures and money beside a figure, told in words of another language.

The names of units and currencies are CLDR's (babel), so every report language is covered without lists of our own.
Knows text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.numbers import format_compact_decimal, format_decimal, get_currency_name
from babel.units import format_unit

from rag.language.numbers import FoundNumber, number_values
from rag.language.tags import fold

# CLDR's units, by what they measure.
_UNITS = {
    "length": "kilometer meter centimeter",
    "area": "hectare square-meter square-kilometer",
    "mass": "tonne ton kilogram gram",
    "volume": "liter cubic-meter",
    "duration": "year month week day hour minute",
    "temperature": "celsius",
}
# Signs that are written alike everywhere; the other short forms are words in some language ("a", "m.").
_SIGNS = {
    "km": "length-kilometer",
    "m": "length-meter",
    "cm": "length-centimeter",
    "ha": "area-hectare",
    "m²": "area-square-meter",
    "km²": "area-square-kilometer",
    "t": "mass-tonne",
    "kg": "mass-kilogram",
    "g": "mass-gram",
    "m³": "volume-cubic-meter",
    "°c": "temperature-celsius",
}
_MONEY_SIGNS = {"₫": "VND", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
# How currencies' own names begin, folded; the rest of what CLDR says ("Vietnamese dong") seldom stands in a report.
_MONEY = {
    "dong": "VND",
    "dolar": "USD",
    "dollar": "USD",
    "euro": "EUR",
    "avro": "EUR",
    "ringgit": "MYR",
    "rupia": "IDR",
    "yuan": "CNY",
    "baht": "THB",
    "zlot": "PLN",
    "lira": "TRY",
}
# Beyond these many letters a longer word is another one; Turkish and Polish hang endings on ("hektarlık").
ENDING = 4
LEAST_STEM = 5
# From here on a figure is told in words and digits ("6.8 billion") where that says it exactly.
LARGE = 1_000_000
_NEXT = re.compile(r"\s*(?:(?:de|of|d’|d')\s*)?([^\W\d_]+[²³]?|[₫$€£¥]|°C)(?:\s+([^\W\d_]+))?")
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a figure measures: `dimension` is percent, money, length, area, mass, volume, duration or temperature.

    `unit` is CLDR's name ("length-kilometer") or the currency's code; empty for per cent.
    """

    dimension: str
    unit: str = ""


def measured(text: str, number: FoundNumber, language: str) -> Measure | None:
    """The measure that a figure of the text is followed by; None for one that counts things."""
    if number.kind == "percent":
        return Measure("percent")
    match = _NEXT.match(text, number.end)
    return _named(match[1], match[2] or "", language) if match else None


def tell_figure(number: FoundNumber, measure: Measure | None, language: str) -> str:
    """The figure in digits, with its measure in words of the language."""
    told = tell_number(number, language)
    if measure is None or measure.dimension == "percent":
        return told + (" %" if measure else "")
    if measure.unit == "USD":
        # Many countries have a dollar: CLDR's name would make each an American one.
        return f"${told}" if language.split("-")[0] in ("en", "ms") else f"{told} $"
    value = Decimal(number.value)
    locale = _locale(language) or Locale("en", "GB")
    if measure.dimension == "money":
        return f"{told} {get_currency_name(measure.unit, value, locale=locale)}"
    return _told(value, measure.unit, locale)


def tell_number(number: FoundNumber, language: str) -> str:
    """The figure alone in digits; a large one with a word for millions where that says it exactly."""
    value = Decimal(number.value)
    locale = _locale(language) or Locale("en", "GB")
    # CLDR has no words for millions in Japanese and Chinese, among others, but signs.
    form: Literal["long", "short"] = "long" if "long" in locale.compact_decimal_formats else "short"
    if value >= LARGE:
        short = format_compact_decimal(value, format_type=form, locale=locale, fraction_digits=3)
        if number.value in number_values(short, language):
            return short
    if value < 10_000:
        return format_decimal(value, group_separator=False, decimal_quantization=False, locale=locale)
    return format_decimal(value, decimal_quantization=False, locale=locale)


def _named(word: str, following: str, language: str) -> Measure | None:
    """The unit or currency of the longest name that begins here."""
    if word in _MONEY_SIGNS or word in _MONEY.values():
        return Measure("money", _MONEY_SIGNS.get(word, word))
    if word.islower() or language.startswith("de"):  # "Dong Hai" is a place
        for stem, currency in _MONEY.items():
            if fold(word).startswith(stem) and len(word) - len(stem) <= ENDING:
                return Measure("money", currency)
    if unit := _SIGNS.get(word.lower()):
        return Measure(unit.partition("-")[0], unit)
    said = (fold(word), fold(following))
    best: tuple[int, Measure] | None = None
    for name, measure in _names(language.split("-")[0]):
        fits = all(_is_form(heard, wanted) for heard, wanted in zip(said, name, strict=False))
        if fits and (best is None or best[0] < len("".join(name))):
            best = len("".join(name)), measure
    return best[1] if best else None


def _is_form(heard: str, wanted: str) -> bool:
    if heard == wanted:
        return True
    return len(wanted) >= LEAST_STEM and heard.startswith(wanted) and len(heard) - len(wanted) <= ENDING


@cache
def _names(language: str) -> tuple[tuple[tuple[str, ...], Measure], ...]:
    """Names of units in the language, each of one or two folded words."""
    locale = _locale(language)
    if locale is None:
        return ()
    found: dict[tuple[str, ...], Measure] = {}
    for dimension, units in _UNITS.items():
        for unit in units.split():
            for text in _forms(locale, f"{dimension}-{unit}"):
                words = tuple(fold(text).split())
                if 0 < len(words) <= 2:
                    found.setdefault(words, Measure(dimension, f"{dimension}-{unit}"))
    return tuple(found.items())


def _forms(locale: Locale, unit: str) -> Iterator[str]:
    for count in (1, 2, 5, Decimal("1.5")):
        yield " ".join(_FIGURE.sub("", _told(Decimal(count), unit, locale)).strip(" .,").split())


def _told(value: Decimal, unit: str, locale: Locale) -> str:
    """In words; where CLDR has no long form for the language its short one is whole words."""
    long = format_unit(value, unit, "long", locale=locale)
    return format_unit(value, unit, "short", locale=locale) if unit in long else long


@cache
def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse("en_GB" if language == "en" else language)
    except (UnknownLocaleError, ValueError):
        return None
