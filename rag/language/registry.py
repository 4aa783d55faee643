"""The data of each language: one entry per language, on top of CLDR.

`entries/CODE.toml` holds what neither CLDR (babel) nor ICU knows: the fixed phrases of answers, spellings and
cases of number words, words around dates. A language without an entry has everything that CLDR has.
"""

from __future__ import annotations

import pickle
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, lru_cache
from importlib import resources
from typing import Any, TypeVar

import langcodes
from babel import Locale, UnknownLocaleError, localedata
from babel.core import get_global
from babel.numbers import get_territory_currencies
from babel.units import format_unit
from langcodes.tag_parser import LanguageTagError

ENTRIES = "entries"
Words = TypeVar("Words", "NumberWords", "DateWords", "SentenceWords", "PageWords", "TalkWords")


@dataclass(frozen=True, slots=True)
class NumberWords:
    """What ICU lacks of a language's number words, in lower case. Patterns are regular expressions."""

    # The language by whose rules ICU is to spell, where it has none for this one.
    spelled_as: str = ""
    # Another spelling or case -> the word that ICU writes.
    same: Mapping[str, str] = field(default_factory=dict)
    # Words with a value, multipliers ("dozen") and ordinals that ICU does not write.
    more: Mapping[str, int] = field(default_factory=dict)
    scales: Mapping[str, int] = field(default_factory=dict)
    ordinals: Mapping[str, int] = field(default_factory=dict)
    # Multipliers that are a number by themselves ("hundert").
    bare: frozenset[str] = frozenset()
    # Words that mostly mean something else: evidence for a figure, but no claim is refused for them.
    ambiguous: frozenset[str] = frozenset()
    # Words that are a number only before others ("a" of "a hundred").
    never_alone: frozenset[str] = frozenset()
    # What a word begins with that multiplies nothing though it begins with a multiplier; a pattern.
    no_scale: str = ""
    halves: frozenset[str] = frozenset()
    # Per cent, where CLDR has the sign alone; a pattern.
    percent: str = ""
    # Between the numbers of a share ("7 out of 8").
    out_of: str = ""
    # What may hang on to a number ("dokuzu"), and the words on which it does not.
    ending: str = ""
    unended: frozenset[str] = frozenset()
    # Number words grow together though ICU writes them apart.
    joins: bool = False
    # Words that make the next number an ordinal; what stands before and behind digits of one.
    ordinal_before: frozenset[str] = frozenset()
    ordinal_prefix: str = ""
    ordinal_suffix: str = ""
    # A capitalised number word before another capital is part of a name.
    capital_is_name: bool = False
    # Both habits of marking decimals are alive, whatever CLDR says.
    either_mark: bool = False


@dataclass(frozen=True, slots=True)
class DateWords:
    """What CLDR lacks of a language's dates; words and patterns are matched in folded text."""

    # Forms of month names, by the month's number as a string, and the language whose month names are read too.
    months: Mapping[str, str] = field(default_factory=dict)
    months_of: str = ""
    # Behind a month's name, between day and month, between month and year.
    suffix: str = ""
    after_day: str = r"\.?"
    before_year: str = r"\s*,?\s+"
    # A day and a month in digits without a year, with groups `un_d` and `un_m`.
    unyeared: str = ""
    # Before the day, before a month's name, and the word "year" between year and month.
    before_day: str = ""
    before_month: str = ""
    year: str = "-"
    # Years may be counted from the Buddha's death.
    buddhist_years: bool = False
    # Names of eras, and the year before each one's first.
    eras: Mapping[str, int] = field(default_factory=dict)
    # The months of the solar Hijri calendar, from March on: twelve words, each with its other names behind "|".
    hijri_months: str = ""
    # Month names that are other words too, where they are in lower case and no year follows.
    ambiguous: frozenset[str] = frozenset()
    # Between two days, and what marks the date of a document, before and after it.
    between: str = ""
    document_before: str = ""
    document_after: str = ""
    # Names of weekdays that mostly mean something else, and phrases with such a name that are none; "_" for a blank.
    no_weekday: frozenset[str] = frozenset()
    # Phrases that are no certain day though they are, or contain, a word for one ("the day" that also means today), in
    # lower case, marks kept, "_" for a blank.
    no_day: frozenset[str] = frozenset()
    # A sentence with a weekday (written "#") tells of the last such day where `past` is found in it and `not_last` is
    # not. Patterns, in lower case, marks kept. Without both weekdays are not resolved.
    past: str = ""
    not_last: str = ""


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """Words after which a full stop does not end a sentence; lower case, without the full stop."""

    abbreviations: frozenset[str] = frozenset()
    # Abbreviations that may end a sentence all the same.
    may_end: frozenset[str] = frozenset()
    # Words before which a number with a full stop is an ordinal, and a pattern of what follows one; empty where the
    # language marks ordinals otherwise.
    before_ordinal: frozenset[str] = frozenset()
    after_ordinal: str = ""


