"""Words of a report in the asker's language, without a model: nothing is added, nothing that matters is left out."""

from __future__ import annotations

import re
from datetime import date

import pytest

from rag.answering.localization import Told, is_name, language_name, quoted, same_language, tell, tell_day, tell_value
from rag.language import told_in

SPACES = str.maketrans("\xa0\u202f\u2009", "   ")  # how CLDR groups thousands is not the point here


def told(words: str, written: str, asked: str) -> str:
    found = tell(words, written, asked)
    assert not found.foreign, found
    return found.text.translate(SPACES)


@pytest.mark.parametrize(
    ("written", "words", "asked", "text"),
    [
        ("es", "19 de enero de 2024", "de", "19. Januar 2024"),
        ("de", "am 5. Juli", "en", "5 July"),
        ("pl", "w lipcu 2023 r.", "en", "July 2023"),
        ("ru", "5 июля 2023 года", "pl", "5 lipca 2023"),
        ("it", "12 maggio 2022", "tr", "12 Mayıs 2022"),
        ("tr", "21 Aralık 2023", "zh", "2023年12月21日"),
        ("vi", "ngày 10 tháng 9 năm 2024", "fr", "10 septembre 2024"),
        ("ms", "5 Julai 2024", "ar", "5 يوليو 2024"),
        ("pl", "2023", "en", "2023"),
        ("th", "4 ตุลาคม 2566", "en", "4 October 2023"),
        ("ko", "2023년 7월 5일", "de", "5. Juli 2023"),
        ("pl", "5–7 lipca 2023", "es", "5 de julio de 2023–7 de julio de 2023"),
    ],
)
def test_dates_are_told_with_the_parts_that_they_have(written, words, asked, text):
    assert told(words, written, asked) == text


@pytest.mark.parametrize("words", ["21 Aralık sabahı", "5 lipca 2023 r. o 14:30"])
def test_a_date_that_says_more_is_left_as_it_stands(words):
    """The year of another calendar, the morning, the hour."""
    written = {"4": "th", "2": "tr", "5": "pl"}[words[0]]
    assert tell(words, written, "en") == Told(words, foreign=True)


@pytest.mark.parametrize(
    ("written", "words", "asked", "text"),
    [
        ("de", "12. Mai bis 3. Juni", "en", "12 May–3 June"),
        ("de", "am 12. Mai und 3. Juni", "en", ""),
        ("de", "2019 oder 2021", "en", ""),
        ("en", "from 2019 to 2021", "de", "2019–2021"),
        ("en", "2019 and 2021", "de", ""),
        ("es", "del 3 de mayo al 5 de junio", "en", "3 May–5 June"),
        ("en", "03/04/2024", "de", ""),  # of March or of April
    ],
)
def test_a_span_of_days_is_told_and_two_days_are_not_made_one(written, words, asked, text):
    assert tell_value(words, written, asked).translate(SPACES) == text


@pytest.mark.parametrize(
    ("written", "words", "asked", "text"),
    [
        ("pl", "109 modeli", "en", "109"),
        ("de", "29 Modelle", "vi", "29"),
        ("id", "12 ribu orang", "de", "12.000"),
        ("es", "ciento nueve modelos", "pl", "109"),
        ("pl", "38 416 wniosków", "en", "38,416"),
        ("vi", "1.040 gia đình", "fr", "1040"),
        ("en", "6.8 billion people", "es", "6,8 mil millones"),
        ("en", "6.8 billion people", "ja", "68億"),
        ("ko", "300만 명", "en", "3 million"),
        ("uk", "12 тисяч людей", "en", "12,000"),
        ("en", "1,234,567 votes", "de", "1.234.567"),  # not 1,235 Millionen
    ],
)
def test_figures_are_told_with_their_magnitude(written, words, asked, text):
    assert told(words, written, asked) == text


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("ba", "12 мең кеше"),
        ("av", "12 азарго чи"),
    ],
)
def test_a_figure_of_a_language_whose_words_for_millions_are_not_known_is_not_told_without_them(written, words):
    assert tell(words, written, "en") == Told(words, foreign=True)
    assert tell("12", written, "en") == Told("12"), "digits alone are"


