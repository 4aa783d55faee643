"""Lines that say who wrote a report and when, and lines that only look like them."""

from datetime import date

import pytest

from rag.models import Article
from rag.sources import Metadata, make_article
from rag.sources.credit_lines import day_of, names_of, near_headline
from rag.sources.files import Draft
from rag.sources.furniture import byline
from rag.sources.web_pages import read_page


@pytest.mark.parametrize(
    ("language", "line", "day", "names"),
    [
        ("pl", "9 października 2025 | Ewa Lubicz-Nowak | Komentarze: 2", date(2025, 10, 9), ("Ewa Lubicz-Nowak",)),
        ("pl", "Dorian Wilczek Środa, 23.07.2025 r.", date(2025, 7, 23), ()),
        ("pl", "Kamila Drozd 04.09.2025", date(2025, 9, 4), ("Kamila Drozd",)),
        ("de", "14. März 2023, 17:42 Uhr · Von Malte Siebels", date(2023, 3, 14), ("Malte Siebels",)),
        ("nl", "Dravenbeek, dinsdag 21 oktober 2025 – tekst: Ada Veer", date(2025, 10, 21), ("Ada Veer",)),
        ("ru", "18 апреля 2024 · Текст: Лидия Коптелова", date(2024, 4, 18), ("Лидия Коптелова",)),
        ("de", "Klein Brakow, 14. März 2023", date(2023, 3, 14), ()),
        ("es", "Benito Arriaza. Navarceda, 21 de agosto de 2023", date(2023, 8, 21), ("Benito Arriaza",)),
        ("ru", "18 апреля 2024 · Вельшанск · Лидия Коптелова", date(2024, 4, 18), ("Лидия Коптелова",)),
        ("it", "Di Caterina De Biasi, 9 novembre 2023", date(2023, 11, 9), ("Caterina De Biasi",)),
        ("en", "By Mai Lan, Halvik, 12 May 2025", date(2025, 5, 12), ("Mai Lan",)),
        ("ar", "كتب في بيروت، 12 مايو 2025", date(2025, 5, 12), ()),
        ("it", "Di Linh, 9 novembre 2023", date(2023, 11, 9), ()),
        ("ru", "31 января 2025 г.", date(2025, 1, 31), ()),
        ("he", "05/03/2025 | תומר ששון | תגובות: 3", date(2025, 3, 5), ()),
        ("ar", "سلوى الأتاسي، الروضان، الثلاثاء 11 شباط/فبراير 2025", date(2025, 2, 11), ()),
        ("ja", "2025年3月5日　佐藤花子", date(2025, 3, 5), ()),
        ("en", "The council met on 5 July 2024 and kept the library open.", None, ()),
        ("en", "Was the bridge that burned down on 5 July 2024 insured?", None, ()),
        ("zh", "2025年4月20日，梧岭县六个村投票选举村委会主任，结果如下。", None, ()),
        ("en", "Share this", None, ()),
        ("en", "By Ida Berg", None, ("Ida Berg",)),
    ],
)
def test_a_credit_line_tells_day_and_authors(language, line, day, names):
    assert (day_of(line, language), names_of(line, language)) == (day, names)


def test_the_lines_at_a_headline_end_where_the_text_begins():
    lines = ["3 May 2021", "The headline", "By Ida Berg", "4 May 2021", "x" * 300, "5 May 2021"]
    assert near_headline(lines, ["", "The headline"]) == ["By Ida Berg", "4 May 2021", "3 May 2021"]
    assert near_headline(lines, ["Another"]) == []


LONG = "The council of Halvik met and kept the library open after a long debate about its roof. " * 4


@pytest.mark.parametrize("kind", ["meta", "entry-meta", "byline", "css-8"])
def test_a_page_is_dated_by_the_line_at_its_headline(kind):
    body = f"<div>Home News Sport</div><h1>Library stays</h1><div class={kind}>5 May 2021 | Ida Berg</div><p>{LONG}</p>"
    said = read_page(f"<!DOCTYPE html><html lang=en><head></head><body>{body}</body></html>").metadata
    assert (said.published, said.authors) == (date(2021, 5, 5), ("Ida Berg",))


