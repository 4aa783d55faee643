"""How far the single words around a figure match the question's, across languages."""

from __future__ import annotations

import pytest

from rag.matching import AROUND, BEYOND, MOST, SAME, SHORT, matched
from rag.questions import Question

# What means the same, by the first letters of words in all our languages.
MEANING_THE_SAME = (
    ("medal", "medaly", "madalya", "pingat", "medall", "orden"),
    ("comrades", "kamerad", "camarad", "yoldaş", "rakan", "towarzysz"),
    ("groups", "grup", "kolekt", "kumpulan"),
)


class Meanings:
    """Words of one row of `MEANING_THE_SAME` are as near as can be, others not at all. Keeps what it compared."""

    def __init__(self) -> None:
        self.compared: list[tuple[tuple[str, ...], str, tuple[str, ...], str]] = []

    def matches(self, words, language, others, other_language):
        self.compared.append((words, language, others, other_language))
        return [max(float(bool(meaning(word) & meaning(other))) for other in others) for word in words]


def meaning(word: str) -> set[int]:
    return {row for row, stems in enumerate(MEANING_THE_SAME) if any(word.startswith(stem) for stem in stems)}


def ask(text: str, language: str, *names: str) -> Question:
    return Question(text, language, "number", names, (), (), ())


def shares(text: str, question: Question, *figures: str, language: str) -> tuple[float, ...]:
    spans = [(text.index(figure), text.index(figure) + len(figure)) for figure in figures]
    return matched(question, text, spans, language, Meanings())


FAR = " " + "x" * AROUND + " "


@pytest.mark.parametrize(
    ("question", "asked", "text", "language"),
    [
        ("How many comrades got a medal?", "en", "40 yoldaşa madalya verildi" + FAR + "16 grup", "tr"),
        ("Wie viele Kameraden erhielten Orden?", "de", "40 camaradas con medallas" + FAR + "16 grupos", "es"),
        ("¿Cuántos camaradas con medallas hubo?", "es", "40 towarzyszy dostało medale" + FAR + "16 grup", "pl"),
        ("Ilu towarzyszy dostało medal?", "pl", "40 rakan menerima pingat" + FAR + "16 kumpulan", "ms"),
        ("Kaç yoldaş madalya aldı?", "tr", "40 Kameraden mit Orden" + FAR + "16 Kollektive", "de"),
        ("Berapa rakan menerima pingat?", "ms", "40 comrades got medals" + FAR + "16 groups", "en"),
    ],
)
def test_the_words_around_a_figure_decide_in_every_language(question, asked, text, language):
    right, wrong = shares(text, ask(question, asked), "40", "16", language=language)
    assert right > wrong >= 0


def test_long_words_weigh_more_and_short_ones_nothing():
    words = Meanings()
    (share,) = matched(ask("How many comrades got a medal?", "en"), "40 madalya", [(0, 2)], "tr", words)
    compared, asked, near, told = words.compared[0]
    assert (compared, asked, near, told) == (("many", "comrades", "medal"), "en", ("madalya",), "tr")
    many, comrades, medal = (min(len(word) - SHORT, MOST) for word in compared)
    assert share == pytest.approx(SAME * medal / (many + comrades + medal))
    assert matched(ask("How many?", "en"), "40 x madalya", [(0, 2)], "tr", words) == (0.0,)


def test_names_pin_the_report_down_and_not_the_figure():
    words = Meanings()
    matched(ask("How many medals in Thái Bình?", "en", "thai binh"), "40 madalya", [(0, 2)], "tr", words)
    assert words.compared[0][0] == ("many", "medals")


def test_only_whole_words_near_the_figure_count():
    question = ask("How many medals?", "en")
    inside = "40 " + "x" * (AROUND - 6) + " medal"
    for text, share in ((inside, False), ("40 medal" + "x" * AROUND, False), ("40 a medal", True)):
        assert bool(matched(question, text, [(0, 2)], "en", Meanings())[0]) is share


def test_nothing_is_compared_where_there_is_nothing_to_compare():
    words = Meanings()
    assert matched(ask("How?", "en"), "40 medals", [(0, 2)], "en", words) == (0.0,)
    assert matched(ask("How many medals?", "en"), "40", [(0, 2)], "en", words) == (0.0,)
    assert matched(ask("Có bao nhiêu huân chương?", "vi"), "40 medals", [(0, 2)], "en", words) == (0.0,)
    assert matched(ask("How many medals?", "en"), "40 huân chương", [(0, 2)], "vi", words) == (0.0,)
    assert matched(ask("How many medals?", "en"), "medals", [], "en", words) == ()
    assert words.compared == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("40 camaradas, 16 grupos con medallas", "es"),
        ("16 grup madalya aldı – 40 yoldaş", "tr"),
        ("16 Gruppen mit Orden; 40 Kameraden", "de"),
        ("40 towarzyszy: 16 grup dostało medale", "pl"),
        ("16 kumpulan (40 rakan) menerima pingat", "ms"),
    ],
)
def test_words_of_the_own_clause_count_more_than_those_beyond_it(text, language):
    groups, comrades = shares(text, ask("How many groups?", "en"), "16", "40", language=language)
    assert groups > comrades > 0
    assert comrades == pytest.approx(BEYOND * groups)


def test_a_comma_within_a_figure_parts_no_clauses():
    (share,) = shares("medals 1,5 and 40", ask("How many medals?", "en"), "40", language="en")
    (whole,) = shares("medals and 40", ask("How many medals?", "en"), "40", language="en")
    assert share == whole
