"""F1 of words, in scripts with and without spaces."""

import pytest

from rag.evaluation.overlap import f1, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Council, of Łódź!", ["the", "council", "of", "łódź"]),
        ("東京2024年", ["東", "京", "2024", "年"]),
        ("กรุงเทพ", list("กรุงเทพ")),
        ("नई दिल्ली।", ["नई", "दिल्ली"]),  # vowel signs are marks, and stay
        ("٣ أكتوبر", ["٣", "أكتوبر"]),
    ],
)
def test_words_keep_their_marks_and_lose_case_and_punctuation(text, found):
    assert words(text) == found


def test_f1_is_that_of_the_accepted_answer_that_fits_best():
    assert f1("in Kim Bang", ["Hanoi", "Kim Bang"]) == pytest.approx(0.8)
    assert f1("東京", ["東京都"]) == pytest.approx(0.8)
    assert f1("no no", ["no"]) == pytest.approx(2 / 3)  # a word counts as often as both have it
    assert f1("Lodz", ["Łódź"]) == 0.0
    assert f1("", ["a"]) == f1("a", []) == f1("…", ["…"]) == 0.0
