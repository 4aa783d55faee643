"""Conversations outlive the tab and the server, and go out as files; no way of breaking off loses one."""

from __future__ import annotations

import json
import shutil
import threading

import gradio as gr
import pytest
from browsing import expect, until
from fake_reports import KIM_BANG, POPULATION, FakeReports

from ui.chat_room import ChatRoom
from ui.conversations import FILE, Conversations
from ui.strings import ENGLISH

PROVEN = "#log .note.verdict:not(.weak)"


@pytest.fixture
def own_site(serve):
    """A site that one test has for itself."""
    return serve(FakeReports())


def menu(page, entry: str) -> None:
    page.locator("#shelf .menu summary").first.click()
    page.locator("#shelf .menu[open]").get_by_role("button", name=entry, exact=True).click()


def test_a_conversation_survives_a_reload_and_the_address_names_it(page):
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    page.reload()
    expect(page.locator(PROVEN)).to_be_visible()
    expect(page.locator("#sources .report mark")).to_be_visible()
    expect(page.locator("#shelf .talk.current")).to_have_attribute("aria-current", "true")


def test_it_survives_a_restart_of_the_server_in_mid_answer(own_site, new_tab, chromium):
    page = new_tab(own_site.address)
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    own_site.reports.gate.clear()
    page.ask(POPULATION)
    expect(page.locator("#sources .found")).to_be_visible()
    address = page.url
    # What a killed server leaves: the file as it was in mid-answer.
    left = own_site.reports.home / "as-it-was"
    left.mkdir()
    for part in own_site.reports.home.glob(f"{FILE}*"):
        shutil.copy(part, left)
    own_site.reports.gate.set()
    own_site.stop()
    for part in left.iterdir():
        shutil.move(part, own_site.reports.home / part.name)
    own_site.start()
    again = new_tab(address, context=page.context)
    expect(again.locator(PROVEN)).to_be_visible()
    expect(again.locator("#log .halted")).to_contain_text(ENGLISH.broken_off)
    again.locator("#log .wide.do-retry").click()
    expect(again.locator("#log .declined")).to_be_visible()
    expect(again.locator("#log .question")).to_have_text([KIM_BANG, POPULATION])
    page.faults.clear()  # the first tab lost its server, as was meant


def test_a_tab_that_lost_its_server_goes_on_with_the_next_one(own_site, new_tab):
    page = new_tab(own_site.address)
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    own_site.stop()
    own_site.start()
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    page.faults.clear()


def test_two_tabs_in_one_conversation_lose_no_question(page, new_tab):
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    other = new_tab(page.url, context=page.context)
    expect(other.locator(PROVEN)).to_be_visible()
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    other.ask("Who?")
    expect(other.locator("#log .question")).to_have_text([KIM_BANG, POPULATION, "Who?"])
    expect(other.get_by_text(ENGLISH.merged)).to_be_visible()
    page.reload()
    expect(page.locator("#log .question")).to_have_text([KIM_BANG, POPULATION, "Who?"])


def test_a_conversation_is_renamed_another_begun_and_the_first_deleted(page):
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    menu(page, ENGLISH.rename)
    page.get_by_label(ENGLISH.conversation_name).fill("Models <b>of</b> Kim Bang")
    page.keyboard.press("Enter")
    expect(page.locator("#shelf .talk")).to_have_text("Models <b>of</b> Kim Bang")
    page.press(ENGLISH.new_conversation)
    expect(page.locator("#welcome .suggest").first).to_be_visible()
    expect(page.locator("#log .question")).to_have_count(0)
    assert "talk=" not in page.url
    page.ask(POPULATION)
    expect(page.locator("#shelf .talk")).to_have_text([POPULATION, "Models <b>of</b> Kim Bang"])
    page.locator("#shelf .talk").nth(1).click()
    expect(page.locator(PROVEN)).to_be_visible()
    page.locator("#shelf .menu summary").nth(1).click()
    page.locator("#shelf .menu[open]").get_by_role("button", name=ENGLISH.delete).click()
    expect(page.locator("#shelf .talk")).to_have_text([POPULATION])
    expect(page.locator("#log .question")).to_have_count(0)


def test_a_conversation_is_exported_with_its_citations(page):
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    for entry, suffix in (
        (ENGLISH.export_markdown, ".md"),
        (ENGLISH.export_html, ".html"),
        (ENGLISH.export_json, ".json"),
    ):
        with page.expect_download() as waiting:
            menu(page, entry)
        assert waiting.value.suggested_filename.endswith(suffix)
        text = waiting.value.path().read_text(encoding="utf-8")
        assert KIM_BANG in text and "109 modeli" in text
    assert json.loads(text)[0]["citations"][0]["language"] == "pl"


