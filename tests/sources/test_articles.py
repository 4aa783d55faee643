from datetime import date

import pytest
from places import SEEDS

from rag.errors import ArticleError
from rag.sources.articles import find_furniture, find_places, find_title, make_article
from rag.sources.files import Draft, list_files, read_file, readable

LIMIT = 100_000_000


def article(text, **more):
    return make_article(Draft(text, "0" * 64, "report.txt"), id="report", **more)


# --- the five reports ---


@pytest.fixture(scope="module")
def reports():
    files = list_files(SEEDS)
    return {
        path.stem[:3]: make_article(read_file(path, max_bytes=LIMIT), id=path.stem) for path in files if readable(path)
    }


@pytest.mark.parametrize(
    ("key", "language", "day", "places", "authors", "last"),
    [
        (
            "000",
            "ms",
            date(2024, 7, 5),
            ("Ninh Binh",),
            ("Kieu An", "Truong Giang"),
            "dasar belakang ketenteraan, dsb.",
        ),
        ("001", "tr", date(2023, 12, 21), ("Thai Binh",), ("Şeftali Çiçeği",), "16 kolektif ve bireyi takdir etti."),
        ("002", "es", date(2024, 1, 19), ("Ninh Binh",), ("Hong Giang", "Duc Lam"), "lo editen y lo completen."),
        ("003", "de", None, ("Ninh Son",), ("Le Thi",), "besondere Aufmerksamkeit gewidmet werden."),
        ("004", "pl", None, ("Kim Bang",), ("Huong Giang",), "rozwój społeczno-gospodarczy w regionie."),
    ],
)
def test_the_five_reports(reports, key, language, day, places, authors, last):
    report = reports[key]
    assert (report.language, report.published, report.places, report.authors) == (language, day, places, authors)
    assert report.text[: report.body_end].endswith(last)
    assert not any(line in report.text[: report.body_end] for line in ("(0)", "Sumber:", *authors))


def test_the_five_reports_keep_their_text_and_address(reports):
    for path in sorted(SEEDS.glob("*.txt")):
        report = reports[path.stem[:3]]
        assert report.text == path.read_bytes().decode("utf-8")
    address = reports["000"].source_url
    assert address.startswith("https://baoninhbinh.org.vn/") and address.endswith("/d20240705153551198.htm")
    assert [reports[key].source_url for key in ("001", "002", "003", "004")] == [None] * 4


def test_a_photo_credit_in_the_middle_stays_evidence(reports):
    report = reports["003"]
    assert "Foto: L.Thi" in report.text[: report.body_end]


def test_titles_of_the_five_reports_are_short_and_whole_worded(reports):
    assert len(reports) == 5
    for report in reports.values():
        stem = report.title.removesuffix("…")
        assert len(report.title) <= 90 and report.title.endswith("…")
        assert report.text.startswith(stem) and not report.text[len(stem)].isalnum()


# --- parts of a report ---


def test_a_short_first_line_is_the_headline():
    assert (
        find_title("\nHai Phong honours 105 models\nThe city said on Monday that it did.")
        == "Hai Phong honours 105 models"
    )


def test_a_short_first_sentence_is_the_title():
    assert (
        find_title("Dr. Lan sprach am 3. März in Hanoi. Danach sprach niemand.") == "Dr. Lan sprach am 3. März in Hanoi"
    )


def test_a_title_without_blanks_is_cut_all_the_same():
    assert len(find_title("新" * 400 + "。")) == 90


@pytest.mark.parametrize(
    ("tail", "authors", "url"),
    [
        (
            "Kieu An - Truong Giang\nSumber: https://a.example/x\nKomen (0)",
            ("Kieu An", "Truong Giang"),
            "https://a.example/x",
        ),
        ("Hong Giang-Duc Lam\nFuente\nKommentar (12)\n\n", ("Hong Giang", "Duc Lam"), None),
        ("Jean-Pierre Dupont\nSource: https://a.example/x", ("Jean-Pierre Dupont",), "https://a.example/x"),
        ("Anna Kowalska-Nowak\n\nŹródło\n\n\nKomentarz (0)", ("Anna Kowalska-Nowak",), None),
        ("Lan và Minh Anh\nNguồn:\nhttps://a.example/x\nBình luận (0)", ("Lan", "Minh Anh"), "https://a.example/x"),
        ("By Mai Lan\nComments (3)", ("Mai Lan",), None),
        ("Kaynak: baoninhbinh\r\nYorum (0)\r\n", (), None),
        ("Huong Giang", ("Huong Giang",), None),
    ],
)
def test_furniture_at_the_end(tail, authors, url):
    body = "The first sentence of the report is here.\nThe last sentence of the report is here."
    text = f"{body}\n{tail}"
    found = find_furniture(text)
    assert text[: found.body_end] == body
    assert (found.authors, found.source_url) == (authors, url)


