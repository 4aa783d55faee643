from __future__ import annotations

import random
import unicodedata
from importlib import resources

import pytest
from places import SEEDS

from rag.language.numbers import FoundNumber, find_numbers, number_values, scale_words


def read(text: str, language: str) -> list[tuple[str, str, str]]:
    return [(text[n.start : n.end], "|".join(n.values), n.kind) for n in find_numbers(text, language)]


def values(text: str, language: str) -> list[str]:
    return ["|".join(n.values) for n in find_numbers(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("de", "711.988", "711988"),
        ("en", "711,988", "711988"),
        ("pl", "711 988", "711988"),
        ("pl", "711\u00a0988", "711988"),
        ("es", "711\u202f988", "711988"),
        ("vi", "1.234.567", "1234567"),
        ("de", "1.234,5", "1234.5"),
        ("en", "1,234.50", "1234.5"),
        ("tr", "1.500", "1500"),
        ("en", "1.500", "1500|1.5"),
        ("de", "1,500", "1500|1.5"),
        ("es", "1.234", "1234|1.234"),
        ("ms", "1,234", "1234|1.234"),
        ("en", "0.125", "0.125"),
        ("en", "1.5", "1.5"),
        ("de", "1’234", "1234"),
        ("ms", "05", "5"),
        ("und", "１２３", "123"),
        ("fr", "1 234,5", "1234.5"),
        ("en", "1.5 million", "1500000"),
        ("de", "2,5 Mio. Euro", "2500000"),
        ("pl", "5 tys. osób", "5000"),
        ("es", "5 mil millones", "5000000000"),
        ("vi", "3 nghìn tỷ", "3000000000000"),
        ("tr", "5 bin", "5000"),
        ("ms", "RM5 juta", "5000000"),
        ("en", "3½ million", "3500000"),
        ("de", "2½", "2.5"),
        ("fr", "1¼", "1.25"),
    ],
)
def test_digits(language: str, text: str, value: str) -> None:
    assert values(f"x {text} y", language) == [value]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "twenty-one", "21"),
        ("en", "one hundred and five", "105"),
        ("en", "two million three hundred thousand and six", "2300006"),
        ("en", "a thousand", "1000"),
        ("en", "a dozen", "12"),
        ("en", "nineteen hundred", "1900"),
        ("de", "drei", "3"),
        ("de", "dreien", "3"),
        ("de", "einundzwanzig", "21"),
        ("de", "zweitausenddreihundert", "2300"),
        ("de", "dreissig", "30"),
        ("de", "eine Million", "1000000"),
        ("de", "hundert", "100"),
        ("es", "treinta y uno", "31"),
        ("es", "veintiún", "21"),
        ("es", "dos mil trescientas cuarenta y cinco", "2345"),
        ("es", "mil", "1000"),
        ("es", "cinco mil millones", "5000000000"),
        ("pl", "dwie", "2"),
        ("pl", "dwóch", "2"),
        ("pl", "dwoma", "2"),
        ("pl", "trzech", "3"),
        ("pl", "czterech", "4"),
        ("pl", "pięciu", "5"),
        ("pl", "dwunastu", "12"),
        ("pl", "dwudziestu trzech", "23"),
        ("pl", "sto dwadzieścia jeden", "121"),
        ("pl", "pięć tysięcy", "5000"),
        ("tr", "dokuz", "9"),
        ("tr", "dokuzu", "9"),
        ("tr", "üçünü", "3"),
        ("tr", "dördü", "4"),
        ("tr", "yirmi bir", "21"),
        ("tr", "yirmibir", "21"),
        ("tr", "on iki", "12"),
        ("tr", "iki bin beş yüz", "2500"),
        ("tr", "binikiyüzotuzdört", "1234"),
        ("tr", "İKİ YÜZ ALTI", "206"),
        ("vi", "hai mươi mốt", "21"),
        ("vi", "mười lăm", "15"),
        ("vi", "ba mươi tư", "34"),
        ("vi", "một trăm lẻ năm", "105"),
        ("vi", "hai nghìn không trăm hai mươi tư", "2024"),
        ("ms", "sembilan", "9"),
        ("ms", "lapan belas", "18"),
        ("ms", "sifar", "0"),
        ("ms", "dua puluh satu", "21"),
        ("ms", "seratus lima", "105"),
        ("ms", "dua ribu tiga ratus", "2300"),
        ("id", "delapan", "8"),
    ],
)
def test_words(language: str, text: str, value: str) -> None:
    assert read(f"({text}) 😀", language) == [(text, value, "number")]


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "ein Haus"), ("es", "un enfoque"), ("en", "one of them"), ("tr", "bir gün"), ("pl", "jeden z nich"),
     ("vi", "một mô hình"), ("ms", "satu hari")],
)  # fmt: skip
def test_articles_are_evidence_for_one_but_no_number_to_check(language: str, text: str) -> None:
    (found,) = find_numbers(text, language)
    assert (found.value, found.kind) == ("1", "ambiguous")
    assert number_values(text, language) == {"1"}