@dataclass(frozen=True, slots=True)
class PageWords:
    """Words of page furniture around a report, in lower case; "_" is a blank."""

    # Labels of the source, of the counter of comments and of advertising, and what stands before an author's name;
    # "text:" does so with a colon only.
    source: frozenset[str] = frozenset()
    comments: frozenset[str] = frozenset()
    advertising: frozenset[str] = frozenset()
    by: frozenset[str] = frozenset()
    # What ends a dateline, where no punctuation does.
    wire: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TalkWords:
    """Replies to a greeting, to thanks, to a request for help, and to a question about what the collection contains.

    `contents` has the placeholders {count}, {undated}, {languages}, {dates} and {titles}. All are empty if not known.
    """

    greeting: str = ""
    thanks: str = ""
    help: str = ""
    contents: str = ""
    # Words that people type alone (greetings, thanks, question words), by which so short a text shows its language.
    alone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language. `code` is its BCP 47 primary tag, `script` an ISO 15924 code."""

    code: str
    script: str
    # What groups thousands, by CLDR: "." in German; as in English where CLDR has none.
    group: str
    # The sentence that nothing was found that answers, and the answers to yes-or-no questions; empty where not known.
    declined: str = ""
    # That no report fits the filters, with {of} for how many there are.
    filtered: str = ""
    yes: str = ""
    no: str = ""
    # Where a report's own words are the asker's too: Malay and Indonesian.
    understood: frozenset[str] = frozenset()
    # The language whose stemmer is used, where Snowball has none for this one.
    stemmed_as: str = ""
    # Locale by whose habits dates and figures are told, where it is not the language's own.
    told_as: str = ""
    # A money sign stands before the figure.
    sign_first: bool = False
    # Nouns have capitals, by CLDR, so a capital tells no name.
    capital_nouns: bool = False
    numbers: NumberWords = NumberWords()
    dates: DateWords = DateWords()
    sentences: SentenceWords = SentenceWords()
    page: PageWords = PageWords()
    talk: TalkWords = TalkWords()

    @property
    def locale(self) -> Locale | None:
        """CLDR's locale; None where it has none."""
        return locale_of(self.told_as or self.code)


def language_of(tag: str) -> Language:
    """The language of a BCP 47 tag; generic data for an unknown one."""
    return _language(primary_tag(tag))


def entries() -> list[str]:
    """Codes of the languages that have an entry."""
    files = (resources.files("rag.language") / ENTRIES).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


@cache
def typed_alone() -> dict[str, frozenset[str]]:
    """Words that people type on their own, as written in the entries -> codes of the languages in which they do."""
    found: dict[str, set[str]] = {}
    for code in entries():
        for word in _entry(code).get("talk", {}).get("alone", "").split():
            found.setdefault(word, set()).add(code)
    return {word: frozenset(codes) for word, codes in found.items()}


@lru_cache(maxsize=512)
def standard_tag(tag: str) -> str:
    """The tag as BCP 47 writes it: "deu" gives de, "zh_hant" zh-Hant; what is no tag, in lower case."""
    try:
        return langcodes.standardize_tag(tag)
    except LanguageTagError:
        return tag.replace("_", "-").lower()


def primary_tag(tag: str) -> str:
    """The language of a tag, region and script left out: "zh-Hant-TW" gives zh."""
    return standard_tag(tag).split("-")[0]


def is_tag(tag: str) -> bool:
    """Whether it is a BCP 47 tag of a language that is registered: de and zh-Hant-TW are, "german" is not."""
    return langcodes.tag_is_valid(tag.replace("_", "-"))


@cache
def locale_of(tag: str) -> Locale | None:
    """CLDR's locale of a language, or None."""
    try:
        return Locale.parse(tag) if tag else None
    except (UnknownLocaleError, ValueError):
        return None


@cache
def regional_months(tag: str) -> tuple[tuple[int, str], ...]:
    """Month names of some countries and scripts of a language alone: "شباط" in Syria, "januar" in Latin Serbian."""
    return tuple(_regional_names(tag, "months", "wide", "abbreviated"))


