"""What holds for any claim: words of the quote are proved by it, a figure that it has not is not."""

import unicodedata
from dataclasses import replace
from datetime import date

import invariants as hold
import pytest
from hypothesis import given
from hypothesis import strategies as draw
from odd_texts import LANGUAGES, articles

from rag.language import entries, find_numbers
from rag.models import Article
from rag.verification import missing

FIGURES = draw.integers(1_000, 999_999)
SENTENCES = {
    "en": "The ferry carried {} passengers and the harbour {} tonnes.",
    "de": "Die Fähre beförderte {} Fahrgäste und der Hafen {} Tonnen.",
    "tr": "Feribot {} yolcu, liman {} ton taşıdı.",
    "pl": "Prom przewiózł {} pasażerów, a port {} ton.",
    "es": "El ferry llevó {} pasajeros y el puerto {} toneladas.",
    "ms": "Feri itu membawa {} penumpang dan pelabuhan {} tan.",
    "vi": "Phà chở {} hành khách và cảng {} tấn.",
    "hi": "नौका ने {} यात्री और बंदरगाह ने {} टन ढोया।",
    "ja": "フェリーは{}人、港は{}トンを運んだ。",
    "ar": "نقلت العبارة {} راكب والميناء {} طن.",
}


def report(text: str, language: str) -> Article:
    return Article("x", text, "", language, None, (), (), None, text, len(text))


@given(articles())
def test_a_quote_proves_itself_and_no_figure_of_nowhere(article):
    # Rules read texts in NFC, as every reader gives them.
    text = unicodedata.normalize("NFC", article.text)
    hold.check_verified(replace(article, text=text, body_end=len(text), sha256=text))


@given(draw.sampled_from(sorted(SENTENCES)), FIGURES, FIGURES)
def test_a_changed_figure_is_always_missing(language, one, other):
    quote = SENTENCES[language].format(one, other)
    assert missing(quote, language, report(quote, language), [quote]) == ""
    for wrong in (one + 1, other * 10, one * 1_000 + 7):
        if str(wrong) not in (str(one), str(other)):
            claim = SENTENCES[language].format(wrong, other)
            assert missing(claim, language, report(quote, language), [quote]) == str(wrong)


# Years of other centuries are no dates to the rules.
@given(draw.sampled_from(LANGUAGES), draw.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_another_day_is_always_missing(language, day):
    quote = f"({day.isoformat()})"
    claim = f"({day.replace(day=day.day % 28 + 1).isoformat()})"
    assert missing(claim, language, report(quote, language), [quote])


@pytest.mark.parametrize("language", sorted(entries()))
def test_a_figure_of_each_language_needs_its_proof(language):
    claim, quote = "12345", "(54321)"
    assert find_numbers(claim, language)
    assert missing(claim, language, report(quote, language), [quote]) == "12345"


def test_a_name_grown_on_to_a_date_is_no_stranger():
    quote = "事故は11月14日Ｈ氧工場で起きた。"
    assert missing(quote, "ja", report(quote, "ja"), [quote]) == ""
