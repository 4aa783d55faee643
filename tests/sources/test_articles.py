from datetime import date
from itertools import pairwise

import pytest
from places import SEEDS

from rag.errors import ArticleError, InputError
from rag.sources.articles import make_article
from rag.sources.content import Metadata
from rag.sources.files import Draft, list_files, read_file, readable
from rag.sources.furniture import find_furniture
from rag.sources.passages import sentences, windows
from rag.sources.titles import find_title

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
            (),
            ("Kieu An", "Truong Giang"),
            "dasar belakang ketenteraan, dsb.",
        ),
        ("001", "tr", date(2023, 12, 21), (), ("Şeftali Çiçeği",), "16 kolektif ve bireyi takdir etti."),
        ("002", "es", date(2024, 1, 19), (), ("Hong Giang", "Duc Lam"), "lo editen y lo completen."),
        ("003", "de", None, (), ("Le Thi",), "besondere Aufmerksamkeit gewidmet werden."),
        ("004", "pl", None, (), ("Huong Giang",), "rozwój społeczno-gospodarczy w regionie."),
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
    ("text", "title"),
    [
        ("市議会は新しい橋を承認した。工事は来年始まる。", "市議会は新しい橋を承認した"),
        ("「橋は来年開く。」と市長は話した。費用は未定。", "「橋は来年開く。」と市長は話した"),
        ("「モーニング娘。」の公演が始まった。入場は無料。", "「モーニング娘。」の公演が始まった"),
        ("ایم۔ اے۔ جناح روڈ پر پل کھل گیا۔ اس پر 12 کروڑ روپے خرچ ہوئے۔", "ایم۔ اے۔ جناح روڈ پر پل کھل گیا"),
        ("नया पुल बना। यह पुल 12 करोड़ रुपये का है।", "नया पुल बना"),
        ("نیا پل کھل گیا۔ اس پر 12 کروڑ روپے خرچ ہوئے۔", "نیا پل کھل گیا"),
        ("Նոր կամուրջը բացվեց։ Այն արժե 12 միլիոն։", "Նոր կամուրջը բացվեց"),
        ("متى يفتح الجسر؟ قال رئيس البلدية إنه لا يعرف.", "متى يفتح الجسر؟"),
        ("橋樑下月通車", "橋樑下月通車"),
    ],
)
def test_a_title_is_one_sentence_in_any_script(text, title):
    assert find_title(text) == title


@pytest.mark.parametrize("mark", ["", "# "])
def test_a_headline_with_a_colon_is_no_field(mark):
    title = "Kreis Halvik: Brücke wird teurer"
    assert article(f"{mark}{title}\n\nSie kostet mehr.\n").title == title
    assert article(f"{mark}release_kind: daily\n\nDie Brücke kostet mehr.\n").title == "Die Brücke kostet mehr"


def test_the_fields_around_a_line_tell_whether_it_is_one():
    headline = article("Date: 2024-03-05\n\nKreis Halvik: Brücke wird teurer\n\nSie kostet mehr.\n")
    assert (headline.title, headline.published) == ("Kreis Halvik: Brücke wird teurer", date(2024, 3, 5))
    assert article("Report number: 12\nTitle: Bridge opens\n\nIt opened.\n").title == "Bridge opens"
    mixed = article("Kreis Halvik: Brücke wird teurer\nDate: 2024-03-05\n\nSie kostet mehr.\n")
    assert (mixed.title, mixed.published) == ("Kreis Halvik: Brücke wird teurer", date(2024, 3, 5))


def test_the_mark_behind_a_dateline_belongs_to_it():
    made = make_article(Draft("शिखरपुरा, 16 जनवरी (पहाड़ी डाक)। नया पुल बना। यह 12 करोड़ का है।\n", "", "a.txt"), id="a")
    assert (made.title, made.places) == ("नया पुल बना", ("शिखरपुरा",))


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


def test_an_address_dates_and_sources_a_report_without_its_own():
    address = "https://a.example/2024/07/05/report.txt"
    made = make_article(Draft("The council met and decided.", "0" * 64, address), id="report")
    assert (made.source_url, made.published) == (address, date(2024, 7, 5))