def test_the_same_conversation_is_exported_as_often_as_it_is_asked_for(page):
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    names = []
    for _ in range(2):
        with page.expect_download() as waiting:
            menu(page, ENGLISH.export_json)
        names.append(waiting.value.suggested_filename)
    assert names[0] == names[1] and names[0].count(".") == 1


def test_what_was_begun_in_one_conversation_does_not_touch_another(own_site, new_tab):
    page = new_tab(own_site.address)
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    page.press(ENGLISH.new_conversation)
    expect(page.locator("#log .question")).to_have_count(0)
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    page.press(ENGLISH.edit)
    expect(page.locator(".editing")).to_be_visible()
    page.press(ENGLISH.thumbs_down)
    expect(page.locator(".commenting")).to_be_visible()
    page.locator("#shelf .talk").nth(1).click()
    expect(page.locator(PROVEN)).to_be_visible()
    expect(page.locator(".editing, .commenting")).to_have_count(0)
    expect(page.get_by_label(ENGLISH.question, exact=True)).to_have_value("")
    page.ask("Who?")
    expect(page.locator("#log .question")).to_have_text([KIM_BANG, "Who?"])


def test_an_order_for_another_conversation_is_not_carried_out(own_site, new_tab):
    """As of a tab whose list was drawn before another conversation was opened."""
    page = new_tab(own_site.address)
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    page.evaluate(
        """() => {
            const lever = (name, order) => {
                const box = document.querySelector(`#lever-${name} textarea`);
                box.value = JSON.stringify(order);
                box.dispatchEvent(new Event("input", { bubbles: true }));
            };
            lever("from", { turn: 1, id: "another" });
            lever("rate", { turn: 1, id: "down", ids: ["another"] });
        }"""
    )
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    expect(page.locator("#log .question")).to_have_text([KIM_BANG, POPULATION])
    assert Conversations(own_site.reports.home / FILE).rated() == ()


@pytest.mark.parametrize("way", ["deleted", "another opened"])
def test_an_answer_is_not_drawn_over_what_is_shown_instead(page, site, way):
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    page.press(ENGLISH.new_conversation)
    expect(page.locator("#log .question")).to_have_count(0)
    site.reports.gate.clear()
    page.ask(KIM_BANG)
    expect(page.locator("#sources .found")).to_be_visible()
    if way == "deleted":
        menu(page, ENGLISH.delete)
        expect(page.locator("#shelf .talk")).to_have_text([POPULATION])
    else:
        page.locator("#shelf .talk").nth(1).click()
    site.reports.gate.set()
    expect(page.get_by_role("button", name=ENGLISH.send)).to_be_visible()
    left = [] if way == "deleted" else [POPULATION]
    expect(page.locator("#log .question")).to_have_text(left)
    page.ask("Who?")
    expect(page.locator("#log .question")).to_have_text([*left, "Who?"])


def hold(monkeypatch, words):
    """Holds back whole messages with these words, or an empty list of them, on their way to a tab.

    Gives whether they are there, and what lets them go on.
    """
    there, free, prepare = threading.Event(), threading.Event(), gr.Chatbot.postprocess

    def late(log, messages):
        if (words.rstrip("?") in str(messages) and "do-edit" in str(messages)) if words else messages == []:
            there.set()
            free.wait(20)
        return prepare(log, messages)

    monkeypatch.setattr(gr.Chatbot, "postprocess", late)
    return there, free


def test_an_answer_that_reaches_the_tab_late_does_not_stay_over_what_was_opened(page, site, monkeypatch):
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    page.press(ENGLISH.new_conversation)
    expect(page.locator("#log .question")).to_have_count(0)
    site.reports.gate.clear()
    page.ask(KIM_BANG)
    expect(page.locator("#sources .found")).to_be_visible()
    held, free = hold(monkeypatch, KIM_BANG)
    site.reports.gate.set()
    assert held.wait(20)
    page.locator("#shelf .talk").nth(1).click()
    expect(page.locator("#log .question")).to_have_text([POPULATION])
    free.set()
    expect(page.get_by_role("button", name=ENGLISH.send)).to_be_visible()
    expect(page.locator("#log .question")).to_have_text([POPULATION])
    page.ask("Who?")
    expect(page.locator("#log .question")).to_have_text([POPULATION, "Who?"])