@pytest.mark.parametrize(
    ("written", "words", "asked", "text"),
    [
        ("tr", "yüzde 87,5", "en", "87.5 %"),
        ("ms", "94 peratus", "pl", "94 %"),
        ("de", "12 Prozent der Kinder", "fr", "12 %"),
        ("pl", "29 hektarach", "de", "29 Hektar"),
        ("de", "16 Kilometer", "es", "16 kilómetros"),
        ("fr", "12 kilomètres", "pl", "12 kilometrów"),
        ("pl", "5 460 metrów kwadratowych", "vi", "5.460 mét vuông"),
        ("vi", "3 tháng", "tr", "3 ay"),
        ("tr", "41 metre", "en", "41 metres"),  # not "metrekare"
        ("tr", "147 kilometre", "de", "147 Kilometer"),
        ("tr", "500 metrekarelik", "en", "500 square metres"),
    ],
)
def test_measures_keep_their_unit(written, words, asked, text):
    assert told(words, written, asked) == text


@pytest.mark.parametrize(
    ("written", "words", "asked", "text"),
    [
        ("en", "$3.2 billion", "fr", "3,2 milliards $"),
        ("en", "$3.2 billion", "de", "3,2 Milliarden $"),
        ("en", "$3.2 billion", "zh", "$32亿"),
        ("tr", "3,2 milyar dolar", "en", "$3.2 billion"),
        ("es", "40 dólares", "pl", "40 $"),
        ("en", "$1,234,567", "pt", "1.234.567 $"),  # to the last dollar
        ("en", "€3.5 million", "tr", "3,5 milyon €"),
        ("tr", "3 milyon euro", "vi", "3 triệu euro"),
        ("en", "£20", "de", "20 £"),
        ("pl", "6,8 miliarda dongów", "en", "6.8 billion Vietnamese dong"),
    ],
)
def test_money_keeps_its_currency_and_no_dollar_becomes_an_american_one(written, words, asked, text):
    assert told(words, written, asked) == text


@pytest.mark.parametrize("asked", ["en", "fr", "es", "de", "vi", "ar", "zh", "hi", "sw", "pt"])
def test_nothing_of_a_country_is_added_to_a_dollar(asked):
    words = told("$40 million" if asked != "en" else "40 milionów $", "pl" if asked == "en" else "en", asked)
    assert "$" in words and not re.search(r"US|[^\W\d_]\$|\$[^\W\d_]", words)


@pytest.mark.parametrize(
    ("written", "words", "text"),
    [
        ("vi", "43-NQ/TW", "43-NQ/TW"),
        ("es", "No. 08-DA/TU", "08-DA/TU"),
        ("ms", "8/33", "8/33"),
        ("de", "7 von 8", "7/8"),
        ("en", "COVID-19", "COVID-19"),
    ],
)
def test_codes_and_ratios_are_told_alike_everywhere(written, words, text):
    for asked in ("pl", "fr", "ru", "zh"):
        assert told(words, written, asked) == text


@pytest.mark.parametrize(
    ("written", "words", "asked"),
    [
        ("en", "Hai Phong", "de"),
        ("de", "Karl Huber", "en"),
        ("es", "Do Viet Anh", "zh"),
        ("tr", "Kim Bang", "ar"),
        ("pl", "Ninh Son", "vi"),
    ],
)
def test_names_stay(written, words, asked):
    assert told(words, written, asked) == words


@pytest.mark.parametrize(
    ("written", "words", "asked", "shown"),
    [
        ("pl", "komitet dystryktu", "en", "“komitet dystryktu” (Polish)"),
        ("de", "Anfang März", "pl", "“Anfang März” (niemiecki)"),  # German capitals make no name
        ("de", "Der Bürgermeister", "es", "“Der Bürgermeister” (alemán)"),
        ("zh", "北京", "de", "“北京” (Chinesisch)"),
        ("ar", "القاهرة", "tr", "“القاهرة” (Arapça)"),
        ("vi", "trận lụt lớn", "ms", "“trận lụt lớn” (Vietnam)"),
        ("ru", "мэр города", "zh", "“мэр города” (俄语)"),
        ("fr", "147 km/h", "en", "“147 km/h” (French)"),  # a rate is more than its first unit
        ("de", "147 Kilometer pro Stunde", "en", "“147 Kilometer pro Stunde” (German)"),
        ("it", "147 chilometri all'ora", "en", "“147 chilometri all'ora” (Italian)"),
        ("en", "750 bin lira", "tr", "“750 bin lira” (İngilizce)"),  # Turkish for thousand, in an English report
        ("tr", "yeni hastane", "vi", "“yeni hastane” (Tiếng Thổ Nhĩ Kỳ)"),
    ],
)
def test_other_words_stand_in_quotation_marks_with_their_language_in_the_askers(written, words, asked, shown):
    assert tell(words, written, asked) == Told(words, foreign=True)
    assert quoted(words, written, asked) == shown


