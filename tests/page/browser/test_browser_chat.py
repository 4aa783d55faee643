"""The chat and its sources in a real browser: evidence first, markers that show and open, each way an answer can go."""

from __future__ import annotations

from datetime import date

from browsing import expect
from fake_reports import KIM_BANG, POPULATION, RIVAL, WEAK, FakeReports, sentence_with

from rag.models import Filters
from ui.chat_room import ASKING
from ui.messages_html import INSTALL
from ui.strings import ENGLISH, choose

ANSWER = "Kim Bang melaporkan 109 model."


def test_the_proof_stands_in_its_report_beside_the_answer(page, site):
    proof = sentence_with(site.reports.collection[-1], "109")
    site.reports.gate.clear()
    page.ask(KIM_BANG)
    found = page.locator("#sources .found blockquote").first
    expect(found).to_have_text(proof)
    assert page.locator("#log .answer").count() == 0, "the evidence comes before any word of the answer"
    site.reports.gate.set()

    answer = page.locator("#log .answer")
    expect(answer).to_contain_text("109")
    mark = page.locator("#sources .report mark")
    expect(mark).to_be_visible()
    expect(page.locator("#sources .found")).to_have_count(0)
    assert mark.evaluate("mark => mark.textContent") == proof
    report = page.locator("#sources .report")
    assert report.evaluate("box => box.textContent.replace(/^\\s+|\\s+$/g, '')").replace("1Do tej", "Do tej") == (
        site.reports.collection[-1].text.strip()
    )
    expect(report).to_have_attribute("lang", "pl")
    expect(page.locator("#sources .card")).to_contain_text("Polish")
    expect(mark).to_be_in_viewport()
    assert _inside(page, "#sources .report", "#sources .report .number"), "the report opens at the cited sentence"


def test_a_marker_brings_back_its_sentence_even_of_an_earlier_answer(page):
    page.ask(KIM_BANG)
    expect(page.locator("#sources .report mark")).to_be_visible()
    page.ask(POPULATION)
    expect(page.locator("#sources .nearest")).to_be_visible()
    expect(page.locator("#sources .cited mark")).to_be_hidden()
    marker = page.locator("#log a.marker")
    marker.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sources .report mark.chosen")).to_be_visible()
    expect(page.locator("#sources .nearest")).to_be_hidden()
    assert _inside(page, "#sources .cited .report", "#sources .report .number")
    assert page.evaluate("document.activeElement.id") == "citation-1-1"
    assert "#" not in page.url
    page.keyboard.press("Escape")
    expect(marker).to_be_focused()


def test_a_declined_question_looks_different_without_colour(page):
    page.ask(POPULATION)
    declined = page.locator("#log .declined")
    expect(declined).to_contain_text(ENGLISH.declined)
    expect(declined).to_have_css("font-style", "italic")
    expect(declined).to_have_css("border-left-style", "double")
    expect(page.locator("#sources .nearest h2")).to_have_text(ENGLISH.nearest_title)
    expect(page.locator("#sources .nearest blockquote").first).to_contain_text("109 modeli")
    expect(page.locator("#log a.marker, #sources .sources.cited")).to_have_count(0)
    page.locator("#sources .nearest summary").first.click()
    expect(page.locator("#sources .nearest .report mark").first).to_be_in_viewport()


def test_an_answer_can_be_stopped_and_the_next_question_asked(page, site):
    site.reports.gate.clear()
    page.ask(KIM_BANG)
    expect(page.locator("#sources .found")).to_be_visible()
    page.get_by_role("button", name=ENGLISH.stop).click()
    expect(page.locator("#log .halted")).to_contain_text(ENGLISH.stopped)
    expect(page.get_by_role("button", name=ENGLISH.send)).to_be_visible()
    site.reports.gate.set()
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    expect(page.locator("#log .halted")).to_have_count(1)


def test_the_whole_report_opens_and_closes(page):
    page.ask(KIM_BANG)
    report = page.locator("#sources .report")
    expect(report).to_be_visible()
    folded = report.bounding_box()["height"]
    page.get_by_role("button", name=ENGLISH.expand).click()
    assert report.bounding_box()["height"] > folded * 1.5
    page.locator("#proof").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(page.locator("#sources .report .number")).not_to_be_in_viewport()
    page.locator("#log a.marker").click()
    expect(page.locator("#sources .report .number")).to_be_in_viewport()
    page.get_by_role("button", name=ENGLISH.collapse).click()
    assert report.bounding_box()["height"] == folded