def test_what_the_pages_head_says_comes_first():
    head = '<meta name="author" content="A B"><meta property="article:published_time" content="2020-01-02">'
    body = f"<h1>Library stays</h1><div>5 May 2021 | Ida Berg</div><p>{LONG}</p>"
    said = read_page(f"<!DOCTYPE html><html lang=en><head>{head}</head><body>{body}</body></html>").metadata
    assert (said.published, said.authors) == (date(2020, 1, 2), ("A B",))


def test_a_page_whose_title_names_the_site_alone_has_its_headline_as_title():
    body = f"<h1>Library stays</h1><p>{LONG}</p>"
    head = "<title>The Paper :: Sports</title>"
    page = f"<!DOCTYPE html><html lang=en><head>{head}</head><body>{body}</body></html>"
    assert read_page(page).metadata.title == "Library stays"


def told(text: str, location: str = "report.txt") -> Article:
    return make_article(Draft(text, "0" * 64, location, Metadata()), id="report")


def test_the_day_in_a_files_name_comes_before_those_in_its_text():
    made = told("On Sunday, 19 May 2024, the ferry came.\n\nPeople cheered it.", "2024-05-21_ferry.txt")
    assert (made.published, dict(made.origins)["published"]) == (date(2024, 5, 21), "file name")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("AVP REG 0742 / 08112023\n\nLe port de Kermadrec bloqué\n\nLe port est fermé.", "Le port de Kermadrec bloqué"),
        ("海东新闻社　第0118-01号\n\n临汐港去年吞吐量下降近一成\n\n临汐港去年下降。", "临汐港去年吞吐量下降近一成"),
        ("四地2024年财政预算\n\n各地通过下一年预算。", "四地2024年财政预算"),
        ("Halvik 2025\n\nThe council met.", "Halvik 2025"),
    ],
)
def test_an_agencys_number_is_no_title(text, title):
    assert told(text).title == title


def test_an_item_of_the_agenda_does_not_date_the_minutes():
    made = told(
        "Minutes of the council.\n\nPresent: 13.\n\nChair: Ada Holm.\n\n1. Opening.\n\n2. Bridge opens 30 April 2025"
    )
    assert made.published is None


@pytest.mark.parametrize(
    ("name", "day"),
    [("lbn-240305-1412.txt", date(2024, 3, 5)), ("lbn-240306-1412.txt", None), ("lbn-243005.txt", None)],
)
def test_six_figures_in_a_files_name_are_a_day_if_the_text_names_it_too(name, day):
    assert (
        told("LBN 1412 INR 150\n\nBron stängs\n\nLOMMERÖ, 5 mars. Bron stängs för tung trafik.", name).published == day
    )


def test_a_name_that_ends_in_a_vowel_sign_is_kept_whole():
    head = '<meta name="author" content="निधि बंजारे">'
    assert read_page(f"<html><head>{head}</head><body><p>{LONG}</p></body></html>").metadata.authors == ("निधि बंजारे",)


def test_the_menu_above_the_headline_and_the_legal_line_are_left_out():
    menu = "<div class=css-t><a href=/>The Paper</a><span>Local</span> <span>Sport</span> <span>Culture</span></div>"
    paragraphs = f"<div class=css-1>{LONG}</div><div class=css-2>{LONG.replace('council', 'mayor')}</div>"
    foot = "<div class=css-f>© 2025 The Paper. All rights reserved. Contact</div>"
    body = f"<div id=a>{menu}<div><h1>Library stays open in Halvik</h1></div>{paragraphs}{foot}</div>"
    page = f"<!DOCTYPE html><html lang=en><head><title>x</title></head><body>{body}</body></html>"
    assert read_page(page).text.splitlines()[0] == "Library stays open in Halvik"
    assert "©" not in read_page(page).text


def test_text_names_an_author_only_with_a_colon():
    assert byline("Text: Ida Berg", "en") == byline("By Ida Berg", "en") == ("Ida Berg",)
    assert byline("Text Messages Cost Council", "en") == ()
