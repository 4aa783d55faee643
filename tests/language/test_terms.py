import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.language.terms import sketch, starts_sentence, stem, tokens


def words(text, language, **more):
    return set(tokens(text, language, **more).words)


def names(text, language="en", **more):
    return list(tokens(text, language, **more).names)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Modelle", "Modellen"),
        ("es", "movilización", "movilizaciones"),
        ("pl", "modeli", "modele"),
        ("tr", "hastaneler", "hastane"),
        ("en", "models", "model"),
        ("ms", "dibuka", "buka"),
        ("id", "dibuka", "buka"),
    ],
)
def test_words_meet_by_the_stem_of_their_language(language, one, other):
    assert stem(one, language) == stem(other, language)
    assert words(one, language) == words(other, language)


def test_a_language_stems_only_its_own_words():
    assert stem("models", "en") == "model"
    assert stem("models", "vi") == "models"
    assert stem("modelos", "de") != stem("modelos", "es")


@pytest.mark.parametrize("word", ["de", "la", "en", "van", "museum"])
def test_words_do_not_cross_languages(word):
    languages = ("es", "fr", "de", "vi", "tr")
    assert len({tokens(word, language).words for language in languages}) == len(languages)
    assert names(word, "es") == []


def test_regions_of_a_language_share_its_words():
    assert words("modelos", "es-MX") == words("modelo", "es") == {"es_model"}


@pytest.mark.parametrize(
    ("marked", "bare"),
    [("Kim Bảng", "Kim Bang"), ("Đỗ Việt Anh", "Do Viet Anh"), ("Ninh Thuận", "Ninh Thuan"), ("Łódź", "Lodz")],
)
def test_names_meet_with_and_without_their_marks(marked, bare):
    assert names(marked, "vi") == names(bare, "pl") == names(bare.lower(), "en", asked=True)


@pytest.mark.parametrize(
    "spellings",
    [
        "Warschau Varsovia Varşova Warszawa Warsaw",
        "Polonia Polonya Polônia",
        "Philippinen Filipinas Filipinler",
        "Yugoslavia Jugoslawien Jugosławia",
        "Theodor Teodoro Teodor",
        "Mississippi Misisipi",
        "Quebec Kebek",
    ],
)
def test_long_names_meet_by_the_sound_of_their_beginning(spellings):
    assert len({sketch(name) for name in spellings.split()}) == 1
    assert names(spellings.split()[0].lower(), "de", asked=True) == names(spellings.split()[-1], "tr")


def test_short_names_meet_only_themselves():
    assert [sketch(name) for name in ("Kim", "Hoa", "Ninh", "Bảng", "Đỗ")] == ["kim", "hoa", "ninh", "bang", "do"]
    assert len({sketch(name) for name in ("Thái", "Thanh", "Tây", "Hai", "Ai")}) == 5
    assert [sketch(name) for name in ("Ninhs", "hhhhh", "Łódźki")] == ["nins", "hhhhh", "lods"]


def test_a_vietnamese_name_typed_without_marks_meets_as_a_word_too():
    assert words("Bảng", "vi") == words("bang", "vi")


def test_only_capitals_make_names_in_a_report_and_any_word_in_a_question():
    assert names("the district of Kim Bang", "en") == ["kim", "bang"]
    assert names("kim bang", "en") == []
    assert names("kim bang", "en", asked=True) == ["kim", "bang"]


@pytest.mark.parametrize("code", ["43-NQ/TW", "08-DA/TU", "05-CT/TW", "01-KL/TW", "8/33", "2023-07-05"])
def test_codes_stay_whole(code):
    found = names(f"La Resolución No. {code}, leída.", "es")
    assert code.lower() in found
    assert not {"43", "nq", "tw", "33"} & set(found)
    assert names(code.lower(), asked=True) == names(code)


@pytest.mark.parametrize("text", ["1.234", "1,234", "1\u00a0234", "1\u202f234", "1234"])
def test_grouped_numbers_are_equal(text):
    assert names(f"Seramai {text} keluarga", "ms") == ["sera", "1234"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12.345.678", ["12345678"]),
        ("56,2", ["56.2"]),
        ("56.2", ["56.2"]),
        ("1,2345", ["1.2345"]),
        ("109.", ["109"]),
        ("7/8", ["7/8"]),
        ("10%", ["10"]),
    ],
)
def test_numbers_are_read_alike(text, found):
    assert names(text) == found


def test_the_turkish_i():
    assert stem("IŞIK", "tr") == stem("ışık", "tr")
    assert stem("İLGİ", "tr") == stem("ilgi", "tr")
    assert words("IŞIKLI İL", "tr") == words("ışıklı il", "tr")
    assert names("İstanbul", "tr") == names("Istanbul", "en") == names("istanbul", "en", asked=True) == ["ista"]
    assert names("Işıklı", "tr") == names("ISIKLI", "en")


