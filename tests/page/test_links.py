"""Links to a sentence: they come back as they were made, and know when the report has changed."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from ui.links import Link, link_of, link_to

TEXT = "Önce yağmur. Köprü kapandı & 50 % açıldı."
QUOTE = TEXT[13:]


def query(text: str) -> dict[str, str]:
    assert text[0] == "?"
    return dict(parse_qsl(text[1:], strict_parsing=True))


@pytest.mark.parametrize("id", ["rapor", "a b&c=d#e", "báo-cáo-1", "../x"])
def test_a_link_comes_back_as_it_was_made_and_holds_no_word_of_the_report(id):
    made = link_to(id, 13, len(TEXT), QUOTE)
    assert "Köprü" not in made and made.isascii()
    link = link_of(query(made))
    assert (link.report, link.start, link.end) == (id, 13, len(TEXT))
    assert link.fits(TEXT)


@pytest.mark.parametrize("text", [" " + TEXT, TEXT[:20], TEXT.replace("50", "60"), ""])
def test_a_report_that_has_changed_there_is_recognised(text):
    assert not link_of(query(link_to("a", 13, len(TEXT), QUOTE))).fits(text)


def test_what_changed_elsewhere_does_not_matter():
    assert link_of(query(link_to("a", 13, len(TEXT), QUOTE))).fits(TEXT + " Sonra kar.")


@pytest.mark.parametrize(
    "asked",
    [{}, {"report": "a"}, {"at": "1-2"}, {"report": "a", "at": "2-1"}, {"report": "a", "at": "x-9"},
     {"report": "a", "at": "-1-5"}, {"report": "", "at": "1-2"}, {"report": "a", "at": "1-" + "9" * 40}],
)  # fmt: skip
def test_what_cannot_be_read_is_no_link(asked):
    assert link_of(asked) is None


def test_a_link_by_hand_needs_no_hash():
    assert link_of({"report": "a", "at": "0-4"}) == Link("a", 0, 4)
    assert Link("a", 0, 4).fits(TEXT) and not Link("a", 0, 400).fits(TEXT)
