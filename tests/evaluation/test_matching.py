"""Answers against accepted ones, in several languages and spellings."""

import pytest

from rag.evaluation.matching import contains, exact_match, in_language, normalised, number_match, plain, token_f1


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("The Council of Łódź! [1]", "en", ["council", "of", "lodz"]),
        ("Der Rat, „die Stadt“", "de", ["rat", "stadt"]),
        ("La ciudad de los Ángeles", "es", ["ciudad", "de", "angeles"]),
        ("İstanbul'un Işığı", "tr", ["istanbul", "un", "isigi"]),
        ("The tygodnik", "pl", ["the", "tygodnik"]),  # Polish has no articles to take out
        ("Đỗ Việt Anh", "vi", ["do", "viet", "anh"]),
        ("東京2024年", "zh", ["東", "京", "2024", "年"]),
    ],
)
def test_words_lose_case_marks_punctuation_and_articles(text, language, words):
    assert normalised(text, language) == words


def test_markers_are_no_part_of_an_answer():
    assert plain("109 models. [1] [2] In Lund. [3]") == "109 models. In Lund."


def test_exact_match_takes_any_accepted_answer():
    assert exact_match("The Kim Bảng. [1]", ["Hai Phong", "kim bang"], "en") == 1.0
    assert exact_match("Kim Bang district", ["Kim Bang"], "en") == 0.0
    assert exact_match("x", [], "en") is None


def test_token_f1_is_that_of_the_best_answer():
    assert token_f1("Oslo council met", ["the council"], "en") == pytest.approx(2 * 1 / (3 + 1))
    assert token_f1("a b c", ["x", "b c"], "de") == pytest.approx(2 * 2 / (3 + 2))
    assert token_f1("no no", ["no"], "pl") == pytest.approx(2 / 3)  # a word counts as often as both have it
    assert token_f1("", ["a"], "pl") == 0.0
    assert token_f1("", [], "pl") is None


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("It reported 1,234 models.", "en", 1.0),
        ("Es waren 1.234 Modelle.", "de", 1.0),
        ("1234 modeli [1]", "pl", 1.0),
        ("It reported 12,345. [1234]", "en", 0.0),  # the number of a citation is none of the answer
    ],
)
def test_number_match_reads_each_languages_digits(text, language, found):
    assert number_match(text, 1234, language) == found


@pytest.mark.parametrize(
    ("text", "answer", "language", "same"),
    [
        ("July 5, 2023", "5 July 2023", "en", 1.0),
        ("5 July 2023. [1]", "July 5, 2023", "en", 1.0),
        ("5 July 2023", "6 July 2023", "en", 0.0),
        ("5 July", "5 July 2023", "en", 0.0),
        ("5. Juli 2023", "July 5, 2023", "de", 1.0),
        ("5 Temmuz 2023", "5 July 2023", "tr", 1.0),
        ("2023年7月5日", "July 5, 2023", "zh", 1.0),
        ("5 July 2023 in Lund", "July 5, 2023", "en", 0.0),
    ],
)
def test_a_date_is_the_same_in_whichever_form(text, answer, language, same):
    assert exact_match(text, [answer], language) == same
    assert (token_f1(text, [answer], language) == 1.0) == bool(same)
    longer = "5 July 2023 in Lund"
    assert contains(text, [answer], language) == (1.0 if text == longer else same)


def test_number_match_reads_words_and_needs_a_number():
    assert number_match("dokuz model", 9.0, "tr") == 1.0
    assert number_match("7.5 percent", 7.5, "en") == 1.0
    assert number_match("nine", None, "en") is None


def test_contains_ignores_case_marks_and_spaces():
    assert contains("W dystrykcie  KIM\nBẢNG jest", ["Kim Bang"], "pl") == 1.0
    assert contains("Hayır, evet değil.", ["evet"], "tr", first=True) == 0.0
    assert contains("Evet, öyle.", ["evet"], "tr", first=True) == 1.0
    assert contains("Januar 2024.", ["ja"], "de", first=True) == 0.0
    assert contains("是的，通过了。", ["是"], "zh", first=True) == 1.0
    assert contains("x", [], "en") is None


@pytest.mark.parametrize(
    ("text", "language", "gold", "gold_language", "found"),
    [
        ("It met on 5 July 2023.", "en", "July 5, 2023", "en", 1.0),
        ("Odbyło się 5 lipca 2023 r.", "pl", "5 Temmuz 2023", "tr", 1.0),
        ("Встреча прошла 5 июля 2023 года", "ru", "5 July", "en", 1.0),  # tells more than is asked
        ("It met on 6 July 2023.", "en", "July 5, 2023", "en", 0.0),
        ("It met in July.", "en", "July 5, 2023", "en", 0.0),
        ("3,2 Mrd. Dong", "de", "3.2 billion", "en", 1.0),
        ("3200000000", "es", "3.2 billion", "en", 1.0),
        ("1,5 tỷ đồng", "vi", "1.5 billion", "en", 1.0),
        ("Es waren 1.234.", "de", "1,234", "en", 1.0),
        ("109年", "zh", "109", "zh", 1.0),
        ("1,109 models", "en", "109", "en", 0.0),  # a figure inside a longer one
        ("in 2012", "en", "12", "en", 0.0),
        ("about 3.2 tons", "en", "3.2 billion tons", "en", 0.0),
    ],
)
def test_dates_and_numbers_count_in_any_form(text, language, gold, gold_language, found):
    assert contains(text, [gold], language, gold_language=gold_language) == found


def test_the_answers_language_is_told_from_its_words():
    assert in_language("The council counted twelve votes for the bridge. [1]", "en", ["de"]) == 1.0
    assert in_language("Der Rat zählte zwölf Stimmen für die Brücke.", "en", ["de"]) == 0.0
    assert in_language("109 [1]", "en") is None
    assert in_language("Kim Bang", "en") is None
