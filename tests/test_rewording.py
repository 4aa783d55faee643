"""Drafts put right: dates in the asker's words, figures, codes and names that the sentence lost."""

from __future__ import annotations

from datetime import date

import pytest
from fake_reports import article, seeds

from rag.dates import FoundDate
from rag.passages import sentences
from rag.questions import Question
from rag.wording import alone, reworded, says_place, tell_date, tell_day

REPORTS = {report.language: report for report in seeds()}


def sentence(language: str, words: str) -> str:
    return next(held.text for held in sentences(REPORTS[language]) if words in held.text)


def question(kind: str, language: str = "en", text: str = "?") -> Question:
    return Question(text, language, kind, (), (), (), ())


PL, DE, ES = sentence("pl", "109 modeli"), sentence("de", "29 Modellen"), sentence("es", "El 19 de enero")
TR, TR_CHAIR, MS = sentence("tr", "08-DA/TU"), sentence("tr", "konferansa başkanlık"), sentence("ms", "01-KL/TW")

TOLD = {
    "en": "5 July 2023",
    "de": "5. Juli 2023",
    "es": "5 de julio de 2023",
    "tr": "5 Temmuz 2023",
    "pl": "5 lipca 2023",
    "ms": "5 Julai 2023",
    "fr": "5 juillet 2023",
}


@pytest.mark.parametrize("language", TOLD)
def test_a_day_is_told_in_words_of_the_language(language):
    assert tell_day(date(2023, 7, 5), language) == TOLD[language]
    assert tell_date(FoundDate(0, 0, 2023, 7, 5), language) == TOLD[language]


def test_a_date_is_told_with_the_parts_that_it_has():
    assert tell_date(FoundDate(0, 0, 2023, None, None), "pl") == "2023"
    assert tell_date(FoundDate(0, 0, 2023, 7, None), "en") == "July 2023"
    assert tell_date(FoundDate(0, 0, 2023, 7, None), "de") == "Juli 2023"
    assert tell_date(FoundDate(0, 0, None, 7, 5), "es") == "5 de julio"
    assert tell_date(FoundDate(0, 0, None, 2, 29), "en") == "29 February"
    assert "7" in tell_date(FoundDate(0, 0, 2023, 7, 5), "vi")
    for unknown in ("tlh", "und", "x-none"):
        assert "2023" in tell_day(date(2023, 7, 5), unknown)


@pytest.mark.parametrize("language", ["en", "de", "es", "pl", "ms", "fr"])
@pytest.mark.parametrize("written", ["5 Temmuz 2023", "2023-07-05"])
def test_a_date_in_the_reports_words_or_as_iso_is_told_in_the_askers(language, written):
    made = reworded(f"08-DA/TU: {written}.", "5 Temmuz 2023", TR, question("date", language), "tr")
    assert made == f"08-DA/TU: {TOLD[language]}."


def test_a_date_is_put_right_in_other_questions_too():
    made = reworded("It ran from 5 Temmuz 2023 on.", "08-DA/TU", TR, question("other"), "tr")
    assert made == "It ran from 5 July 2023 on."


@pytest.mark.parametrize(
    ("language", "text", "right"),
    [
        ("en", "On 19 February it was held.", "On 19 January it was held."),
        ("de", "Sie fand am 19. Februar statt.", "Sie fand am 19. Januar statt."),
        ("tr", "Konferans 19 Şubat tarihinde yapıldı.", "Konferans 19 Ocak tarihinde yapıldı."),
        ("pl", "To było 19 lutego, rano.", "To było 19 stycznia, rano."),
        ("en", "It was on 19 February.", "It was on 19 January."),
        ("pl", "Odbyła się 19 lutego.", "Odbyła się 19 stycznia."),
    ],
)
def test_a_wrong_month_is_put_right_where_the_day_is_the_quotes(language, text, right):
    assert reworded(text, "19 de enero", ES, question("date", language), "es") == right


