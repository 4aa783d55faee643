"""File names from any text."""

from __future__ import annotations

import pytest

from ui.names import MAX_BYTES, safe_stem


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kim Bảng: 109 mô hình?", "Kim Bảng 109 mô hình"),
        ("Świętokrzyskie/żółć", "Świętokrzyskie żółć"),
        ("İstanbul\\ğ", "İstanbul ğ"),
        ("Kim Ba\u0309ng", "Kim Bảng"),
        ("../../etc/passwd", "etc passwd"),
        ("..", "x"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("a\x00b\nc\u202ed\u200b", "a b c d"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Lpt1", "_Lpt1"),
        ("control", "control"),
        ("%2e%2e", "2e 2e"),
        ("ends.  ", "ends"),
        ("\ud800", "x"),
        ("", "x"),
        ("???", "x"),
        ("報告 2024", "報告 2024"),
    ],
)
def test_a_name_is_plain_and_in_its_own_letters(text, name):
    assert safe_stem(text, "x") == name


@pytest.mark.parametrize("letter", ["a", "ż", "ả", "報", "😀"])
def test_a_long_name_is_cut_between_letters(letter):
    name = safe_stem(letter * 300, "x")
    assert MAX_BYTES - 4 < len(name.encode()) <= MAX_BYTES and set(name) == {letter}