def test_of_two_conversations_opened_before_a_late_answer_ends_the_last_is_drawn(page, site, monkeypatch):
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    page.press(ENGLISH.new_conversation)
    expect(page.locator("#log .question")).to_have_count(0)
    site.reports.gate.clear()
    page.ask(KIM_BANG)
    expect(page.locator("#sources .found")).to_be_visible()
    held, free = hold(monkeypatch, KIM_BANG)
    site.reports.gate.set()
    assert held.wait(20)
    page.locator("#shelf .talk").nth(1).click()
    expect(page.locator("#log .question")).to_have_text([POPULATION])
    # It is drawn once more, over the late answer; on the way a third conversation is opened.
    held, then = hold(monkeypatch, POPULATION)
    free.set()
    assert held.wait(20)
    page.press(ENGLISH.new_conversation)
    expect(page.locator("#log .question")).to_have_count(0)
    held, last = hold(monkeypatch, "")
    then.set()
    assert held.wait(20)
    expect(page.locator("#log .question")).to_have_text([POPULATION])
    last.set()
    expect(page.locator("#log .question")).to_have_count(0)
    page.ask("Who?")
    expect(page.locator("#log .question")).to_have_text(["Who?"])


def test_what_is_typed_during_an_answer_stays_and_is_not_asked_before_its_end(page, site, monkeypatch):
    site.reports.gate.clear()
    page.ask(KIM_BANG)
    expect(page.locator("#sources .found")).to_be_visible()
    refused, is_busy = threading.Event(), ChatRoom._is_busy

    def told(room, request):
        if busy := is_busy(room, request):
            refused.set()
        return busy

    monkeypatch.setattr(ChatRoom, "_is_busy", told)
    box = page.get_by_label(ENGLISH.question, exact=True)
    box.fill(POPULATION)
    page.keyboard.press("Enter")
    assert refused.wait(20)  # what reaches the server after the answer's end is asked
    site.reports.gate.set()
    expect(page.locator(PROVEN)).to_be_visible()
    expect(page.get_by_role("button", name=ENGLISH.send)).to_be_visible()
    expect(box).to_have_value(POPULATION)
    expect(page.locator("#log .question")).to_have_text([KIM_BANG])
    box.press("Enter")
    expect(page.locator("#log .question")).to_have_text([KIM_BANG, POPULATION])


def test_an_edit_that_was_emptied_is_still_an_edit(page):
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    page.press(ENGLISH.edit)
    box = page.get_by_label(ENGLISH.question, exact=True)
    box.fill("")
    page.keyboard.press("Enter")
    expect(page.locator(".editing")).to_be_visible()
    box.fill(POPULATION)
    page.keyboard.press("Enter")
    expect(page.locator("#log .question")).to_have_text([POPULATION])
    expect(page.locator(".editing")).to_have_count(0)


def test_an_answer_is_copied_with_its_footnotes(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.ask(KIM_BANG)
    expect(page.locator(PROVEN)).to_be_visible()
    page.press(ENGLISH.copy)
    expect(page.locator("#said")).to_have_text(ENGLISH.copied)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Kim Bang melaporkan 109 model. [1]") and "[1] Do tej pory" in copied


def test_a_thumb_and_its_comment_are_kept_and_can_be_taken_back(page, site):
    page.ask(KIM_BANG)
    page.press(ENGLISH.thumbs_down)
    page.get_by_label(ENGLISH.comment_hint).fill("It is 108.")
    page.press(ENGLISH.save)
    down = page.get_by_role("button", name=ENGLISH.thumbs_down)
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".commenting")).to_have_count(0)
    kept = Conversations(site.reports.home / FILE)
    until(page, lambda: any(one.feedback.comment for one in kept.rated()))
    page.reload()
    expect(down).to_have_attribute("aria-pressed", "true")
    assert [(one.question, one.feedback.good, one.feedback.comment) for one in kept.rated()] == [
        (KIM_BANG, False, "It is 108.")
    ]
    page.to(ENGLISH.tab_evaluation)
    with page.expect_download() as waiting:
        page.press(ENGLISH.export_feedback)
    case = json.loads(waiting.value.path().read_text(encoding="utf-8"))
    assert case["question"] == KIM_BANG and "It is 108." in case["why"]
    page.to(ENGLISH.tab_chat)
    down.click()
    expect(down).to_have_attribute("aria-pressed", "false")
    assert kept.rated() == ()
    kept.close()