def test_a_marker_shows_quote_report_date_and_language_on_hover_and_on_focus(page, site):
    page.ask(KIM_BANG)
    marker, card = page.locator("#log a.marker"), page.locator("#tipcard")
    expect(marker).to_be_visible()
    assert not card.is_visible()
    marker.hover()
    expect(card).to_be_visible()
    expect(card.locator(".tip-quote")).to_have_text(sentence_with(site.reports.collection[-1], "109"))
    expect(card.locator(".tip-quote")).to_have_attribute("lang", "pl")
    expect(card.locator(".tip-from")).to_contain_text("Komitet Dystryktu")
    expect(card.locator(".tip-from")).to_contain_text("Polish")
    expect(card.locator(".tip-from")).to_contain_text(ENGLISH.undated)
    expect(marker).to_have_attribute("aria-describedby", "tipcard")
    card.hover()
    expect(card).to_be_visible()
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()
    marker.focus()
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_an_answer_that_is_only_probable_says_so_and_what_else_it_may_be(page, site, monkeypatch):
    monkeypatch.setattr(site.reports, "support", "weak")
    page.ask(KIM_BANG)
    probably = f"{ENGLISH.probably} ({ENGLISH.percent(WEAK)})"
    expect(page.locator("#log .note.weak")).to_contain_text(probably)
    expect(page.locator("#log .doubtful")).to_contain_text(ANSWER)
    expect(page.locator("#log .answer .short")).to_have_text("109")
    expect(page.locator("#sources .cited .odds").first).to_contain_text(probably)
    others = page.locator("#log .others")
    expect(others).to_contain_text(f"{ENGLISH.may_be} 29")
    expect(others).to_contain_text(f"({ENGLISH.percent(RIVAL)})")
    others.locator("a.marker").hover()
    expect(page.locator("#tipcard .tip-odds")).to_contain_text(f"{ENGLISH.may_be} 29")
    others.locator("a.marker").click()
    expect(page.locator("#sources .report mark.chosen")).to_be_in_viewport()
    assert page.evaluate("document.activeElement.id") == "citation-1-2"


def test_without_a_language_model_the_reports_own_words_are_named_as_such(page, site, monkeypatch):
    monkeypatch.setattr(site.reports, "llm", "none")
    page.ask(KIM_BANG)
    expect(page.locator("#log .own")).to_contain_text(ENGLISH.own_words.format(languages="Polish"))
    expect(page.locator("#log .own code")).to_have_text(INSTALL)
    translate = page.locator("#sources .do-translate").first
    expect(translate).to_be_visible()
    page.reload()
    expect(page.locator("#log .own")).to_be_visible()
    expect(page.locator("#sources .do-context").first).to_be_visible()
    expect(translate).to_be_hidden()


def test_a_model_gone_in_mid_answer_leaves_the_evidence_says_why_and_can_be_tried_again(page, site, monkeypatch):
    monkeypatch.setattr(site.reports, "model_gone", True)
    page.ask("gone?")
    expect(page.locator("#log .problem")).to_contain_text("went away")
    expect(page.locator("#log .answer")).to_contain_text("Kim Bang melaporkan")
    expect(page.locator("#sources .found blockquote").first).to_be_visible()
    site.reports.model_gone = False
    page.press(ENGLISH.retry)
    expect(page.locator("#log .verdict")).to_contain_text("Proven")
    expect(page.locator("#log .question")).to_have_count(1)


def test_an_empty_question_asks_for_nothing(page, site):
    before = len(site.reports.histories)
    page.ask("   ")
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    expect(page.locator("#log .question")).to_have_count(1)
    assert len(site.reports.histories) == before + 1


def test_a_question_that_is_too_long_comes_back_to_be_cut(page, site):
    long = "How many? " * 500
    page.ask(long)
    expect(page.get_by_text(ENGLISH.question_long.format(n=len(long), most=2000))).to_be_visible()
    expect(page.get_by_label(ENGLISH.question, exact=True)).to_have_value(long)
    expect(page.locator("#log .question")).to_have_count(0)