@pytest.mark.parametrize(
    ("language", "text", "kinds"),
    [
        ("vi", "năm 2024", ["ambiguous", "number"]),
        ("vi", "quận Ba Đình", ["ambiguous"]),
        ("vi", "thứ ba", ["ambiguous"]),
        ("vi", "ba mô hình", ["number"]),
        ("vi", "tư nhân", []),
        ("ms", "setengah tahun", ["ambiguous"]),
        ("tr", "masanın altında", []),
        ("tr", "yatağın altı, elma yedi", ["ambiguous", "ambiguous"]),
        ("en", "a house", []),
        ("de", "Hunde und tausendfach", []),
    ],
)
def test_words_of_two_meanings(language: str, text: str, kinds: list[str]) -> None:
    assert [n.kind for n in find_numbers(text, language)] == kinds


@pytest.mark.parametrize(
    ("language", "text", "value", "kind"),
    [
        ("ko", "헌법 제5조", "5", "ordinal"),
        ("ko", "헌법 제 5조", "5", "ordinal"),
        ("ko", "경제 5조 원", "5000000000000", "number"),
        ("th", "ข้าว 5 พันธุ์", "5", "number"),
        ("th", "5 พันคน", "5000", "number"),
    ],
)
def test_what_begins_as_a_word_for_thousands(language: str, text: str, value: str, kind: str) -> None:
    (found,) = find_numbers(text, language)
    assert (found.value, found.kind) == (value, kind)


def test_lists_are_not_sums() -> None:
    assert values("zwei, drei und zwanzig", "de") == ["2", "3", "20"]
    assert values("twenty thirty two three", "en") == ["20", "32", "3"]
    assert values("tres y cuatro", "es") == ["3", "4"]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "the 13th", "13"), ("en", "third", "3"), ("de", "am 3. März", "3"), ("de", "des dritten", "3"),
        ("de", "Typs IV,", "4"), ("es", "del XIII Comité", "13"), ("es", "el 5º", "5"), ("es", "tercera", "3"),
        ("pl", "trzeciego", "3"), ("pl", "3. miejsce", "3"), ("tr", "13. Kongresi", "13"), ("tr", "5'inci", "5"),
        ("tr", "üçüncü", "3"), ("vi", "lần thứ XIII", "13"), ("vi", "thứ mười hai", "12"), ("vi", "thứ 12", "12"),
        ("ms", "Kongres Ke-12", "12"), ("ms", "ke-12", "12"), ("ms", "ketiga", "3"),
    ],
)  # fmt: skip
def test_ordinals(language: str, text: str, value: str) -> None:
    (found,) = find_numbers(text, language)
    assert (found.values, found.kind) == ((value,), "ordinal")


def test_no_roman_numbers_in_capitals_and_abbreviations() -> None:
    assert find_numbers("ỦY BAN VI PHẠM", "vi") == []
    assert find_numbers("Der CC, der IIX, I und X. DI", "pl") == []


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "56,2 %"), ("en", "56.2%"), ("tr", "%56,2"), ("tr", "yüzde 56,2"), ("es", "56,2 por ciento"),
     ("pl", "56,2 procent"), ("vi", "56,2 phần trăm"), ("ms", "56.2 peratus")],
)  # fmt: skip
def test_percentages(language: str, text: str) -> None:
    (found,) = find_numbers(text, language)
    assert (found.value, found.kind) == ("56.2", "percent")