@pytest.mark.parametrize(
    "text",
    ["***\n", "— — —\n\n• •", "。。。\n", "_ _\n", "WEBVTT\n", "1\n00:00:01,000 --> 00:00:02,000\n\n", "*\n" * 60_000],
)
def test_a_text_without_a_word_is_no_report(text):
    with pytest.raises(ArticleError, match="contains no words, only marks or times"):
        article(text)


@pytest.mark.parametrize("text", ["7", "会", "*\n" * 60_000 + "Кворум"])
def test_one_word_is_a_report(text):
    made = article(text)
    assert sentences(made) and windows(made, aim=900)


# --- what a report says of itself, and where ---


def told(text, *, location="report.txt", metadata=None, **more):
    made = make_article(Draft(text, "0" * 64, location, metadata or Metadata()), id="report", **more)
    return made, dict(made.origins)


BODY = "\n\nThe council of Halvik met and kept the library open. Nobody voted against it.\n"


@pytest.mark.parametrize(
    ("head", "day", "origin"),
    [
        ("---\ntitle: A tram\ndate: 2025-06-02\nauthor: Petr Novotny\n---", date(2025, 6, 2), "header"),
        ("# date = 2021-03-05\n# doc_id = 7", date(2021, 3, 5), "header"),
        (
            "From: desk@example.org\nDate: Tue, 18 Feb 2025 09:14:00 +0100\nSubject: Re: a vote",
            date(2025, 2, 18),
            "header",
        ),
        ("Datum: 5.3.2021", date(2021, 3, 5), "header"),
        ("Дата: 5 марта 2021", date(2021, 3, 5), "header"),
    ],
)
def test_a_header_tells_the_day(head, day, origin):
    made, origins = told(head + BODY)
    assert (made.published, origins["published"]) == (day, origin)


def test_front_matter_tells_title_day_author_and_address():
    made, origins = told(
        "---\ntitle: 'A tram: the new one'\ndate: 2025-06-02\nauthor: [Petr Novotny, Ida Berg]\n"
        f"source: https://a.example/tram\nplace: Brno\n---{BODY}"
    )
    assert (made.title, made.published, made.places) == ("A tram: the new one", date(2025, 6, 2), ("Brno",))
    assert (made.authors, made.source_url) == (("Petr Novotny", "Ida Berg"), "https://a.example/tram")
    assert set(origins.values()) == {"header", "text"} and origins["language"] == "text"


@pytest.mark.parametrize(
    "said", ["2021-43-05", "2021-02-30 25:99:00", "!!timestamp x", "[" * 3_000, "&a [*a]", "2021-02-30"]
)
def test_front_matter_that_yaml_cannot_take_costs_no_report(said):
    made, _ = told(f"---\ntitle: A tram\ndate: {said}\n---{BODY}")
    assert (made.title, made.published) == ("A tram", None)


def test_front_matter_is_taken_as_it_is_written():
    made, _ = told(f"---\ntitle: No\ndate: 2021-03-05T10:00:00Z\n---{BODY}")
    assert (made.title, made.published) == ("No", date(2021, 3, 5))


def test_damaged_front_matter_is_read_line_by_line():
    made, _ = told(f"---\ntitle: A tram: the new [one\ndate: 2025-06-02\n---{BODY}")
    assert (made.title, made.published) == ("A tram: the new [one", date(2025, 6, 2))


def test_aliases_that_stand_for_a_thousand_million_names_are_not_read():
    lists = "a: &a [x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in pairwise("abcdefghij"))
    made, _ = told(f"---\ntitle: A tram\n{lists}author: *j\n---{BODY}")
    assert made.title == "A tram"


@pytest.mark.parametrize("said", ["{name: Ida Berg}", "[{name: Ida Berg}]", "[[Ida Berg], Petr Novotny]"])
def test_front_matter_with_lists_of_lists_is_read_without_them(said):
    made, _ = told(f"---\ntitle: 시의회\nauthor: {said}\n---{BODY}")
    assert (made.title, made.authors) == ("시의회", ())


