"""Units and currencies next to a figure, written in another language.

The names of units and currencies are CLDR's (babel), so every report language is covered without lists of our own.
Works on text only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

import langcodes
import regex
from babel import Locale
from babel.numbers import format_compact_decimal, format_decimal, get_currency_name, get_territory_currencies
from babel.units import format_unit

from rag.language.folding import fold
from rag.language.numbers import FoundNumber, number_values
from rag.language.registry import Language, language_of, tender

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
# Beyond these many letters a longer word is another one; Turkish and Polish hang endings on ("hektarlık").
ENDING = 4
LEAST_STEM = 5
# A shorter word of a currency's name is many other things.
LEAST_NOUN = 3
# Money of which it is not known whose it is ("5 pesos").
UNKNOWN_MONEY = "?"
# From here on a figure is told in words and digits ("6.8 billion") where that says it exactly.
LARGE = 1_000_000
_NEXT = regex.compile(r"\.?\s*(?:(?:de|of|d’|d')\s*)?([\p{L}\p{M}]+[²³]?|[₫$€£¥]|°C)(?:\s+([\p{L}\p{M}]+))?")
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a figure measures: `dimension` is percent, money, length, area, mass, volume, duration or temperature.

    `unit` is CLDR's name ("length-kilometer") or the currency's code; empty for per cent.
    """

    dimension: str
    unit: str = ""


def measured(text: str, number: FoundNumber, language: str) -> Measure | None:
    """The unit that follows a figure in the text; None if the figure counts things."""
    if number.kind == "percent":
        return Measure("percent")
    match = _NEXT.match(text, number.end)
    return _named(match[1], match[2] or "", language) if match else None


def tell_figure(number: FoundNumber, measure: Measure | None, language: str) -> str:
    """The figure in digits, with its measure in words of the language; empty if the currency is ambiguous."""
    told = tell_number(number, language)
    if measure is None or measure.dimension == "percent":
        return told + (" %" if measure else "")
    if measure.unit == "USD":
        # Many countries have a dollar: CLDR's name would make each an American one.
        return with_sign(told, "$", language)
    value = Decimal(number.value)
    locale = told_in(language)
    if measure.unit == UNKNOWN_MONEY:
        return ""
    if measure.dimension == "money":
        return f"{told} {get_currency_name(measure.unit, value, locale=locale)}"
    return _told(value, measure.unit, locale)


def tell_number(number: FoundNumber, language: str) -> str:
    """The figure in digits only; a large one with a word for millions if that is exact."""
    value = Decimal(number.value)
    locale = told_in(language)
    # CLDR has no words for millions in Japanese and Chinese, among others, but signs.
    form: Literal["long", "short"] = "long" if "long" in locale.compact_decimal_formats else "short"
    if value >= LARGE:
        short = format_compact_decimal(value, format_type=form, locale=locale, fraction_digits=3)
        if number.value in number_values(short, language):
            return short
    if value < 10_000:
        return format_decimal(value, group_separator=False, decimal_quantization=False, locale=locale)
    return format_decimal(value, decimal_quantization=False, locale=locale)


def with_sign(figure: str, sign: str, language: str) -> str:
    """A figure with its money sign, on the side that the language uses."""
    return f"{sign}{figure}" if language_of(language).sign_first else f"{figure} {sign}"


def told_in(language: str) -> Locale:
    """The CLDR locale used to format values; British English if CLDR has none."""
    return language_of(language).locale or Locale("en", "GB")


def _named(word: str, following: str, language: str) -> Measure | None:
    """The unit or currency of the longest name that begins here."""
    if word in _MONEY_SIGNS or (word.isupper() and word in tender()):
        return Measure("money", _MONEY_SIGNS.get(word, word))
    if currency := _currency_named(word, following, language_of(language)):
        return Measure("money", currency)
    if unit := _SIGNS.get(word.lower()):
        return Measure(unit.partition("-")[0], unit)
    said = (fold(word), fold(following))
    best: tuple[bool, int, Measure] | None = None
    for name, measure in _names(language_of(language).code):
        fits = all(_is_form(heard, wanted) for heard, wanted in zip(said, name, strict=False))
        # As it is written before any form of it: Turkish "metre" is no "metrekare".
        rank = said[: len(name)] == name, len("".join(name))
        if fits and (best is None or best[:2] < rank):
            best = *rank, measure
    return best[2] if best else None


def _currency_named(word: str, following: str, language: Language) -> str:
    """The currency that one word or two name; `UNKNOWN_MONEY` where it may be several, empty where none.

    A noun that many countries share ("peso", "рубль") is taken for the one of the language's own country.
    """
    names, nouns = _currencies(language.code)
    said = (fold(word), fold(following))
    for words in (said, said[:1]):
        if found := names.get(words):
            return found
    if word.istitle() and not language.capital_nouns:  # "Dong Hai" is a place
        return ""
    word, following = said
    held = {money for noun, monies in nouns.items() if _is_form(word, noun) for money in monies}
    held |= {money for noun, monies in nouns.items() if _is_form(following, noun) for money in monies if not held}
    if len(held) <= 1:
        return next(iter(held), "")
    own = held & _own_money(language.code)
    # The name alone is told as a sign, which is of no country.
    return next(iter(own)) if len(own) == 1 else "USD" if "USD" in held else UNKNOWN_MONEY


@cache
def _currencies(code: str) -> tuple[dict[tuple[str, ...], str], dict[str, set[str]]]:
    """CLDR's names of the world's currencies in a language, folded, and their nouns without the country."""
    locale = language_of(code).locale
    if locale is None:
        return {}, {}
    names: dict[tuple[str, ...], str] = {}
    for money in sorted(tender() & locale.currencies.keys()):
        for count in (1, 2, 5, Decimal("1.5")):
            names.setdefault(tuple(fold(get_currency_name(money, count, locale=locale)).split()), money)
    for money in _own_money(code) & locale.currency_symbols.keys():
        # "zł", "kr"
        names.setdefault((fold(locale.currency_symbols[money]),), money)
    # Nouns stand where words recur: "dólar canadiense" and "dólar australiano", but "canadian dollar".
    place = min((0, -1), key=lambda at: len({words[at] for words in names if len(words) > 1}))
    nouns: dict[str, set[str]] = {}
    for words, money in names.items():
        if (
            len(words[place]) >= LEAST_NOUN
            or not words[place].isalpha()
            or unicodedata.category(words[place][0]) == "Lo"
        ):
            nouns.setdefault(words[place], set()).add(money)
    return names, nouns


@cache
def _own_money(code: str) -> frozenset[str]:
    place = langcodes.Language.get(code, normalize=False).maximize().territory if langcodes.tag_is_valid(code) else None
    return frozenset(get_territory_currencies(place)) if place and place.isalpha() else frozenset()


def _is_form(heard: str, wanted: str) -> bool:
    if heard == wanted:
        return True
    stem, longer = sorted((heard, wanted), key=len)
    # CLDR itself has endings: "Türk lirası".
    return len(stem) >= LEAST_STEM - (heard != longer) and longer.startswith(stem) and len(longer) - len(stem) <= ENDING


@cache
def _names(language: str) -> tuple[tuple[tuple[str, ...], Measure], ...]:
    """Names of units in the language, each of one or two folded words."""
    locale = language_of(language).locale
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