def test_ratios_are_not_dates() -> None:
    assert read("7/8 tugas dan 8/33 tugas", "ms") == [("7/8", "7/8", "ratio"), ("8/33", "8/33", "ratio")]
    assert values("5/7/2024, tháng 5/2023, 2023/24, 5.7.2024", "vi") == "5 7 2024 5 2023 2023 24 5 7 2024".split()
    assert number_values("7/8 tugas", "ms") == {"7/8", "7", "8"}


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "7 out of 8"), ("en", "7 of the 8"), ("de", "7 von 8"), ("es", "7 de 8"), ("pl", "7 z 8"),
     ("vi", "7 trên 8"), ("ms", "7 daripada 8")],
)  # fmt: skip
def test_ratios_in_words(language: str, text: str) -> None:
    assert read(text, language) == [(text, "7/8", "ratio")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("43-NQ/TW", "43-NQ/TW"),
        ("08-DA/TU", "08-DA/TU"),
        ("08-ĐA/TU", "08-DA/TU"),
        ("43-NQ/TƯ", "43-NQ/TW"),
        ("43 -NQ/TW", "43-NQ/TW"),
        ("123/2024/NĐ-CP", "123/2024/ND-CP"),
        ("12/NQ-CP", "12/NQ-CP"),
        ("Covid-19", "COVID-19"),
        ("H5N1", "H5N1"),
    ],
)
def test_codes(text: str, value: str) -> None:
    assert read(f"No. {text}.", "es") == [(text, value, "code")]
    assert number_values(f"No. {text}.", "es") == {value}


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "AED1.5 billion", "1500000000"),
        ("en", "INR1,000 crore", "10000000000"),
        ("en", "Sh1.2 billion", "1200000000"),
        ("en", "N1.2trn", "1200000000000"),
        ("en", "CHF1.5bn", "1500000000"),
        ("en", "R500 million", "500000000"),
        ("en", "AED5m", "5000000"),
        ("en", "Ksh500", "500"),
        ("de", "CHF500", "500"),
        ("fr", "FCFA500 millions", "500000000"),
        ("sw", "TSh500", "500"),
        ("es", "GPT-4.5", "4.5"),
    ],
)
def test_money_written_on_to_a_figure_is_no_code(language: str, text: str, value: str) -> None:
    (found,) = find_numbers(f"({text}) x", language)
    assert (found.value, found.kind) == (value, "number")


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "A4"), ("en", "G20"), ("es", "COVID-19 millones"), ("en", "R500"), ("en", "F-35, 20"), ("de", "H5N1. 3"),
     ("zh", "G20"), ("en", "B2B million")],
)  # fmt: skip
def test_a_name_with_a_number_stays_a_code(language: str, text: str) -> None:
    assert find_numbers(text, language)[0].kind == "code"


def test_what_only_looks_like_a_code() -> None:
    assert values("2021-2025, 18-Jährige, 24/7-Service, mid-2024 and Expo-2025, No. 01-KL/TW 18", "en") == [
        "2021", "2025", "18", "24/7", "2024", "2025", "01-KL/TW", "18",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "language", "expected"),
    [
        ("000", "ms", {"7/8", "8/33", "9/33", "01-KL/TW", "05-CT/TW", "18", "2035", "12"}),
        ("001", "tr", {"40", "8", "16", "08-DA/TU", "2023"}),
        ("002", "es", {"19", "9", "43-NQ/TW", "13", "100", "3"}),
        ("003", "de", {"29", "13", "3", "4", "2024"}),
        ("004", "pl", {"109", "3", "2023", "2024"}),
    ],
)
def test_the_reports(number: str, language: str, expected: set[str]) -> None:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    text = unicodedata.normalize("NFC", path.read_text("utf-8"))
    assert expected <= number_values(text, language)
    assert "43" not in number_values(text, language)


def test_offsets_stay_after_turkish_capitals() -> None:
    text = "İİİ😀 İLK IŞIK dokuzu İKİ 5 bin"
    assert [text[n.start : n.end] for n in find_numbers(text, "tr")] == ["İLK", "dokuzu", "İKİ", "5 bin"]


@pytest.mark.parametrize("language", ["en", "de", "es", "pl", "tr", "vi", "ms", "id", "und"])
def test_random_texts_give_ordered_numbers_without_overlap(language: str) -> None:
    draw = random.Random(language)
    odd = (
        "1 234|7/8|5.|1.2.3|%|yüzde|năm|mươi|a|hundred|y|mil|tysiąc|XIII|43-NQ/TW|,|İ|😀|½|12,5|lẻ|trăm|không|bin|-|/|0"
    )
    for _ in range(60):
        text = "".join(draw.choice(odd.split("|")) + draw.choice(["", " ", "\u202f"]) for _ in range(40))
        found = find_numbers(text, language)
        assert all(isinstance(n, FoundNumber) and n.values and all(n.values) for n in found)
        assert all(0 <= n.start < n.end <= len(text) for n in found)
        assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))


@pytest.mark.parametrize("text", ["", "no figures", "😀"])
def test_nothing_to_find(text: str) -> None:
    assert find_numbers(text, "en") == [] and number_values(text, "en") == set()


def test_the_kept_words_for_thousands_are_those_of_all_languages():
    kept = (resources.files("rag.language") / "scale_words.txt").read_text("utf-8").split()
    assert kept == scale_words() and {"bin", "mil", "млн", "tys", "million"} <= set(kept)
    assert not {"lira", "votes", "kg", "euro"} & set(kept)


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "$3.2bn", "3200000000"),
        ("en", "£4.5m", "4500000"),
        ("en", "€2B", "2000000000"),
        ("en", "85k", "85000"),
        ("fr", "4,5M€", "4500000"),
        ("de", "12,6Mio", "12600000"),
        ("en", "4.5m", "4.5"),  # metres, without money
        ("en", "85km", "85"),
        ("en", "12th", "12"),
    ],
)
def test_a_scale_may_be_written_on_to_the_figure(language, text, value):
    assert find_numbers(text, language)[0].value == value
