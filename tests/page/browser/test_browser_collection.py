"""The collection in a real browser: the list, uploads good and bad, removal, and a chat that none of it holds up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browsing import expect
from fake_reports import KIM_BANG, FakeReports

from rag.models import Warned
from ui.server import Limits
from ui.strings import ENGLISH

BRIDGE = "A new bridge was opened in Lund on 3 March 2021. It cost 12 million crowns.\n"
MARKUP = (
    '<script>window.hacked=1</script><img src="http://evil.example/x.png" onerror="window.hacked=1">'
    '<form action="http://evil.example/"><input name="password"></form> Sixteen boats were counted.\n'
)


@pytest.fixture
def own_site(serve):
    """A site that one test has for itself, with room for little."""
    return serve(FakeReports(), Limits(upload_mb=0.05, upload_files=5))


@pytest.fixture
def room(own_site, new_tab):
    page = new_tab(own_site.address)
    page.to(ENGLISH.tab_collection)
    expect(page.locator("#rows tbody tr")).to_have_count(5)
    return page


def upload(page, folder, **files: bytes) -> None:
    paths = []
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content)
        paths.append(str(path))
    page.set_input_files("#files", paths)


def titles(page) -> list[str]:
    return page.locator("#rows .do-read").all_inner_texts()


def test_the_list_is_searched_sorted_and_filtered(room):
    room.get_by_label(ENGLISH.search_reports).fill("kim bang")
    expect(room.locator("#rows tbody tr")).to_have_count(1)
    expect(room.locator("#rows .column-language").last).to_have_text("Polish")
    room.get_by_label(ENGLISH.search_reports).fill("")
    expect(room.locator("#rows tbody tr")).to_have_count(5)
    newest = titles(room)
    room.get_by_role("button", name=ENGLISH.column_date).click()
    expect(room.locator("#rows th.column-date").first).to_have_attribute("aria-sort", "ascending")
    assert titles(room)[:3] == newest[2::-1]
    room.get_by_role("button", name=ENGLISH.column_title).click()
    expect(room.locator("#rows th.column-title").first).to_have_attribute("aria-sort", "ascending")
    assert titles(room) == sorted(newest)
    room.locator("#rows-places input").click()
    room.get_by_role("option", name="Ninh Son").click()
    expect(room.locator("#rows tbody tr")).to_have_count(1)
    expect(room.locator("#rows .column-language").last).to_have_text("German")


def test_a_report_opens_whole_and_can_be_asked_about_alone(room, own_site):
    room.get_by_role("button", name="Komitet Dystryktu").click()
    expect(room.locator("#reader .report")).to_contain_text("109 modeli")
    room.locator("#reader").get_by_role("button", name=ENGLISH.ask_about).click()
    expect(room.locator("#filtered")).to_contain_text(ENGLISH.count(ENGLISH.filtered, 1))
    room.ask(KIM_BANG)
    expect(room.locator("#log .verdict")).to_be_visible()
    assert own_site.reports.filters[-1].articles == (own_site.reports.collection[4].id,)


def test_files_are_taken_and_each_that_is_not_says_why(room, own_site, tmp_path, monkeypatch):
    add, warned = own_site.reports.add, (Warned("bridge.txt", "its end is missing"),)
    monkeypatch.setattr(own_site.reports, "add", lambda *paths, **more: replace(add(*paths, **more), warned=warned))
    upload(
        room,
        tmp_path,
        bridge__txt=BRIDGE.encode(),
        program__txt=b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 20,
        archive__zip=b"PK\x03\x04" + bytes(200),
        empty__txt=b"",
        large__txt=b"a" * 200_000,
    )
    told = room.locator("#taken")
    expect(told.locator(".done")).to_have_text(ENGLISH.count(ENGLISH.added, 1))
    expect(told.locator(".warned li")).to_have_text("bridge.txt its end is missing")
    skipped = told.locator(".skipped li")
    expect(skipped).to_have_count(4)
    for name, reason in (
        ("program.txt", "program"),
        ("archive.zip", ENGLISH.skip_format),
        ("empty.txt", ENGLISH.skip_empty),
        ("large.txt", ENGLISH.skip_large.format(mb="0.05")),
    ):
        expect(skipped.filter(has_text=name)).to_contain_text(reason)
    expect(room.locator("#rows tbody tr")).to_have_count(6)
    expect(room.locator("#head .chips")).to_contain_text(ENGLISH.count(ENGLISH.reports, 6))
    assert [path.name for path in (own_site.reports.home / "uploads").iterdir()] == ["bridge.txt"]
    upload(room, tmp_path, again__txt=BRIDGE.encode())
    expect(skipped).to_have_count(1)
    expect(skipped).to_contain_text("has the same text")


def test_more_files_than_are_taken_at_once_are_counted_out(room, own_site, tmp_path):
    upload(room, tmp_path, **{f"r{n}__txt": f"Report {n} of the harbour.".encode() for n in range(9)})
    expect(room.locator("#taken .done")).to_have_text(ENGLISH.count(ENGLISH.added, 5))
    expect(room.locator("#taken .skipped li")).to_have_count(4)
    expect(room.locator("#taken .skipped li").first).to_contain_text(ENGLISH.skip_many.format(files=5))


def test_five_hundred_files_and_one_of_200_megabytes(new_tab, tmp_path, serve):
    site = serve(FakeReports(), Limits(upload_files=20))
    page = new_tab(site.address)
    page.to(ENGLISH.tab_collection)
    expect(page.locator("#rows tbody tr")).to_have_count(5)
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    paths = [huge]
    for n in range(500):
        paths.append(tmp_path / f"r{n:03}.txt")
        paths[-1].write_text(f"Report {n} of the harbour.", encoding="utf-8")
    page.set_input_files("#files", [str(path) for path in paths])
    expect(page.locator("#taken .done")).to_have_text(ENGLISH.count(ENGLISH.added, 20))
    skipped = page.locator("#taken .skipped")
    expect(skipped.filter(has_text=ENGLISH.count(ENGLISH.skipped, 481))).to_be_visible()
    expect(skipped.locator("li").filter(has_text="huge.txt")).to_contain_text("25 MB")
    assert len(site.reports.articles()) == 25


def test_rows_between_bars_are_seen_as_a_table(room, tmp_path):
    rows = "| Town | Boats |\n| --- | --- |\n| Lund | 16 |\n| Oslo | 9 |"
    upload(room, tmp_path, boats__txt=f"Boats were counted.\n\n{rows}\n\nThe harbour is full.\n".encode())
    expect(room.locator("#taken .done")).to_be_visible()
    room.get_by_role("button", name="Boats were counted").click()
    report = room.locator("#reader .report")
    expect(report).to_contain_text(rows)
    for role, said in (("columnheader", "Town Boats"), ("cell", "Lund 16 Oslo 9")):
        assert [cell.strip() for cell in report.get_by_role(role).all_inner_texts()] == said.split()


def test_a_file_with_markup_is_text_like_any_other(room, own_site, tmp_path):
    upload(room, tmp_path, markup__txt=MARKUP.encode())
    expect(room.locator("#taken .done")).to_be_visible()
    room.get_by_role("button", name="<script>").click()
    expect(room.locator("#reader .report")).to_contain_text("Sixteen boats")
    assert room.locator("#reader :is(script, img, form, input), #rows :is(script, img, form)").count() == 0
    assert room.evaluate("window.hacked") is None


def test_files_are_dropped_on_the_field(room):
    room.evaluate(
        """text => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], "dropped.txt", { type: "text/plain" }));
          const zone = document.getElementById("dropzone");
          for (const name of ["dragover", "drop"])
            zone.dispatchEvent(new DragEvent(name, { dataTransfer: carried, bubbles: true, cancelable: true }));
        }""",
        BRIDGE,
    )
    expect(room.locator("#taken .done")).to_have_text(ENGLISH.count(ENGLISH.added, 1))
    expect(room.get_by_role("button", name="A new bridge")).to_be_visible()


def test_the_chat_answers_while_files_are_read_in(room, own_site, tmp_path):
    own_site.reports.may_index.clear()
    upload(room, tmp_path, bridge__txt=BRIDGE.encode())
    expect(room.locator("#taken .working")).to_contain_text(ENGLISH.working)
    room.to(ENGLISH.tab_chat)
    room.ask(KIM_BANG)
    expect(room.locator("#log .verdict")).to_be_visible()
    own_site.reports.may_index.set()
    room.to(ENGLISH.tab_collection)
    expect(room.locator("#taken .done")).to_have_text(ENGLISH.count(ENGLISH.added, 1))


def test_reports_are_removed_one_by_one_and_several_at_once(room, own_site):
    room.locator("#rows .do-remove-one").first.click()
    expect(room.locator("#taken .done")).to_have_text(ENGLISH.count(ENGLISH.removed, 1))
    expect(room.locator("#rows tbody tr")).to_have_count(4)
    remove = room.locator("#rows .do-remove-chosen")
    expect(remove).to_be_disabled()
    room.locator("#rows input.pick").nth(0).check()
    room.locator("#rows input.pick").nth(2).check()
    expect(remove).to_contain_text("2")
    remove.click()
    expect(room.locator("#rows tbody tr")).to_have_count(2)
    room.get_by_label(ENGLISH.select_all).check()
    remove.click()
    expect(room.locator("#rows")).to_contain_text(ENGLISH.no_match)
    assert own_site.reports.articles() == []
    room.to(ENGLISH.tab_chat)
    expect(room.locator("#sources")).to_contain_text(ENGLISH.empty_collection)
    room.locator("#sources").get_by_role("button", name=ENGLISH.upload).click()
    expect(room.locator("#dropzone")).to_be_visible()


def test_everything_is_looked_at_again_or_read_anew(room):
    room.press(ENGLISH.refresh)
    expect(room.locator("#taken .done")).to_have_text(ENGLISH.unchanged)
    room.press(ENGLISH.reindex)
    expect(room.locator("#taken .done")).to_have_text(ENGLISH.count(ENGLISH.updated, 5))