def test_a_capital_after_a_sentence_end_is_no_proper_name():
    found = tokens("Modele działają. Komitet Kim Bang: Wójt „Nowak” podziękował.\nPotem Łódź", "pl")
    assert found.proper == ("kim", "bang", "nowak", "lodz")
    assert "komi" in found.names


@pytest.mark.parametrize("before", ["", "Koniec. ", "Koniec! „", "¿", "Lista;\n", "a: (", "a… "])
def test_what_stands_first_in_a_sentence(before):
    assert starts_sentence(f"{before}Kim", len(before))


def test_what_does_not_stand_first():
    assert not starts_sentence("w Kim Bang", 2)
    assert not starts_sentence("Kim Bang, Ninh", 10)


@pytest.mark.parametrize("text", ["", "   ", "🎉🎉", "!?", "\0"])
def test_a_text_without_words_has_no_tokens(text):
    assert tokens(text, "pl").words == tokens(text, "und").names == ()


def test_order_and_repetition_are_kept():
    assert names("Kim Bang, Kim 109") == ["kim", "bang", "kim", "109"]


def test_threads_do_not_disturb_each_other_s_stems():
    texts = {
        "en": "nationalities relational conditionally hopefulness vietnamization operators " * 30,
        "de": "Bürgermeisterinnen Verwaltungsgerichte aufeinanderfolgenden Möglichkeiten " * 30,
        "pl": "mobilizacji modeli województwach wdrożonych " * 30,
        "tr": "mahallelerindeki köprülerimizden kütüphanesi okullarımızın " * 30,
        "ru": "заповедниками голосованием неоднократного строительством " * 30,
    }
    alone = {language: tokens(text, language) for language, text in texts.items()}
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda language: (language, tokens(texts[language], language)), [*texts] * 8))
    finally:
        sys.setswitchinterval(interval)
    for language, terms in found:
        assert terms == alone[language]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("कारण प्रत्यारोपण", "hi", {"hi_कारण", "hi_प्रत्यारोपण"}),
        ("কতজন মানুষ", "bn", {"bn_কতজন", "bn_মানুষ"}),
        ("ಕನ್ನಡ ನಾಡು", "kn", {"kn_ಕನ್ನಡ", "kn_ನಾಡು"}),
    ],
)
def test_a_letter_keeps_its_marks(text, language, expected):
    assert words(text, language) == {unicodedata.normalize("NFC", word) for word in expected}


def test_a_mark_of_its_own_is_the_same_as_one_within_its_letter():
    assert words("e\u0301cole", "fr") == words("école", "fr") == {"fr_ecol"}
    assert words("か\u3099っこう", "ja") == words("がっこう", "ja")
    assert words("ا\u0654حمد", "und") == words("أحمد", "und")


@pytest.mark.parametrize(
    ("pointed", "bare", "language"),
    [("كَتَبَ الوَلَدُ", "كتب الولد", "ar"), ("שָׁלוֹם", "שלום", "he"), ("جميـــل", "جميل", "ar"), ("می‌خواهم", "می‌خواهم", "fa")],
)
def test_points_that_are_mostly_left_out_do_not_matter(pointed, bare, language):
    found = words(pointed, language)
    assert found == words(bare, language) and not any("\u200c" in word for word in found)


@pytest.mark.parametrize(
    ("question", "text", "language", "shared"),
    [
        ("市議會數了多少票?", "星期二,市議會數了109張票。", "zh", {"zh_市議", "zh_議會", "zh_會數", "zh_數了"}),
        ("市議会は何票", "火曜日、市議会は109票を数えた。", "ja", {"ja_市議", "ja_議会", "ja_会は"}),
        ("เมืองนับ", "เมื่อวานเมืองนับคะแนน", "th", {"th_เมื", "th_มือ", "th_อง", "th_งนั", "th_นับ"}),
    ],
)
def test_scripts_without_spaces_meet_by_pairs_of_letters(question, text, language, shared):
    assert words(question, language) & words(text, language) == shared


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("2024年5月、1,234票", "zh", ["2024", "5", "1234"]),
        ("في ٢٠٢٤ نحو ١٬٢٣٤ و ٣٫٥", "ar", ["2024", "1234", "3.5"]),
        ("२०२४ में", "hi", ["2024"]),
        ("พ.ศ. ๒๕๖๗", "th", ["2567"]),
    ],
)
def test_numbers_meet_in_any_digits_and_between_letters(text, language, expected):
    assert [name for name in names(text, language) if name[0].isdigit()] == expected


def test_a_lone_letter_is_a_word():
    assert words("票 A", "zh") == {"zh_票", "zh_a"}