@pytest.mark.parametrize(("one", "other"), [("pl", "pl"), ("pt", "pt-BR"), ("ms", "id"), ("id-ID", "ms")])
def test_who_reads_the_reports_language_is_told_its_own_words(one, other):
    assert same_language(one, other)
    assert tell("109  modeli,\nw tym 13", one, other) == Told("109 modeli, w tym 13")


def test_malay_is_not_read_by_everybody():
    assert not same_language("ms", "en") and not same_language("id", "pl")


def test_language_names_where_one_is_not_known():
    assert language_name("pl", "xx") == "Polish"
    assert language_name("xx-YY", "pl") == "xx-YY"
    assert told_in("xx").language == told_in("en").language == "en" and told_in("en").territory == "GB"


@pytest.mark.parametrize(
    ("written", "words", "text"),
    [
        ("it", "Renato Falcetti", "Ha parlato Renato Falcetti, presidente del consorzio."),
        ("el", "Γιώργος Παππάς", "Μίλησε ο Γιώργος Παππάς, πρόεδρος της ένωσης."),
        ("ru", "Иван Петров", "Выступил Иван Петров, глава союза."),
        ("tr", "İnci Şahin", "Toplantıyı İnci Şahin yönetti."),
    ],
)
def test_words_that_a_report_never_has_in_small_letters_are_a_name(written, words, text):
    assert tell(words, written, "en", text) == Told(words)


@pytest.mark.parametrize(
    ("written", "words", "text"),
    [
        ("it", "Consorzio Interno", "Il Consorzio Interno, un consorzio fra comuni, ha deciso."),
        ("it", "Un Uomo", "Un Uomo è arrivato: così un testimone."),
        ("it", "IL SINDACO ARRIVA", "IL SINDACO ARRIVA. Presto."),
        ("en", "Steering Committee", "The Steering Committee met; the committee decided."),
        ("en", "Last Monday Morning", "Last Monday Morning It Rained"),
        ("de", "Der Bürgermeister", "Der Bürgermeister kam."),
        ("lb", "De Buergermeeschter", "De Buergermeeschter koum."),
        ("ka", "მთავარი მოედანი", "მთავარი მოედანი"),
    ],
)
def test_capitals_that_make_no_name(written, words, text):
    assert tell(words, written, "sw", text) == tell(words, written, "sw") == Told(words, foreign=True)


@pytest.mark.parametrize(
    ("written", "words", "asked", "text"),
    [
        ("it", "nove", "en", "9"),
        ("cs", "sedm set", "de", "700"),
        ("ru", "двенадцать", "fr", "12"),
        ("ar", "ثمانية", "en", "8"),
        ("zh", "二十万", "en", "200,000"),
        ("nl", "vier jaar", "en", "4 years"),
    ],
)
def test_number_words_that_are_the_whole_answer_are_told_in_digits(written, words, asked, text):
    assert told(words, written, asked) == text


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("it", "una"),  # one, and the article
        ("it", "quinto"),
        ("bg", "сорок жени"),  # of no known unit
        ("bg", "два и половина"),
        ("nl", "twee weken lang"),
        ("ja", "三枝"),
        ("fr", "neuf"),  # listed: new
    ],
)
def test_number_words_that_may_say_more_are_left_as_they_stand(written, words):
    assert tell_value(words, written, "en") == ""


def test_a_number_word_with_a_capital_may_be_a_name():
    assert tell("Tatu", "sw", "en").text == "Tatu"


def test_a_script_without_capitals_makes_no_name():
    assert not is_name("北京", "zh") and not is_name("", "en") and not is_name("12", "en")


@pytest.mark.parametrize(("language", "text"), [("en", "3 March 2021"), ("pl", "3 marca 2021"), ("zh", "2021年3月3日")])
def test_a_day_in_words(language, text):
    assert tell_day(date(2021, 3, 3), language) == text
