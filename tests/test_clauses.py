"""Where sentences of news are cut, and how much of one a reader is shown."""

from __future__ import annotations

import random

import pytest
from fake_reports import seeds

from rag.clauses import LIMIT, SHORT, WHOLE, clauses, stretch
from rag.passages import sentences

REPORTS = {report.language: report for report in seeds()}
SENTENCES = [(language, held) for language, report in REPORTS.items() for held in sentences(report)]
LONG = [(language, held) for language, held in SENTENCES if len(held.text) > WHOLE]


def texts(text: str) -> list[str]:
    return [text[start:end] for start, end in clauses(text)]


@pytest.mark.parametrize("language", REPORTS)
def test_clauses_cover_every_sentence_of_the_reports_in_order(language):
    for sentence in sentences(REPORTS[language]):
        assert "".join(texts(sentence.text)) == sentence.text
        assert all(piece.strip() for piece in texts(sentence.text))


@pytest.mark.parametrize("language", REPORTS)
def test_every_report_has_a_long_sentence_that_is_cut(language):
    cut = [texts(held.text) for tongue, held in LONG if tongue == language]
    assert cut and any(len(pieces) > 2 for pieces in cut)


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("pl", "co wywarło pozytywny wpływ"),
        ("de", "13 kulturell-soziale Modelle"),
        ("es", "miembro del Comité Permanente"),
        ("tr", "2023 yılında ilin kitlesel"),
        ("ms", "menyelesaikan 8/33 tugas"),
    ],
)
def test_a_clause_begins_after_a_comma(language, begins):
    pieces = [piece for tongue, held in SENTENCES if tongue == language for piece in texts(held.text)]
    whole = [piece for piece in pieces if begins in piece]
    assert whole and any(piece.index(begins) < SHORT for piece in whole)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (
            "Der Rat der Stadt Lund hat lange über den Haushalt beraten; die Brücke kam danach zur Sprache.",
            "die Brücke",
        ),
        (
            "The council of Lund spoke for many hours about the old bridge – a wooden one from the year 1890.",
            "– a wooden",
        ),
        (
            "Le conseil de Lyon (réuni pour la troisième fois cette année) a voté le budget sans aucun débat.",
            "a voté",
        ),
        (
            "Rada miasta Lund rozmawiała przez wiele godzin o jednej rzeczy: o starym moście nad małą rzeką.",
            "o starym",
        ),
    ],
)
def test_semicolons_dashes_brackets_and_colons_end_a_clause(text, cut):
    first, second = texts(text)
    assert second.startswith(cut) and first + second == text


@pytest.mark.parametrize(
    "text",
    [
        "Am 5. Juli, in Lund, tagte der Rat.",
        "El 19 de enero, Ninh Binh celebró 1,234 reuniones, a las 20:30, según se dijo.",
        "",
        "x" * 500,
        "1,234,567,890 " * 10,
    ],
)
def test_short_clauses_figures_and_unbroken_text_are_not_cut(text):
    assert clauses(text) == [(0, len(text))]


def test_no_clause_before_the_last_is_short():
    for _, held in SENTENCES:
        assert all(len(piece) >= SHORT for piece in texts(held.text)[:-1])


def test_the_last_clause_is_at_least_half_as_long():
    for _, held in SENTENCES:
        assert len(texts(held.text)[-1]) >= min(SHORT // 2, len(held.text))


# The stretch around the nearest clause

ROW = [(0, 100), (101, 200), (201, 300), (301, 400), (401, 500)]


def test_a_sentence_that_fits_is_shown_whole_whatever_its_clauses_are_like():
    units = [(0, 70), (70, 140), (140, 210), (211, 300), (301, 380)]
    for near in range(3):
        similar = [0.0] * 5
        similar[near] = 0.9
        assert stretch(units, 0, 2, similar)[0] == 0
        assert stretch(units, 0, 2, similar)[1] >= 2


def test_a_long_sentence_is_cut_to_its_nearest_clause_and_the_more_similar_neighbour():
    assert stretch(ROW, 0, 4, [0.1, 0.2, 0.9, 0.3, 0.1]) == (2, 3)
    assert stretch(ROW, 0, 4, [0.1, 0.3, 0.9, 0.2, 0.1]) == (1, 2)
    assert stretch(ROW, 0, 4, [0.9, 0.3, 0.8, 0.2, 0.1]) == (0, 1)
    assert stretch(ROW, 0, 4, [0.1, 0.3, 0.1, 0.2, 0.9]) == (3, 4)


def test_what_is_left_goes_to_what_stands_before_the_sentence_then_after_it():
    units = [(0, 60), (61, 120), (121, 200), (201, 260)]
    assert stretch(units, 2, 2, [0.0] * 4) == (0, 2)
    assert stretch([(0, 150), (151, 220), (221, 280)], 1, 1, [0.0] * 3) == (0, 1)
    assert stretch([(0, 240), (241, 310), (311, 370)], 1, 1, [0.0] * 3) == (1, 2)


def test_a_clause_beyond_the_limit_stands_alone():
    units = [(0, 50), (51, 51 + 2 * LIMIT), (52 + 2 * LIMIT, 90 + 2 * LIMIT)]
    assert stretch(units, 1, 1, [0.0, 0.9, 0.0]) == (1, 1)


@pytest.mark.parametrize("language", REPORTS)
def test_of_each_sentence_of_the_reports_the_nearest_clause_is_shown_within_the_limit(language):
    chance = random.Random(7)
    for sentence in sentences(REPORTS[language]):
        units = [(sentence.start + start, sentence.start + end) for start, end in clauses(sentence.text)]
        similar = [chance.random() for _ in units]
        low, high = stretch(units, 0, len(units) - 1, similar)
        assert 0 <= low <= high < len(units)
        whole = len(sentence.text) <= WHOLE
        assert (low, high) == (0, len(units) - 1) if whole else low <= similar.index(max(similar)) <= high
        assert units[high][1] - units[low][0] <= (WHOLE if whole else LIMIT) or low == high