def test_a_question_is_edited_and_what_came_after_it_goes(page):
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_have_count(2)
    page.press(ENGLISH.edit)
    expect(page.get_by_label(ENGLISH.question, exact=True)).to_have_value(POPULATION)
    page.get_by_role("button", name=ENGLISH.cancel).click()
    expect(page.locator(".editing")).to_have_count(0)
    expect(page.get_by_label(ENGLISH.question, exact=True)).to_have_value("")
    page.press(ENGLISH.edit)
    expect(page.locator(".editing")).to_be_visible()
    page.ask(KIM_BANG)
    expect(page.locator("#log .answer:not(.declined)")).to_contain_text(ANSWER)
    expect(page.locator("#log .question")).to_have_text([KIM_BANG])
    expect(page.locator(".editing")).to_have_count(0)


def test_a_follow_up_carries_what_was_answered(page, site):
    page.ask(KIM_BANG)
    expect(page.locator("#log .verdict")).to_be_visible()
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    assert [turn.question for turn in site.reports.histories[-1]] == [KIM_BANG]


def test_a_sentence_is_translated_on_request_and_marked_as_made_by_a_machine(page, site, monkeypatch):
    page.ask(KIM_BANG)
    page.press(ENGLISH.translate)
    gloss = page.locator("#sources .gloss")
    expect(gloss.locator(".translated")).to_contain_text("(ms) DO TEJ PORY")
    expect(gloss).to_contain_text(ENGLISH.gloss)
    expect(gloss).to_contain_text(ENGLISH.gloss_note)
    monkeypatch.setattr(site.reports, "translates", False)
    page.ask(POPULATION)
    page.locator("#sources .nearest").get_by_role("button", name=ENGLISH.translate).first.click()
    expect(page.locator("#sources .nearest .glossary").first).to_contain_text(ENGLISH.no_gloss)


def test_a_suggested_question_is_asked_by_a_click(page):
    offer = page.locator("#welcome .suggest").first
    question = offer.inner_text()
    assert "Ninh Thuan" in question
    offer.click()
    expect(page.locator("#log .question")).to_have_text(question)
    expect(page.locator("#sources .report mark").first).to_be_visible()


def test_the_filters_say_what_they_leave_and_reach_the_reports(page, site):
    page.get_by_role("button", name=ENGLISH.filters).click()
    page.get_by_label(ENGLISH.filter_languages).first.click()
    page.get_by_role("option", name="Polish").click()
    page.keyboard.press("Escape")
    expect(page.locator("#filtered")).to_contain_text(ENGLISH.count(ENGLISH.filtered, 1))
    # The browser's own field takes nothing but a day, so that none is misread or left out in silence.
    since = page.get_by_label(ENGLISH.filter_since).first
    expect(since).to_have_attribute("type", "date")
    since.fill("2024-01-01")
    page.keyboard.press("Enter")
    expect(page.locator("#filtered")).to_contain_text(ENGLISH.no_match)
    page.ask(KIM_BANG)
    expect(page.locator("#log .verdict")).to_be_visible()
    assert site.reports.filters[-1] == Filters(("pl",), date(2024, 1, 1))


def test_two_people_have_two_conversations(page, new_tab, site):
    other = new_tab(site.address)
    page.ask(KIM_BANG)
    other.ask(POPULATION)
    expect(page.locator("#sources .report mark")).to_be_visible()
    expect(other.locator("#log .declined")).to_be_visible()
    assert page.locator("#log .declined").count() == 0
    assert other.locator("#sources .cited").count() == 0
    expect(other.locator("#shelf .talk")).to_have_text([POPULATION])


def test_who_waits_sees_the_evidence_and_the_place_in_line(new_tab, monkeypatch, serve):
    monkeypatch.setattr("ui.answer_stream.ANSWERED", 1)
    site = serve(FakeReports())
    site.reports.gate.clear()
    answered, second, third = (new_tab(site.address) for _ in range(3))
    answered.ask(KIM_BANG)
    expect(answered.locator("#log .status")).to_contain_text("found")
    for place, tab in enumerate((second, third), start=1):
        tab.ask(KIM_BANG)
        expect(tab.locator("#log .status")).to_contain_text(ENGLISH.queue_place.format(n=place))
        expect(tab.locator("#sources .found blockquote").first).to_be_visible()
    second.get_by_role("button", name=ENGLISH.stop).click()
    expect(third.locator("#log .status")).to_contain_text(ENGLISH.queue_place.format(n=1))
    site.reports.gate.set()
    for tab in (answered, third):
        expect(tab.locator("#log .verdict")).to_be_visible()
    expect(second.locator("#log .halted")).to_be_visible()