def test_a_date_that_is_right_stays_as_it_was_said():
    for text in ("It was held on January 19.", "On 19 January 2024, a Friday.", "On the 19th of January."):
        assert reworded(text, "19 de enero", ES, question("date"), "es") == text


@pytest.mark.parametrize(
    ("language", "told"), [("en", "19 January"), ("de", "19. Januar"), ("tr", "19 Ocak"), ("pl", "19 stycznia")]
)
def test_a_date_that_the_sentence_lost_is_told_alone(language, told):
    made = reworded("...", "El 19 de enero por la mañana", ES, question("date", language), "es")
    assert made == told == alone("El 19 de enero por la mañana", question("date", language), "es")


def test_a_range_of_years_is_told_with_both_ends():
    assert alone("en el período 2021-2025", question("date"), "es") == "2021–2025"


@pytest.mark.parametrize(
    ("kind", "text", "words", "quote", "written", "told"),
    [
        ("number", "Kim Bang reported many models.", "109 modeli", PL, "pl", "109"),
        ("number", "Kim Bang reported 190 models.", "109 modeli", PL, "pl", "109"),
        ("number", "Many for defence.", "drei Modelle für die nationale Verteidigung", DE, "de", "3"),
        ("number", "The rate rose.", "um 12,5 Prozent", "Es stieg um 12,5 Prozent.", "de", "12.5 %"),
        ("code", "The project was carried out.", "08-DA/TU sayılı Proje", TR, "tr", "08-DA/TU"),
        ("code", "A conclusion of 2018.", "Kesimpulan No. 01-KL/TW", MS, "ms", "01-KL/TW"),
    ],
)
def test_a_figure_or_code_that_the_sentence_lost_is_told_alone(kind, text, words, quote, written, told):
    assert reworded(text, words, quote, question(kind), written) == told
    assert alone(words, question(kind), written) == told


@pytest.mark.parametrize(
    ("written", "words", "told"),
    [
        ("es", "un 30 por ciento", "30 %"),
        ("de", "eine von 29 Gemeinden", "29"),
        ("pl", "jeden z 109", "109"),
        ("tr", "bir 40 yoldaş", "40"),
        ("de", "2024 29 Modelle", "29"),
    ],
)
def test_an_article_or_a_year_beside_a_figure_is_not_told(written, words, told):
    assert alone(words, question("number"), written) == told


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("ms", "Tran Tuan Anh chaired it."),
        ("vi", "It was held in Bà Rịa - Vũng Tàu."),
        ("tr", "The Ha Long Bay Festival was held."),
        ("pl", "The Pan American Games were held."),
        ("id", "Ibu Kota Nusantara grows."),
    ],
)
def test_names_that_look_like_forms_of_address_stay(written, text):
    assert reworded(text, "", "", question("other"), written) == text


@pytest.mark.parametrize(
    ("kind", "language", "text", "words", "quote", "written"),
    [
        ("number", "en", "Kim Bang reported 109 models.", "109 modeli", PL, "pl"),
        ("number", "de", "Kim Bang meldete hundertneun Modelle.", "109 modeli", PL, "pl"),
        ("number", "tr", "Üç savunma modeli.", "drei Modelle für die nationale Verteidigung", DE, "de"),
        ("number", "en", "Eight tasks were done.", "8/33 tugas", sentence("ms", "8/33"), "ms"),
        ("code", "en", "It is project 08-DA/TU.", "08-DA/TU sayılı Proje", TR, "tr"),
        ("other", "en", "They met.", "109 modeli", PL, "pl"),
        ("yesno", "en", "Yes, they met.", "109 modeli", PL, "pl"),
    ],
)
def test_a_sentence_that_holds_what_was_copied_stays(kind, language, text, words, quote, written):
    assert reworded(text, words, quote, question(kind, language), written) == text


def test_a_name_that_the_sentence_lost_is_put_back():
    words = "El camarada Do Viet Anh, miembro del Comité Permanente"
    asked = question("person", text="Who chaired the conference in Ninh Binh?")
    quote = sentence("es", "presidió la conferencia")
    made = reworded("A member of the standing committee.", words, quote, asked, "es")
    assert made == "Do Viet Anh"
    for kept in ("Do Viet Anh chaired it.", "Đỗ Việt Anh chaired it."):
        assert reworded(kept, words, quote, asked, "es") == kept


