"""What the filters hold -> which reports may answer."""

from __future__ import annotations

from datetime import date

import pytest
from fake_reports import seeds
from html_reader import Reader

from rag.errors import QuestionError
from rag.models import Filters
from ui import filtering
from ui.filtering import filtered_html, offer, offered, only, read, settled
from ui.strings import ENGLISH


def test_the_four_fields_become_filters_and_empty_ones_leave_nothing_out():
    assert read((["pl"], ["a"], "2024-01-02", ""), ENGLISH) == Filters(("pl",), date(2024, 1, 2), None, ("a",))
    assert read((None, None, None, None), ENGLISH) == Filters()


def test_a_day_that_is_none_is_named_with_the_way_out():
    with pytest.raises(QuestionError, match="31.2.2024.*2024-07-05"):
        read(([], [], "31.2.2024", ""), ENGLISH)


def test_how_many_reports_are_left_is_told_and_nothing_when_all_are():
    assert filtered_html(seeds(), ([], [], "", ""), ENGLISH) == ""
    assert (
        ENGLISH.count(ENGLISH.filtered, 2) in Reader(filtered_html(seeds(), (["pl", "de"], [], "", ""), ENGLISH)).text
    )
    assert ENGLISH.no_match in Reader(filtered_html(seeds(), (["pl"], [], "2099-01-01", ""), ENGLISH)).text
    assert "tomorrow" in Reader(filtered_html(seeds(), ([], [], "tomorrow", ""), ENGLISH)).text


def test_what_the_collection_has_no_more_is_no_filter_and_is_taken_away():
    reports = seeds()
    chosen = (["pl", "sv"], ["gone"], "", "")
    assert offered(read(chosen, ENGLISH), reports) == Filters(("pl",))
    told, languages, articles = settled(chosen, reports, ENGLISH)
    assert ENGLISH.count(ENGLISH.filtered, 1) in Reader(told).text
    assert (languages["value"], articles["value"]) == (["pl"], [])
    told, languages, articles = settled((["pl"], None, "", ""), reports, ENGLISH)
    assert "value" not in languages and "value" not in articles


def test_a_report_far_down_is_offered_when_it_is_asked_about(monkeypatch):
    monkeypatch.setattr(filtering, "OFFERED_REPORTS", 2)
    reports = seeds()
    update = only(reports[4], reports, ENGLISH)
    assert update["value"] == [reports[4].id] and [id for _, id in update["choices"]][2:] == [reports[4].id]
    assert len(only(reports[0], reports, ENGLISH)["choices"]) == 2


def test_reports_without_a_date_are_told_and_the_way_out():
    assert Reader(filtered_html(seeds(), ([], [], "2024-01-01", ""), ENGLISH)).text.endswith(
        "The filters leave 2 of 5 reports. 2 reports have no date, so no range of dates includes them."
    )
    nothing = Reader(filtered_html(seeds(), (["pl"], [], "2024-01-01", ""), ENGLISH)).text
    assert ENGLISH.no_match in nothing and "0 of 5" in nothing and "1 report has no date" in nothing
    assert nothing.endswith(ENGLISH.left_none)


def test_days_in_the_wrong_order_are_named():
    with pytest.raises(QuestionError, match="2 May 2024 is after 1 May 2024; swap"):
        read(([], [], "2024-05-02", "2024-05-01"), ENGLISH)


def test_the_lists_offer_each_language_once_by_name_and_every_report():
    languages, reports = offer(seeds(), ENGLISH)
    assert ("Polish", "pl") in languages["choices"] and len(languages["choices"]) == 5
    assert [id for _, id in reports["choices"]] == [report.id for report in seeds()]
