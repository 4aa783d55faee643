"""The texts of the interface: whole in each language, with the same places to fill, in the right plural form."""

from __future__ import annotations

import json
import re
import string
from dataclasses import fields
from datetime import date
from importlib import resources

import pytest
from babel import Locale

from ui.strings import ENGLISH, LANGUAGES, TAGS, Strings, choose

TEXTS = json.loads((resources.files("ui") / "strings.json").read_text("utf-8"))
# Words that are spelled alike in two of the languages, or are no words.
ALIKE = {"more_reports"}
# All of the page's own code; a text of which nothing asks is dead, and a language more to keep up for nothing.
UI = resources.files("ui")
SAYING = "".join(
    part.read_text("utf-8")
    for part in (*UI.iterdir(), *(UI / "static").iterdir())
    if part.name.endswith((".py", ".js"))
)


def forms(text: str | dict[str, str]) -> dict[str, str]:
    return {"": text} if isinstance(text, str) else text


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def whole(strings: Strings, n: int) -> str:
    return strings.count(strings.reports, n)


def test_the_languages_are_those_of_the_page():
    assert set(TAGS) == {"en", "ms", "tr", "es", "de", "pl", "vi"} == set(LANGUAGES)


def test_every_key_of_the_file_is_a_field_and_the_other_way_round():
    assert {field.name for field in fields(Strings)} - {"locale"} == set(TEXTS)


def test_every_text_is_said_somewhere():
    said = r"(strings|self|strings_of\(request\))\.{key}\b|word\(\"{key}\"\)|\"{key}\""
    assert [key for key in TEXTS if not re.search(said.format(key=key), SAYING)] == []


def faults(texts: dict[str, str | dict[str, str]]) -> list[str]:
    """What is wrong with one text in all languages, in words."""
    if list(texts) != list(TAGS):
        return [f"it is there in {list(texts)}"]
    if len({type(text) for text in texts.values()}) > 1:
        return ["it has plural forms in some languages only"]
    wanted = placeholders(forms(texts["en"]).get("other") or texts["en"])
    told = [] if "n" in wanted or isinstance(texts["en"], str) else ["it has plural forms and no number"]
    for tag, text in texts.items():
        for form in forms(text).values():
            if not form or form.strip() != form or re.search(r"[<>&]|\s{2}", form):
                told.append(f"{tag}: is empty, or has marks or spaces that no text has: {form!r}")
            if placeholders(form) != wanted:
                told.append(f"{tag}: has {placeholders(form)} to fill and not {wanted}")
    return told


def test_every_language_has_each_text_and_the_same_places_to_fill():
    assert {key: told for key, texts in TEXTS.items() if (told := faults(texts))} == {}


def test_a_text_that_lacks_a_language_or_a_place_to_fill_is_found():
    assert faults(dict.fromkeys(TAGS, "{n} a")) == []
    assert faults({"en": "a"}) and faults({**dict.fromkeys(TAGS, "a"), "vi": {"other": "{n}"}})
    assert faults({**dict.fromkeys(TAGS, "{n} a"), "pl": "a"}) == ["pl: has set() to fill and not {'n'}"]
    assert [told[:3] for told in faults({**dict.fromkeys(TAGS, "a"), "de": " <b>"})] == ["de:"]


def test_no_text_was_left_in_english():
    left = []
    for key in TEXTS.keys() - ALIKE:
        english = set(forms(TEXTS[key]["en"]).values())
        for tag in TAGS:
            # One word, such as Menu or Chat, may be the other language's own.
            long = {form for form in forms(TEXTS[key][tag]).values() if len(form.split()) > 1}
            left += [(key, tag)] * (tag != "en" and bool(long & english))
    assert left == []


def test_every_plural_has_the_forms_that_its_language_uses():
    wrong = []
    for tag in TAGS:
        used = {Locale.parse(tag).plural_form(n) for n in (*range(200), 1_000_000)} | {"other"}
        plurals = {key: texts[tag] for key, texts in TEXTS.items() if isinstance(texts[tag], dict)}
        wrong += [(key, tag, set(held)) for key, held in plurals.items() if set(held) != used]
    assert wrong == []


