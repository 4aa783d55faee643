"""Which stretches of real sentences can answer a how-many, a which-document, a when, a who."""

from __future__ import annotations

import pytest
from fake_reports import seeds

from rag.candidates import candidates
from rag.passages import sentences
from rag.questions import Question

REPORTS = {report.language: report for report in seeds()}


def sentence(language: str, words: str) -> str:
    return next(held.text for held in sentences(REPORTS[language]) if words in held.text)


def found(kind: str, text: str, written: str, asked: str = "?", language: str = "en") -> list[str] | None:
    spans = candidates(Question(asked, language, kind, (), (), (), ()), text, written)
    if spans is None:
        return None
    assert spans == sorted(spans)
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("language", "words", "numbers"),
    [
        ("pl", "109 modeli", ["109"]),
        ("de", "29 Modellen", ["29", "13", "13", "drei"]),
        ("tr", "40 yoldaş", ["40"]),
        ("tr", "16 kolektif", ["16"]),
        ("es", "con 9 tareas", ["9"]),
        ("ms", "8/33", ["7/8", "8/33", "9/33"]),
        ("pl", "Życie materialne", []),
        ("de", "Foto: L.Thi", []),
    ],
)
def test_numbers_but_those_of_dates_and_codes(language, words, numbers):
    held = found("number", sentence(language, words), language)
    assert held is not None
    # Ordinals and Roman numerals beside them may be asked for too.
    assert [number for number in held if number in numbers] == numbers
    assert not any(year in held for year in ("2023", "2024", "2021", "2025"))
    assert numbers or held == []


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("en", "Which of the 13 economic models were new, and how many?"),
        ("de", "Wie viele der 13 Wirtschaftsmodelle waren neu?"),
        ("es", "¿Cuántos de los 13 modelos económicos eran nuevos?"),
        ("tr", "13 ekonomik modelin kaçı yeniydi?"),
        ("pl", "Ile z 13 modeli gospodarczych było nowych?"),
        ("ms", "Berapakah daripada 13 model ekonomi yang baharu?"),
    ],
)
def test_a_number_that_the_question_says_itself_answers_nothing(language, asked):
    assert found("number", sentence("de", "29 Modellen"), "de", asked, language) == ["29", "drei"]


def test_articles_are_no_numbers():
    assert found("number", "Der Rat nahm ein Programm und eine Regel an.", "de") == []
    assert found("number", "One councillor read a letter.", "en") == []


@pytest.mark.parametrize(
    ("language", "words", "codes"),
    [
        ("tr", "08-DA/TU", ["08-DA/TU"]),
        ("es", "43-NQ/TW", ["43-NQ/TW"]),
        ("ms", "01-KL/TW", ["01-KL/TW", "05-CT/TW"]),
        ("ms", "8/33", []),
        ("pl", "109 modeli", []),
    ],
)
def test_codes_of_documents(language, words, codes):
    assert found("code", sentence(language, words), language) == codes


@pytest.mark.parametrize(
    ("language", "words", "dates"),
    [
        ("es", "El 19 de enero", ["19 de enero"]),
        ("de", "29 Modellen", ["2024"]),
        ("pl", "Komitet Dystryktu", ["2023", "2024"]),
    ],
)
def test_dates(language, words, dates):
    held = found("date", sentence(language, words), language)
    assert held is not None and [date for date in dates if any(date in one for one in held)] == dates


@pytest.mark.parametrize(("language", "words", "day"), [("tr", "08-DA/TU", "5 Temmuz"), ("ms", "01-KL/TW", "2 Mei")])
def test_the_day_of_a_document_answers_for_documents_only(language, words, day):
    text = sentence(language, words)

    def offered(asked: str) -> bool:
        return any(day in one for one in found("date", text, language, asked, "en") or [])

    assert offered("Which day was the project issued?")
    assert not offered("Which day was the conference held?")


def test_a_date_that_the_question_says_itself_is_left_out():
    text = "Am 3. März 2021 tagte der Rat, am 5. Mai 2021 erneut."
    held = found("date", text, "de", "Wann traf er sich nach dem 3. März 2021?", "de")
    assert held is not None and [one.startswith("5. Mai 2021") for one in held] == [True]


def test_an_hour_answers_a_question_for_one():
    held = found("date", "Der Rat tagte ab 8 Uhr.", "de", "Um wie viel Uhr tagte der Rat?", "de")
    assert held == ["8"]


def test_the_figures_of_a_date_are_no_hours():
    held = found("date", "Am 3. März 2021 tagte der Rat ab 8 Uhr.", "de", "Um wie viel Uhr tagte der Rat?", "de")
    assert held is not None and "8" in held and "3" not in held and "2021" not in held


