"""Names of weekdays, in many languages, with their endings; and words that only look like them."""

import pytest

from rag.language import locale_of
from rag.language.days_of_week import weekdays


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("pl", "19 stycznia w poniedziałek, w środę i w niedzielę", {0, 2, 6}),
        ("de", "Am Montag, dem 19., und sonntags", {0, 6}),
        ("es", "el miércoles y los domingos", {2, 6}),
        ("tr", "Cuma günü, Pazartesiye kadar", {0, 4}),
        ("ms", "pada hari Isnin dan Jumaat", {0, 4}),
        ("en", "on Monday and on Sundays", {0, 6}),
        ("en", "sundae for many a man at the fryer", set()),
        ("es", "marte y la luna", set()),
        ("xx", "Monday", set()),
        ("ru", "в пятницу, в субботу и до воскресенья", {4, 5, 6}),
        ("uk", "у середу, в п'ятницю, у п’ятницю і в неділю", {2, 4, 6}),
        ("sr", "u sredu i u petak", {2, 4}),
        ("pt", "na terça-feira e no sábado", {1, 5}),
        ("vi", "Chủ nhật tới", {6}),
        ("fa", "سه‌شنبه، پنج‌شنبه و یکشنبه", {1, 3, 6}),
        ("he", "ביום שלישי", {1}),
        ("ar", "الثلاثاء والجمعة", {1, 4}),
        ("zh", "星期二和每周五", {1, 4}),
        ("zh", "週二", {1}),
        ("zh", "一周一次、三星期一次", set()),
        ("ja", "火曜日に", {1}),
        ("ko", "화요일에", {1}),
        ("hi", "मंगलवार को", {1}),
        ("th", "เมื่อวันอังคาร", {1}),
        ("ru", "средства и средний", set()),
        ("es", "en Santo Domingo", set()),
        ("es", "el domingo en Santo Domingo", {6}),
        ("ro", "luni, 19 ianuarie 2024", {0}),
    ],
)
def test_days_of_the_week(language, text, days):
    assert weekdays(text, language, sure=True) == weekdays(text, language) == days


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("tr", "pazarda elma ve salıncak", 6),
        ("id", "tiga minggu", 6),
        ("ru", "в окружающую среду", 2),
        ("sr", "три недеље", 6),
        ("vi", "lần thứ ba", 1),
        ("fa", "پنج شنبه", 5),
        ("ro", "de 6 luni", 0),
        ("ta", "செவ்வாய்க்கிழமை", 1),  # the name is the planet's too, and the language has no entry
    ],
)
def test_words_that_mostly_mean_no_day_of_the_week_prove_one_and_need_no_proof(language, text, day):
    assert weekdays(text, language) == {day} and weekdays(text, language, sure=True) == set()


def test_a_language_has_the_names_of_its_own_days_of_the_week():
    locale_of("ig").days["stand-alone"]["wide"]  # by which babel gives every language Igbo's
    assert weekdays("mọnde", "gl") == set()