def test_a_name_of_the_question_is_no_answer_to_put_back():
    asked = question("place", text="Where is Ninh Son?")
    assert reworded("In the south.", "in Ninh Son", DE, asked, "de") == "In the south."


@pytest.mark.parametrize(
    ("written", "words", "text"),
    [
        ("tr", "İl Halk Konseyi Başkanı Yoldaş Nguyen Tien Thanh", "Nguyen Tien Thanh, the chairman, spoke."),
        ("de", "der Ständige Ausschuss des Parteikomitees", "The standing committee leads it."),
        ("pl", "Komitet Partii Rejonowej Kim Bang", "The party committee of Kim Bang set it."),
        ("ms", "Jawatankuasa Pemandu Wilayah", "The steering committee held it."),
    ],
)
def test_a_title_or_body_that_was_translated_is_no_name_that_was_lost(written, words, text):
    assert reworded(text, words, words, question("person", text="Who was it?"), written) == text


@pytest.mark.parametrize(
    ("written", "text", "bare"),
    [
        ("tr", "Yoldaş Nguyen Tien Thanh spoke.", "Nguyen Tien Thanh spoke."),
        ("es", "It was Camarada Do Viet Anh.", "It was Do Viet Anh."),
        ("pl", "Towarzysz Jan Kowal spoke.", "Jan Kowal spoke."),
        ("de", "It was Herr Nguyen.", "It was Nguyen."),
    ],
)
def test_forms_of_address_of_the_reports_language_are_left_out(written, text, bare):
    assert reworded(text, "", "", question("other"), written) == bare


def test_forms_of_address_of_the_askers_own_language_stay():
    text = "Konferansta Yoldaş Nguyen Tien Thanh konuştu."
    assert reworded(text, "", TR_CHAIR, question("other", "tr"), "tr") == text


@pytest.mark.parametrize("kind", ["number", "code", "person", "place", "yesno", "other"])
def test_a_claim_made_without_copying_stays(kind):
    assert reworded("It counted 12 votes.", "", "Es gab 12 Stimmen.", question(kind), "de") == "It counted 12 votes."


def test_a_date_claimed_without_copying_stays():
    assert reworded("On 19 January 2024.", "", ES, question("date"), "es") == "On 19 January 2024."


def test_words_without_figure_or_date_are_told_as_they_are():
    assert alone("por la mañana", question("date"), "es") == "por la mañana"
    assert alone("wielu", question("number"), "pl") == "wielu"
    assert alone("109 modeli", question("other"), "pl")


def test_whether_a_claim_names_a_place_of_its_own():
    asked = question("place", text="Where did Ninh Son hold its meeting?")
    report = article("Text.", language="tr", places=("Thái Bình",))
    for text in ("In Phan Rang.", "It was in Lund.", "Tan Son", "It was held in Thai Binh."):
        assert says_place(text, asked, report), text
    for text in ("In the south.", "Ninh Son held it.", "Somewhere.", "", "there"):
        assert not says_place(text, asked, report), text


def test_a_name_at_the_questions_end_is_the_questions():
    report = article("Text.", language="pl", places=("Kim Bảng",))
    assert not says_place("It is in Kim Bang.", question("place", text="Where is Kim Bang?"), report)


def test_a_body_is_no_place():
    asked = question("place", "tr", "Sıralamayı planlayan il hangisi?")
    report = article("Text.", language="tr", places=("Thái Bình",))
    assert not says_place("İl Kitle Seferberliği Komitesi", asked, report)
    assert not says_place("The Steering Committee did.", question("place", text="Which province did it?"), report)


def test_a_leap_day_put_into_another_year_breaks_nothing():
    quote = "El 29 de febrero se reunieron."
    assert "29" in reworded("It was on 29 March 2023.", "29 de febrero", quote, question("date"), "es")
