"""Which reports are shown, in which order, in all the languages of the page."""

from __future__ import annotations

from datetime import date

import pytest
from fake_reports import article

from rag.models import Filters
from ui.listing import View, languages_of, places_of, rows


def made(id, language, title, day, *places, **more):
    fields = {"published": day, "places": places, "location": f"/in/{id}.txt", **more}
    return article("x", id=id, language=language, title=title, **fields)


ARTICLES = [
    made("a1", "vi", "Trận lụt ở Kim Bảng", date(2024, 9, 10), "Kim Bảng", authors=("Đỗ Việt Anh",)),
    made("b2", "pl", "Żniwa w Świnoujściu", date(2023, 12, 1), "Kim Bang", source_url="https://example.org/zniwa"),
    made("c3", "tr", "Işıklı sokaklar", date(2023, 12, 21), "Thai Binh", "İstanbul"),
    made("d4", "es", "Año nuevo en Ninh Binh", None, "Ninh Binh"),
    made("e5", "de-AT", "Über die Ernte", date(2024, 3, 3)),
    made("f6", "ms", "Jambatan baharu", date(2024, 7, 5), "Ninh Thuan"),
    made("g7", "en", "A hall opened", date(2024, 5, 2), "Kim Bang", location="/in/Zoë-report.txt"),
]


def ids(**view):
    return "".join(article.id[0] for article in rows(ARTICLES, View(**view)))


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", "afgecbd"),
        ("oldest", "bcegfad"),
        ("title", "gdcfaeb"),
        ("language", "egdfbca"),
        ("place", "agbdfce"),
        ("file", "abcdefg"),
    ],
)
def test_an_order(sort, order):
    assert ids(sort=sort) == order


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("kim bang", "agb"),
        ("KIM BẢNG", "agb"),
        ("Kim Ba\u0309ng", "agb"),
        ("do viet anh", "a"),
        ("zniwa", "b"),
        ("żniwa", "b"),
        ("ŚWINOUJŚCIU", "b"),
        ("isikli", "c"),
        ("İSTANBUL", "c"),
        ("istanbul", "c"),
        ("ano nuevo", "d"),
        ("uber ernte", "e"),
        ("ernte über", "e"),
        ("jambatan baharu", "f"),
        ("2024-05", "g"),
        ("zoe report", "g"),
        ("f6", "f"),
        ("example.org", "b"),
        ("kim hall", "g"),
        ("kim ernte", ""),
        ("   ", "afgecbd"),
        (".*", ""),
        ("x" * 10_000, ""),
    ],
)
def test_a_search_goes_without_case_and_marks_and_wants_every_word(search, found):
    assert ids(search=search) == found


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(languages=("de",)), "e"),
        (Filters(languages=("pl", "tr")), "cb"),
        (Filters(since=date(2024, 5, 2)), "afg"),
        (Filters(until=date(2023, 12, 1)), "b"),
        (Filters(since=date(2023, 12, 2), until=date(2024, 3, 3)), "ec"),
        (Filters(articles=("d4",)), "d"),
    ],
)
def test_the_filters_are_those_of_a_question(filters, found):
    assert ids(filters=filters) == found


def test_places_are_the_same_with_and_without_marks():
    assert ids(places=("Kim Bang",)) == ids(places=("kim bảng",)) == "agb"
    assert ids(places=("Ninh Binh", "İstanbul")) == "cd"
    assert ids(places=("Nowhere",)) == ""
    assert ids(places=("Kim Bang",), search="hall", filters=Filters(languages=("en",))) == "g"


def test_the_places_to_choose_from_are_counted_together():
    assert places_of(ARTICLES) == ["Kim Bang", "İstanbul", "Ninh Binh", "Ninh Thuan", "Thai Binh"]


def test_the_languages_to_choose_from():
    assert languages_of([*ARTICLES, ARTICLES[4]]) == ["de", "en", "es", "ms", "pl", "tr", "vi"]
    assert languages_of([]) == places_of([]) == rows([], View()) == []