@pytest.mark.parametrize(
    ("tag", "n", "text"),
    [
        ("en", 1, "1 report"),
        ("en", 2, "2 reports"),
        ("ms", 1, "1 laporan"),
        ("ms", 7, "7 laporan"),
        ("tr", 1, "1 rapor"),
        ("tr", 40, "40 rapor"),
        ("es", 1, "1 informe"),
        ("es", 109, "109 informes"),
        ("es", 1_000_000, "1000000 de informes"),
        ("de", 1, "1 Bericht"),
        ("de", 0, "0 Berichte"),
        ("pl", 1, "1 raport"),
        ("pl", 3, "3 raporty"),
        ("pl", 5, "5 raportów"),
        ("pl", 12, "12 raportów"),
        ("pl", 22, "22 raporty"),
        ("vi", 1, "1 báo cáo"),
        ("vi", 12, "12 báo cáo"),
    ],
)
def test_a_number_takes_its_form(tag, n, text):
    assert whole(LANGUAGES[tag], n) == text


def test_a_form_that_is_missing_gives_way_to_the_general_one():
    assert LANGUAGES["pl"].count({"other": "{n} raportu"}, 5) == "5 raportu"


@pytest.mark.parametrize(
    ("tag", "day", "language"),
    [
        ("en", "5 July 2024", "Polish"),
        ("ms", "5 Julai 2024", "Poland"),
        ("tr", "5 Temmuz 2024", "Lehçe"),
        ("es", "5 de julio de 2024", "polaco"),
        ("de", "5. Juli 2024", "Polnisch"),
        ("pl", "5 lipca 2024", "polski"),
        ("vi", "5 tháng 7, 2024", "Tiếng Ba Lan"),
    ],
)
def test_days_and_languages_are_named_in_the_language(tag, day, language):
    strings = LANGUAGES[tag]
    assert strings.day(date(2024, 7, 5)) == day
    assert strings.day(None) == strings.undated
    assert strings.language("pl") == language
    assert strings.language("pl-PL") == language
    assert strings.language("qqx") == "qqx"


@pytest.mark.parametrize(
    ("tag", "percent", "both"),
    [
        ("en", "81\N{NO-BREAK SPACE}%", "Polish and Malay"),
        ("ms", "81%", "Poland dan Melayu"),
        ("tr", "%81", "Lehçe ve Malayca"),
        ("es", "81\N{NO-BREAK SPACE}%", "polaco y malayo"),
        ("de", "81\N{NO-BREAK SPACE}%", "Polnisch und Malaiisch"),
        ("pl", "81%", "polski i malajski"),
        ("vi", "81%", "Tiếng Ba Lan và Tiếng Mã Lai"),
    ],
)
def test_per_cent_and_lists_are_written_as_the_language_does(tag, percent, both):
    strings = LANGUAGES[tag]
    assert strings.percent(0.816) == percent
    assert strings.list_languages(["pl", "ms"]) == both
    assert strings.list_languages(["pl"]) == strings.language("pl")


def test_no_probability_is_told_as_a_certainty():
    assert [ENGLISH.percent(one) for one in (0.999, 0.001)] == ["99\N{NO-BREAK SPACE}%", "1\N{NO-BREAK SPACE}%"]


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR,fr;q=0.9,tr;q=0.8,en;q=0.7", "tr"),
        ("en;q=0.3, vi;q=0.9", "vi"),
        ("zsm", "ms"),
        ("ms-Arab-BN, ms", "ms"),
        ("es-419", "es"),
        ("pl_PL", "pl"),
        ("id", "ms"),
        ("id, en;q=0.4", "en"),
        ("ca, de;q=0.5", "de"),
        ("ja, ko", "en"),
        ("tr;q=0, pl", "pl"),
        ("de;q=2, vi;q=0.1", "vi"),
        ("de;q=viel, es", "es"),
        ("*", "en"),
        ("", "en"),
        (None, "en"),
        (";;,,=;q", "en"),
        ("<script>, '; DROP TABLE", "en"),
        ("x" * 5000 + ",de", "en"),
    ],
)
def test_the_browser_says_which_language(header, tag):
    assert choose(header) is LANGUAGES[tag]


def test_english_is_what_nobody_asked_for():
    assert ENGLISH is LANGUAGES["en"]
    assert ENGLISH.locale == "en"


@pytest.mark.parametrize("tag", TAGS)
def test_a_suggested_question_names_its_place_as_it_is_written(tag):
    strings = LANGUAGES[tag]
    for form in (strings.suggest_when, strings.suggest_who, strings.suggest_share, strings.suggest_amount):
        asked = form.format(place="Kim Bảng")
        assert "Kim Bảng" in asked and asked.endswith("?")
