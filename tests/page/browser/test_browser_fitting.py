"""What fits on the screen: the question box, names of files, empty boxes of choices; and what a first page tells."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browsing import expect, until
from fake_reports import KIM_BANG, FakeReports, article

from ui.server import Limits
from ui.strings import ENGLISH, LANGUAGES

# A small phone, 200 % of a laptop, a wide and low window.
SCREENS = ({"width": 320, "height": 560}, {"width": 640, "height": 400}, {"width": 1280, "height": 400})
INSIDE = """() => [...document.querySelectorAll('#question textarea, #question .submit-button')].map(part => {
  const box = part.getBoundingClientRect();
  return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
    && part.scrollHeight <= part.clientHeight + 1;
})"""


def fits(page) -> None:
    """Wait until the question box is whole on each of the screens."""
    for screen in SCREENS:
        page.set_viewport_size(screen)
        page.evaluate("scrollTo(0, 0)")
        # Long enough for what follows a change of size; a busy machine takes longer.
        page.wait_for_timeout(200)
        until(page, lambda: page.evaluate(INSIDE) == [True, True])


@pytest.mark.parametrize("tag", ["en", "ms", "de"])
def test_the_question_box_is_whole_on_small_screens(new_tab, site, tag):
    page = new_tab(site.address, words=LANGUAGES[tag], locale=tag)
    fits(page)
    page.ask(KIM_BANG)
    expect(page.locator("#log .verdict")).to_be_visible()
    fits(page)


def test_an_empty_box_of_choices_says_that_it_means_all(page):
    page.get_by_role("button", name=ENGLISH.filters).click()
    box = page.locator("#filter-languages input")
    expect(box).to_have_attribute("placeholder", ENGLISH.filter_all)
    expect(page.locator("#filter-reports input")).to_have_attribute("placeholder", ENGLISH.filter_all)
    box.click()
    page.get_by_role("option", name="Polish").click()
    expect(box).to_have_attribute("placeholder", "")
    page.to(ENGLISH.tab_collection)
    expect(page.locator("#rows-places input")).to_have_attribute("placeholder", ENGLISH.filter_all)


def test_names_of_files_are_not_broken_inside_a_word(new_tab, serve):
    names = (
        "20240705_council_of_lund_minutes",
        "a_name_of_a_file_that_is_far_longer_than_any_column_should_ever_be.txt",
    )
    reports = [article("The council met in 2024. 109.", id=name, title="The council " * 12) for name in names]
    page = new_tab(serve(FakeReports(reports)).address)
    page.to(ENGLISH.tab_collection)
    for width in (1280, 1000, 900):
        page.set_viewport_size({"width": width, "height": 700})
        cells = page.locator("#rows .column-file bdi")
        expect(cells.first).to_be_visible()
        assert max(cells.evaluate_all("found => found.map(one => one.getClientRects().length)")) == 1
        assert max(cells.evaluate_all("found => found.map(one => one.offsetHeight)")) < 30
    expect(page.locator("#rows .column-file").last).to_have_attribute("title", names[1])


def test_the_first_page_tells_of_samples_and_of_a_missing_model_until_a_report_is_uploaded(new_tab, serve, tmp_path):
    # As of a program that was started where its home lies.
    reports = FakeReports(home=Path(os.path.relpath(tmp_path)))
    reports.llm = "none"
    site = serve(reports, Limits(samples=True))
    page = new_tab(site.address)
    aside = page.locator("#welcome .aside")
    expect(aside).to_have_text([ENGLISH.samples, ENGLISH.no_model])
    reports.llm = "bundled"
    reports.collection = [
        *reports.collection,
        article("New.", id="new", location=str(tmp_path / "uploads" / "new.txt")),
    ]
    page.reload()
    expect(page.locator("#welcome .suggest").first).to_be_visible()
    assert aside.count() == 0