def test_a_question_that_finds_the_line_full_stays_in_the_box_and_can_be_sent_again(new_tab, monkeypatch, serve):
    monkeypatch.setattr("ui.page.IN_LINE", 1)
    monkeypatch.setitem(ASKING, "concurrency_limit", 1)
    german = choose("de")
    small = serve(FakeReports())
    small.reports.gate.clear()
    first, second = new_tab(small.address), new_tab(small.address)
    third = new_tab(small.address, words=german, locale="de-DE")
    first.ask(KIM_BANG)
    expect(first.locator("#log .status")).to_contain_text("found")
    with second.expect_response("**/queue/join*"):
        second.ask(KIM_BANG)
    third.ask(KIM_BANG)
    toasts = third.locator("[data-testid=toast-text]")
    expect(toasts.first).to_have_text(german.queue_full)
    expect(third.get_by_label(german.question, exact=True)).to_have_value(KIM_BANG)
    third.keyboard.press("Enter")
    # Refused again, as the page's own timer may be too; what is on the page already isn't told twice.
    expect(toasts.nth(1)).to_be_attached()
    expect(toasts.filter(visible=True)).to_have_text([german.queue_full])
    expect(third.get_by_label(german.question, exact=True)).to_have_value(KIM_BANG)
    small.reports.gate.set()
    expect(second.locator("#log .verdict")).to_be_visible()
    third.keyboard.press("Enter")
    expect(third.locator("#log .verdict")).to_be_visible()
    refused = [fault for fault in third.faults if "503" in fault]  # the browser's own line on the refusal
    third.faults[:] = [fault for fault in third.faults if fault not in refused]
    assert refused  # the page's own timer may be refused beside the question


def test_who_comes_when_too_many_wait_is_told_so_and_keeps_the_question(new_tab, monkeypatch, serve):
    monkeypatch.setattr("ui.answer_stream.ANSWERED", 1)
    monkeypatch.setattr("ui.answer_stream.WAITING", 1)
    site = serve(FakeReports())
    site.reports.gate.clear()
    polish = choose("pl")
    first, second = new_tab(site.address), new_tab(site.address)
    third = new_tab(site.address, words=polish, locale="pl-PL")
    first.ask(KIM_BANG)
    expect(first.locator("#log .status")).to_contain_text("found")
    second.ask(KIM_BANG)
    expect(second.locator("#log .status")).to_contain_text(ENGLISH.queue_place.format(n=1))
    third.ask(KIM_BANG)
    expect(third.locator("[data-testid=toast-text]")).to_have_text(polish.queue_full)
    expect(third.get_by_label(polish.question, exact=True)).to_have_value(KIM_BANG)
    assert third.locator("#log .question").count() == 0, "nothing is stored of it"
    site.reports.gate.set()
    expect(second.locator("#log .verdict")).to_be_visible()
    third.keyboard.press("Enter")
    expect(third.locator("#log .verdict")).to_be_visible()


def test_who_closes_the_tab_leaves_the_queue(new_tab, monkeypatch, serve):
    monkeypatch.setattr("ui.answer_stream.ANSWERED", 1)
    site = serve(FakeReports())
    site.reports.gate.clear()
    first, second, third = (new_tab(site.address) for _ in range(3))
    first.ask(KIM_BANG)
    expect(first.locator("#log .status")).to_contain_text("found")
    for place, tab in enumerate((second, third), start=1):
        tab.ask(KIM_BANG)
        expect(tab.locator("#log .status")).to_contain_text(ENGLISH.queue_place.format(n=place))
    second.tab.close()
    expect(third.locator("#log .status")).to_contain_text(ENGLISH.queue_place.format(n=1))
    site.reports.gate.set()
    expect(third.locator("#log .verdict")).to_be_visible()


def _inside(page, box: str, thing: str) -> bool:
    outer, inner = page.locator(box).first.bounding_box(), page.locator(thing).first.bounding_box()
    return outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= outer["y"] + outer["height"]
