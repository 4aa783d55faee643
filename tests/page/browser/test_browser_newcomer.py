"""A newcomer's path, without a word of explanation: ask, hover, open the report, upload, ask about the file, export."""

from __future__ import annotations

from browsing import expect
from fake_reports import FakeReports

from ui.strings import ENGLISH

BRIDGE = "A new bridge was opened in Lund on 3 March 2021. Its 109 lamps burn all night.\nPeople came from far."


def test_a_newcomer_finds_the_way(new_tab, tmp_path, serve):
    site = serve(FakeReports())
    page = new_tab(site.address)
    page.locator("#welcome .suggest").first.click()
    expect(page.locator("#log .verdict")).to_be_visible()

    marker = page.locator("#log a.marker")
    marker.hover()
    expect(page.locator("#tipcard .tip-quote")).to_contain_text("109 modeli")
    marker.click()
    expect(page.locator("#sources .report mark.chosen")).to_be_in_viewport()
    page.press(ENGLISH.expand)
    expect(page.locator("#sources .card.open")).to_be_visible()

    page.get_by_role("tab", name=ENGLISH.tab_collection).click()
    file = tmp_path / "bridge.txt"
    file.write_text(BRIDGE, encoding="utf-8")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=ENGLISH.upload_hint).click()
    chooser.value.set_files(str(file))
    expect(page.locator("#taken")).to_contain_text(ENGLISH.count(ENGLISH.added, 1))

    row = page.locator("#rows tr").filter(has_text="A new bridge")
    row.get_by_role("button", name=ENGLISH.ask_about).click()
    expect(page.locator("#filtered")).to_contain_text(ENGLISH.count(ENGLISH.filtered, 1))
    page.ask("How many lamps does the bridge have?")
    expect(page.locator("#sources .cited .report mark").first).to_contain_text("Its 109 lamps burn all night.")

    page.locator("#shelf .menu summary").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=ENGLISH.export_html).first.click()
    exported = waiting.value.path().read_text(encoding="utf-8")
    assert "Its 109 lamps" in exported and "<script" not in exported