def test_a_bare_year_answers_only_where_no_day_does():
    assert found("date", "Bis 2024 haben sie sich angemeldet.", "de", "Wann meldeten sie sich an?", "de") == ["2024"]
    held = found("date", "Am 3. Mai 2021 kam der Plan für 2024.", "de", "Wann kam der Plan?", "de")
    assert held is not None and [one.startswith("3. Mai 2021") for one in held] == [True]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ms", "melaksanakan Arahan No. 05-CT/TW 2016 dan tema kerja bagi tahun 2024"),
        ("de", "zur Umsetzung der Direktive 05-CT/TW von 2016 und des Themas der Arbeit 2024"),
        ("es", "en 2024, para cumplir la conocida Directiva 05-CT/TW de 2016"),
        ("pl", "wdrożenie dyrektywy 05-CT/TW z 2016 r. oraz tematu pracy w roku 2024"),
        ("tr", "2024 yılının çalışma konusu ve 2016 tarihli 05-CT/TW sayılı Direktif"),
        ("en", "for the first half of 2024 and following Directive 05-CT/TW (2016)"),
    ],
)
def test_the_year_of_a_document_stands_beside_its_number(language, text):
    def years(asked: str, text: str) -> list[str]:
        question = Question(asked, "en", "date", (), (), (), ("05-CT/TW",))
        return [text[start:end] for start, end in candidates(question, text, language) or ()]

    assert ["2016" in year for year in years("In what year was Directive 05-CT/TW issued?", text)] == [True]
    bare = text.replace("2016", "")
    assert years("In what year was Directive 05-CT/TW issued?", bare) == []
    assert ["2024" in year for year in years("In what year was Directive 05-CT/TW spread?", bare)] == [True]


@pytest.mark.parametrize(
    ("language", "words", "persons"),
    [
        ("tr", "konferansa başkanlık etti", ["Nguyen Tien Thanh", "Nguyen Van Giang"]),
        ("es", "presidió la conferencia", ["Do Viet Anh"]),
        ("pl", "109 modeli", None),
        ("de", "Foto: L.Thi", None),
        ("ms", "8/33", None),
    ],
)
def test_persons_where_any_is_named(language, words, persons):
    assert found("person", sentence(language, words), language, "Who chaired it?") == persons


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("en", "Who chaired the conference with Nguyen Tien Thanh?"),
        ("de", "Wer leitete die Konferenz neben Nguyễn Tiến Thành?"),
        ("es", "¿Quién presidió la conferencia con NGUYEN TIEN THANH?"),
        ("pl", "Kto prowadził konferencję z nguyen tien thanh?"),
    ],
)
def test_a_person_that_the_question_says_itself_answers_nothing(language, asked):
    text = sentence("tr", "konferansa başkanlık etti")
    assert found("person", text, "tr", asked, language) == ["Nguyen Van Giang"]
    assert found("person", "Nguyen Tien Thanh konuştu.", "tr", asked, language) is None


def test_a_form_of_address_is_no_part_of_a_persons_name():
    text = "Comrade Nguyen Van Giang spoke after Do Viet Anh."
    assert found("person", text, "en", "Who spoke last?") == ["Nguyen Van Giang", "Do Viet Anh"]


@pytest.mark.parametrize("kind", ["person", "place", "yesno", "gather", "other"])
def test_any_words_may_answer_other_questions(kind):
    assert found(kind, sentence("pl", "109 modeli"), "pl") is None


@pytest.mark.parametrize(
    ("language", "text", "offered"),
    [
        ("en", "It cost 6.8 billion dong, of which the district paid 4.1 billion and 12 families the rest.", 2),
        ("de", "Es kostete 6,8 Milliarden Dong, davon zahlte der Bezirk 4,1 Milliarden und 12 Familien den Rest.", 2),
        ("en", "The district paid 4.1 billion, and 12 families helped.", 0),
    ],
)
def test_money_whose_currency_was_said_before_is_money(language, text, offered):
    asked = "How much money did the district pay?"
    assert len(found("number", text, language, asked) or []) == offered


@pytest.mark.parametrize("kind", ["number", "code", "date"])
def test_a_text_without_any_need_not_be_read(kind):
    assert found(kind, "Rada zamknęła stary most.", "pl") == []
    assert found(kind, "", "pl") == []


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("For which period?", "en"),
        ("Für welchen Zeitraum?", "de"),
        ("¿Para qué mandato?", "es"),
        ("Hangi dönem için?", "tr"),
        ("Na jaki okres?", "pl"),
        ("Untuk penggal mana?", "ms"),
    ],
)
def test_a_period_is_two_years_with_a_dash_between(asked, language):
    text = "Kongres untuk penggal 2024 - 2029 diadakan."
    assert found("date", text, "ms", asked, language) == ["2024 - 2029"]
    assert found("date", text, "ms", "In which year?") == ["2024", "2029"]


@pytest.mark.parametrize(
    ("language", "words", "offered"),
    [
        ("de", "Der 12. Kongress beriet 9 Aufgaben.", ["9"]),
        ("ms", "Kongres Ke-12 membincangkan 9 tugas.", ["9"]),
        ("es", "El XIII Comité trató 9 tareas.", ["9"]),
        ("tr", "12. Kongre 9 görevi ele aldı.", ["9"]),
    ],
)
def test_an_ordinal_answers_no_how_many(language, words, offered):
    assert found("number", words, language, "How many tasks were there?") == offered
    assert len(found("number", words, language, "What number has the congress?") or ()) == 2


def test_a_day_belongs_to_the_document_beside_it_and_counts_for_one_of_the_type_asked_for():
    text = "Kesimpulan No. 01-KL/TW bertarikh 2 Mei 2018 melaksanakan Arahan No. 05-CT/TW."

    def asked(words: str) -> list[str]:
        held = Question(words, "en", "date", (), (), (), ("05-CT/TW",))
        return [text[start:end] for start, end in candidates(held, text, "ms") or ()]

    assert asked("When was directive 05-CT/TW issued?") == []
    assert asked("What date has the conclusion on directive 05-CT/TW?") == ["2 Mei 2018"]