def test_a_year_that_no_calendar_has_is_no_day():
    made, _ = told(f"title: A tram\ndate: 5 March 1709639430000 10:00\n{BODY}")
    assert (made.title, made.published) == ("A tram", None)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2021-03-05_council.txt", date(2021, 3, 5)),
        ("Zeitung_05.03.2021.txt", date(2021, 3, 5)),
        ("20210305.txt", date(2021, 3, 5)),
        ("минутки 5 марта 2021.txt", None),  # month names of another language than the text's
        ("council_2021.txt", None),
        ("invoice-20219905.txt", None),
    ],
)
def test_a_file_name_tells_the_day_where_nothing_else_does(name, day):
    made, origins = told(
        "Council keeps the library open\n\nThe library, which was founded by Ada Holm on 3 June 1902, stays open.",
        location=f"/home/someone/{name}",
    )
    assert (made.published, origins.get("published")) == (day, "file name" if day else None)


def test_what_the_file_says_beside_its_text_comes_before_the_text():
    said = Metadata("A tram", date(2020, 1, 2), ("Ida Berg",), "en", "https://a.example/tram")
    made, origins = told(f"HALVIK, 3 May 2021 - The tram runs.{BODY}", metadata=said)
    assert (made.title, made.published, made.authors) == ("A tram", date(2020, 1, 2), ("Ida Berg",))
    assert (made.places, origins["places"], origins["published"]) == (("Halvik",), "dateline", "file")


def test_what_a_person_sets_comes_first():
    given = {"title": "By hand", "date": "2019-12-31", "place": "Orre", "author": "A B; C D", "language": "de"}
    made, origins = told(f"HALVIK, 3 May 2021 - The tram runs.{BODY}", given=given)
    assert (made.title, made.published, made.places) == ("By hand", date(2019, 12, 31), ("Orre",))
    assert (made.authors, made.language) == (("A B", "C D"), "de")
    assert set(origins.values()) == {"hand"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"date": "5.3.2021"}, "write it as 2021-03-05"),
        ({"language": "türkçe"}, "not a language tag"),
        ({"colour": "red"}, "known: title, date"),
    ],
)
def test_a_value_that_cannot_be_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        told(BODY, given=given)


@pytest.mark.parametrize(
    ("name", "language", "author"),
    [
        ("Af Mette Lykkegaard", "da", "Mette Lykkegaard"),
        ("By Mai Lan", "da", "Mai Lan"),
        ("Von Anna Berg", "de", "Anna Berg"),
        ("Автор: Иван", "ru", "Иван"),
        ("بقلم سارة خليل", "ar", "سارة خليل"),
        ("作者：李明", "zh", "李明"),
        ("Di Maio", "it", "Di Maio"),
        ("Von der Leyen", "de", "Von der Leyen"),
        ("Theo Berg", "de", "Theo Berg"),
    ],
)
def test_the_word_for_by_is_no_part_of_an_authors_name(name, language, author):
    said = Metadata(authors=(name,))
    assert told(BODY, metadata=said, given={"language": language})[0].authors == (author,)
    assert told(f"author: {name}\n\n{BODY}", given={"language": language})[0].authors == (author,)


@pytest.mark.parametrize(
    ("line", "language", "authors"),
    [
        ("By Mai Lan", "en", ("Mai Lan",)),
        ("Von Anna Berg und Jan Ott", "de", ("Anna Berg", "Jan Ott")),
        ("Par Odile Marchery", "fr", ("Odile Marchery",)),
        ("Автор: Иван Петров", "ru", ("Иван Петров",)),
        ("بقلم سارة خليل", "ar", ("سارة خليل",)),
        ("By the way", "en", ()),
    ],
)
def test_a_byline_names_the_authors(line, language, authors):
    body = {
        "en": "The council kept the library open on Monday.",
        "de": "Der Rat hat am Montag beschlossen, die Bücherei offen zu halten.",
        "fr": "Le conseil a décidé lundi de garder la bibliothèque ouverte.",
        "ru": "Совет решил в понедельник сохранить библиотеку открытой.",
        "ar": "قرر المجلس يوم الاثنين إبقاء المكتبة مفتوحة للجميع في المدينة.",
    }[language]
    made, origins = told(f"{body.split()[0]} {body.split()[1]}\n{line}\n\n{body}\n{body}")
    assert (made.language, made.authors, origins.get("authors")) == (language, authors, "text" if authors else None)
