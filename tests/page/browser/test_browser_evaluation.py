"""The evaluation tab in a real browser: a run opened, two compared, and where there is none."""

from __future__ import annotations

from browsing import expect
from fake_reports import FakeReports
from kept_runs import keep_two_runs
from test_browser_everyone import grave

from ui.server import Limits
from ui.strings import ENGLISH


def choose(page, label: str, name: str) -> None:
    page.get_by_label(label).click()
    # the list that was opened before fades out
    page.get_by_role("option", name=name).last.click()


def test_a_run_is_opened_and_held_against_another(new_tab, tmp_path, serve):
    keep_two_runs(tmp_path)
    site = serve(FakeReports(), Limits(runs=tmp_path))
    page = new_tab(site.address)
    page.to(ENGLISH.tab_evaluation)
    expect(page.locator("#runs-told")).to_contain_text(ENGLISH.evaluation_intro)
    choose(page, ENGLISH.open_run, "first")
    expect(page.locator("#compared table").first).to_be_visible()
    expect(page.locator("#compared .change")).to_have_count(0)
    choose(page, ENGLISH.compare_with, "second")
    changes = page.locator("#compared .change")
    expect(changes).to_have_count(3)
    lost = page.locator("#compared .change.worse")
    expect(lost).to_contain_text("Ile modeli <b>zgłoszono</b>?")
    before, after = (lost.locator(".pair > div").nth(n).bounding_box() for n in (0, 1))
    assert before["y"] == after["y"] and before["x"] < after["x"], "side by side"
    assert grave(page) == []


def test_where_there_is_no_run_the_command_is_told(new_tab, tmp_path, serve):
    site = serve(FakeReports(), Limits(runs=tmp_path))
    page = new_tab(site.address)
    page.to(ENGLISH.tab_evaluation)
    expect(page.locator("#runs-told")).to_contain_text("askreports evaluate")
