"""Every language has one entry; what each lacks is told, and what is shipped is what ICU and the entries give."""

import json
import tomllib
import zipfile
from dataclasses import fields
from importlib import resources
from pathlib import Path

import pytest

from rag.language import entries, find_dates, find_numbers, is_tag, language_of
from rag.language import registry as registry
from rag.language.registry import DateWords, Language, NumberWords, PageWords, SentenceWords, TalkWords

FOLDER = Path(str(resources.files("rag.language")))
# Interface languages, those of the reports and those that the reader was trained on: complete but for what is listed.
COMPLETE = "ar de en es fi fr hi id it ja ko ms pl pt ru tr vi zh".split()
LACKS = {code: {"abbreviations"} for code in "ja ko zh".split()}


def lacking(language: Language) -> set[str]:
    """What an answer in a language, or a report in it, has to do without."""
    return {
        name
        for name, held in {
            "declined": language.declined,
            "yes": language.yes and language.no,
            "locale": language.locale,
            "talk": all((language.talk.greeting, language.talk.thanks, language.talk.help, language.talk.contents)),
            "number words": language.code in numbered(),
            "abbreviations": language.sentences.abbreviations,
        }.items()
        if not held
    }


def numbered():
    with zipfile.ZipFile(FOLDER / "number_words.zip") as tables:
        return {name.removesuffix(".json") for name in tables.namelist()}


def test_what_each_language_lacks_is_known():
    assert {code: gaps for code in COMPLETE if (gaps := lacking(language_of(code)))} == LACKS
    assert all(language_of(code).filtered.count("{of}") == 1 for code in entries())
    assert all(language_of(code).declined and language_of(code).talk.alone for code in entries())


@pytest.mark.parametrize("code", entries())
def test_what_a_collection_holds_can_be_told(code):
    told = language_of(code).talk.contents.format(count="5", undated="2", languages="a", dates="b", titles="c")
    assert "5" in told and not set("{}") & set(told)


def unread(code: str) -> set[str]:
    """What an entry says that the registry does not read."""
    held = tomllib.loads((FOLDER / "entries" / f"{code}.toml").read_text("utf-8"))
    kinds = {
        "numbers": NumberWords,
        "dates": DateWords,
        "sentences": SentenceWords,
        "page": PageWords,
        "talk": TalkWords,
    }
    sections = {name: held.pop(name, {}).keys() - {one.name for one in fields(kind)} for name, kind in kinds.items()}
    return set().union(*sections.values()) | held.keys() - {one.name for one in fields(Language)}


def test_an_entry_says_only_what_the_registry_reads():
    assert {code: keys for code in entries() if (keys := unread(code))} == {}


def test_figures_and_days_are_read_in_every_language():
    assert [code for code in entries() if not (find_numbers("12,5", code) and find_dates("2021-03-05", code))] == []


def test_mark_and_script_are_those_of_cldr():
    german, arabic, unknown = language_of("de-AT"), language_of("ar"), language_of("xx")
    assert (german.code, german.script, german.group) == ("de", "Latn", ".")
    assert arabic.script == "Arab"
    assert unknown.locale is None and not unknown.declined


@pytest.mark.parametrize(
    ("tag", "well"),
    [("de", True), ("zh-Hant-TW", True), ("pt_BR", True), ("german", False), ("gr", False), ("", False), ("?", False)],
)
def test_tags_of_languages_are_told_from_other_words(tag, well):
    assert is_tag(tag) == well


@pytest.mark.parametrize("code", ["ar", "de", "hi", "ja", "pl", "sw", "vi"])
def test_the_shipped_number_words_are_those_that_icu_writes(code):
    from rag.language.icu_number_words import table

    with zipfile.ZipFile(FOLDER / "number_words.zip") as tables:
        assert json.loads(tables.read(f"{code}.json")) == json.loads(json.dumps(table(code)))


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("zh", "二千三百", "2300"), ("ja", "三百五十万", "3500000"), ("ko", "이천삼백", "2300"),
        ("ar", "ألفين وثلاثة مائة", "2300"),
        ("hi", "बारह लाख पचास हज़ार", "1250000"), ("ru", "двадцати одного", "21"),
        ("fi", "kaksituhattakolmesataa", "2300"), ("hu", "kétezerháromszáz", "2300"), ("sw", "elfu mbili", "2000"),
        ("th", "สองพันสามร้อย", "2300"), ("el", "διακόσιες πενήντα", "250"), ("uk", "двісті пʼятдесят", "250"),
    ],
)  # fmt: skip
def test_number_words_of_languages_without_words_of_their_own_are_evidence(language, text, value):
    """Their double meanings are not listed, so no claim is refused for them."""
    (found,) = find_numbers(text, language)
    assert (found.value, found.kind) == (value, "ambiguous"), (
        "their double meanings are not listed, so nothing is refused"
    )


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("ja", "約120万人", "1200000"), ("ja", "1億2000万円", "120000000"), ("zh", "3.5亿元", "350000000"),
        ("ko", "300만 명", "3000000"), ("ru", "1,2 млрд", "1200000000"), ("hi", "3.5 करोड़", "35000000"),
        ("ar", "٣٫٥ مليون", "3500000"), ("sw", "milioni 3.2", "3200000"), ("fr", "3,2 milliards", "3200000000"),
        ("th", "1.2 ล้าน", "1200000"), ("bn", "১২ লাখ", "1200000"),
    ],
)  # fmt: skip
def test_figures_with_words_for_millions(language, text, value):
    (found,) = find_numbers(text, language)
    assert (found.value, found.kind) == (value, "number")