@cache
def weekday_names(tag: str, *widths: str) -> tuple[tuple[int, str], ...]:
    """Names of weekdays, Monday is 0, in a language and in its countries and scripts: "星期二", "週二" in Taiwan."""
    locale = locale_of(tag)
    told = [one for width in widths for one in locale.days["format"][width].items()] if locale else []
    # Not from the locale: babel gives one language's names that stand alone to all that it loads afterwards.
    return (*told, *_regional_names(tag, "days", *widths, itself=True))


def _regional_names(tag: str, kind: str, *widths: str, itself: bool = False) -> Iterator[tuple[int, str]]:
    for own in _regional(tag, itself=itself):
        for held in own.get(kind, {}).values():
            for width in widths:
                if isinstance(held, dict) and isinstance(names := held.get(width), dict):
                    yield from names.items()


@cache
def money_letters(tag: str) -> frozenset[str]:
    """What stands for money in letters: the codes of the world's currencies, and the signs of a language's countries.

    Such as "Ksh" in Kenya. One letter alone stands for many things.
    """
    locale = locale_of(tag)
    held = [locale.currency_symbols if locale else {}, *(own.get("currency_symbols", {}) for own in _regional(tag))]
    signs = {sign for signs in held for money, sign in signs.items() if money in tender()}
    return tender() | {sign for sign in signs if sign.isalpha() and len(sign) > 1}


@cache
def tender() -> frozenset[str]:
    """Codes of what is legal tender somewhere today."""
    places = get_global("territory_currencies")
    return frozenset(money for place in places for money in get_territory_currencies(place))


def _regional(tag: str, *, itself: bool = False) -> Iterator[Mapping[str, Any]]:
    """What babel holds of a language in each of its countries and scripts alone; `itself`: and of the language."""
    for id in sorted(localedata.locale_identifiers()):
        if id.startswith(f"{tag}_") or (itself and id == tag):
            # The country's own file of babel's: what it shares with its language is not read again for each of a
            # hundred. `localedata.load` would keep the part for the whole.
            with open(localedata.resolve_locale_filename(id), "rb") as file:
                yield pickle.load(file)  # noqa: S301, installed with babel


@cache
def joining_words(tag: str) -> frozenset[str]:
    """The words for "and" and "or" that CLDR joins two things with; empty if there are none."""
    locale = locale_of(primary_tag(tag))
    patterns = [locale.list_patterns.get(kind) for kind in ("standard", "or")] if locale else []
    return frozenset(
        word for pattern in patterns if pattern and (word := pattern["2"].replace("{0}", "").replace("{1}", "").strip())
    )


@cache
def _language(code: str) -> Language:
    held = _entry(code)
    words: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in held.items()
        if not isinstance(value, dict)
    }
    locale = locale_of(code)
    marks = (locale.number_symbols.get("latn") or {}) if locale else {}
    tag = langcodes.Language.get(code, normalize=False).maximize() if langcodes.tag_is_valid(code) else None
    return Language(
        code=code,
        script=(tag.script if tag else None) or "Zyyy",
        group=marks.get("group", ","),
        capital_nouns=locale is not None and _has_capital_nouns(locale),
        numbers=_filled(NumberWords, held.get("numbers", {})),
        dates=date_words(code),
        sentences=_filled(SentenceWords, held.get("sentences", {})),
        page=_filled(PageWords, held.get("page", {})),
        talk=_filled(TalkWords, held.get("talk", {})),
        **words,
    )


def _has_capital_nouns(locale: Locale) -> bool:
    """Whether CLDR writes a noun with a capital: "Kilometer" in German, Luxembourgish, Low German."""
    told = format_unit(2, "length-kilometer", "long", locale=locale)
    return next(filter(str.isalpha, told), "").isupper()


@cache
def date_words(code: str) -> DateWords:
    """The entry's words around dates: for asking all entries, without loading CLDR's data of each language."""
    return _filled(DateWords, _entry(code).get("dates", {}))


@cache
def _entry(code: str) -> dict[str, Any]:
    file = resources.files("rag.language") / ENTRIES / f"{code}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _filled(kind: type[Words], held: Mapping[str, Any]) -> Words:
    """Words in one string become a set, `same` (word = "forms") is turned round."""
    sets = {one.name for one in fields(kind) if "frozenset" in str(one.type)}
    values: dict[str, Any] = {name: frozenset(value.split()) if name in sets else value for name, value in held.items()}
    for name in ("no_day", "no_weekday"):
        if name in values:
            values[name] = frozenset(phrase.replace("_", " ") for phrase in values[name])
    if "same" in values:
        values["same"] = {form: word for word, forms in values["same"].items() for form in forms.split()}
    for name in ("more", "scales", "ordinals"):
        if name in values:
            values[name] = {word: int(number) for number, words in values[name].items() for word in words.split()}
    return kind(**values)