@pytest.mark.parametrize(
    "text",
    [
        "One sentence.\nAnother sentence.\n",
        "One sentence.\nKonferansa katılan delegeler.",
        "Quelle: so nannte man den Ort früher.\nDort steht heute ein Haus mit acht Zimmern.",
        "Kim Bang",
        "Yorum (0) is how the page ended.\nThe report goes on.",
    ],
)
def test_a_report_without_furniture_is_evidence_to_its_end(text):
    assert find_furniture(text).body_end == len(text)


def test_a_short_line_above_the_source_that_is_no_name_stays_evidence():
    text = "First sentence.\nDelegates at the conference.\nSource\nComment (0)"
    assert text[: find_furniture(text).body_end].endswith("Delegates at the conference.")


def test_furniture_alone_is_no_report():
    with pytest.raises(ArticleError, match="report.txt.*furniture"):
        article("Quelle\nKommentar (0)")


@pytest.mark.parametrize(
    ("language", "text", "places"),
    [
        ("ms", "di wilayah Ninh Binh, menjadi Bandar Warisan Milenium", ("Ninh Binh",)),
        ("tr", "Thai Binh'in Kim Bang ilçesinde, Thai Binh ilinde İl Halk Konseyi", ("Thai Binh", "Kim Bang")),
        (
            "es",
            "la provincia de Ninh Bình, el distrito de Kim Bang y la provincia de Ninh Binh",
            ("Ninh Bình", "Kim Bang"),
        ),
        ("de", "des Bezirks Ninh Son darauf, im Bezirk Verwaltung", ("Ninh Son",)),
        ("pl", "Komitet Dystryktu Partii Kim Bang i Komitet Partii Rejonowej Kim Bang", ("Kim Bang",)),
        ("en", "The Kim Bang District Party. Each district won. In the city of Hanoi", ("Kim Bang", "Hanoi")),
        (
            "vi",
            "Tỉnh ủy Ninh Bình, huyện Kim Bảng, TP. Hải Phòng, Việt Nam; xã hội",
            ("Ninh Bình", "Kim Bảng", "Hải Phòng"),
        ),
    ],
)
def test_places_stand_beside_their_kind(language, text, places):
    assert find_places(text, language) == places


@pytest.mark.parametrize(
    ("language", "text", "places"),
    [
        ("ms", "Pada pagi itu Pada wilayah Kim Boi, dan pada petang daerah Kim Boi", ("Kim Boi",)),
        ("tr", "Ninh Son ilçesinde toplantı yapıldı. Son ilçesinde, son yıllarda", ("Ninh Son",)),
        ("tr", "Thai Nguyen eyaletinde şenlik. Müdür Nguyen Thanh Tiep konuştu.", ("Thai Nguyen",)),
    ],
)
def test_neither_a_sentences_first_word_nor_part_of_a_longer_name_is_a_place(language, text, places):
    found = find_places(text, language)
    assert found[: len(places)] == places and not {"Pada", "Son", "Nguyen"} & set(found)


def test_at_most_five_places_most_frequent_first():
    text = "".join(f"In {name} district. " for name in ["Aa", "Bb", "Cc", "Dd", "Ee", "Ff", "Ff"])
    assert len(find_places(text, "en")) == 5 and find_places(text, "en")[0] == "Ff"


def test_expected_languages_reach_detection():
    text = "Siapa ketua di Kim Bang?"
    assert [article(text, expected=tags).language for tags in (("ms",), ("id",))] == ["ms", "id"]


def test_an_address_dates_and_sources_a_report_without_its_own():
    address = "https://a.example/2024/07/05/report.txt"
    made = make_article(Draft("The council met and decided.", "0" * 64, address), id="report")
    assert (made.source_url, made.published) == (address, date(2024, 7, 5))
