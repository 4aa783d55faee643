"""What an answer is defended by, in a real browser: context, links, exact phrases, the language to answer in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from browsing import expect, until
from fake_reports import KIM_BANG, FakeReports, answer, article, citation, sentence_with
from gradio.utils import get_upload_folder

from rag.models import AnswerReady, EvidenceFound, TextDelta
from ui.links import link_of
from ui.strings import ENGLISH

ARABIC = "NATO أعلن إغلاق الجسر أمس."


class Defended(FakeReports):
    """Follow-ups are read with the question before; Arabic is answered in Arabic."""

    def __init__(self) -> None:
        super().__init__()
        self.collection = [*self.collection, article(ARABIC, id="جسر 1", language="ar", published=date(2024, 7, 4))]

    def stream(self, question, **options):
        if "جسر" in question:
            report = self.collection[-1]
            made = replace(answer(question, "NATO أعلن ذلك. [1]", [citation(report, ARABIC)], []), language="ar")
        elif question == "And then?":
            self.asked.append(options)
            follows = "" if options.get("alone") or not options.get("history") else KIM_BANG
            made = replace(answer(question, "Nothing.", [], []), follows=follows, kind="talk")
        else:
            self.collection, held = self.collection[:-1], self.collection
            try:
                yield from super().stream(question, **options)
            finally:
                self.collection = held
            return
        yield EvidenceFound(made.hits)
        yield TextDelta(made.text)
        yield AnswerReady(made)


@pytest.fixture
def own_site(serve):
    return serve(Defended())


def test_a_quote_is_shown_with_the_sentences_around_it_when_asked_for(page, site):
    page.ask(KIM_BANG)
    page.press(ENGLISH.context)
    shown = page.locator("#sources blockquote.context")
    proof = sentence_with(site.reports.collection[-1], "109")
    expect(shown.locator(".sought")).to_have_text(proof)
    told = shown.evaluate("quote => quote.textContent")
    assert proof in told and len(told) > len(proof) + 20
    assert told in site.reports.collection[-1].text
    expect(shown).to_be_focused()


def test_of_a_report_that_changed_no_other_sentence_is_shown_or_translated(own_site, new_tab):
    page = new_tab(own_site.address)
    page.ask(KIM_BANG)
    expect(page.locator("#sources .report mark")).to_be_visible()
    own_site.reports.collection = [
        replace(report, text=f"A new first sentence. {report.text}") for report in own_site.reports.collection
    ]
    page.press(ENGLISH.translate)
    expect(page.locator("#sources .glossary")).to_contain_text(ENGLISH.changed)
    page.press(ENGLISH.context)
    expect(page.locator("#sources .around")).to_contain_text(ENGLISH.changed)
    page.reload()
    expect(page.locator("#sources .cited")).to_contain_text(ENGLISH.changed)
    expect(page.locator("#sources .cited").get_by_role("button", name=ENGLISH.translate)).to_have_count(0)


def test_a_link_to_a_quote_opens_its_report_there(page, site):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.ask(KIM_BANG)
    page.locator("#sources .do-link").first.click()
    expect(page.locator("#said")).to_have_text(ENGLISH.link_copied)
    address = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(re.escape(site.address) + r"\?report=[^&]+&at=\d+-\d+&quote=[0-9a-f]{12}", address)
    page.to_address(address)
    mark = page.locator("#reader .report mark")
    expect(mark).to_be_in_viewport()
    assert mark.evaluate("mark => mark.textContent") == sentence_with(site.reports.collection[-1], "109")
    assert "report=" in page.url
    page.to(ENGLISH.tab_chat)
    expect(page.locator("#question textarea")).to_be_visible()
    assert "report=" not in page.url

    start, end = map(int, re.search(r"at=(\d+)-(\d+)", address).groups())
    page.to_address(address.replace(f"at={start}-{end}", f"at={start + 1}-{end}"))
    expect(page.locator("#reader .hint")).to_have_text(ENGLISH.link_changed)
    expect(page.locator("#reader mark")).to_have_count(0)
    page.to_address(f"{site.address}?report=nowhere&at=1-2")
    expect(page.locator("#reader .linked")).to_have_text(ENGLISH.link_gone)


def test_an_exact_phrase_is_found_and_opened_at_its_place(page, site):
    page.to(ENGLISH.tab_collection)
    box = page.get_by_label(ENGLISH.phrase)
    box.fill("109 modeli")
    box.press("Enter")
    found = page.locator("#phrases .do-quote")
    expect(found).to_have_count(1)
    expect(found.locator("mark")).to_have_text("109 modeli")
    expect(page.locator("#phrases .hint")).to_have_text("1 sentence contains these words")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#phrases .do-link").click()
    expect(page.locator("#said")).to_have_text(ENGLISH.link_copied)
    link = link_of(dict(parse_qsl(urlsplit(page.evaluate("navigator.clipboard.readText()")).query)))
    held = site.reports.article(link.report)
    assert link.fits(held.text) and held.text[link.start : link.end] == sentence_with(held, "109 modeli")
    found.click()
    mark = page.locator("#reader .report mark")
    expect(mark).to_be_in_viewport()
    assert "109 modeli" in mark.evaluate("mark => mark.textContent")
    box.fill("no such <b>words</b>")
    box.press("Enter")
    expect(page.locator("#phrases")).to_have_text(ENGLISH.phrase_none)


def test_the_language_to_answer_in_is_chosen_by_hand(page, site):
    page.ask(KIM_BANG)
    expect(page.locator("#log .answer")).to_contain_text("109")
    assert (site.reports.asked[-1]["answer_language"], site.reports.asked[-1]["default_language"]) == ("", "en")
    page.get_by_label(ENGLISH.answer_in).click()
    page.get_by_role("option", name="Arabic", exact=True).click()
    page.ask(KIM_BANG)
    expect(page.locator("#log .answer")).to_have_count(2)
    assert site.reports.asked[-1]["answer_language"] == "ar"


def test_a_follow_up_can_be_asked_as_typed(own_site, new_tab):
    page = new_tab(own_site.address)
    page.ask(KIM_BANG)
    expect(page.locator("#log .answer")).to_contain_text("109")
    page.ask("And then?")
    expect(page.locator("#log .follows")).to_contain_text(KIM_BANG)
    page.press(ENGLISH.as_typed)
    expect(page.locator("#log .follows")).to_have_count(0)
    expect(page.locator("#log .answer").last).to_have_text("Nothing.")
    assert own_site.reports.asked[-1]["alone"] is True and own_site.reports.asked[-1]["history"] == []
    expect(page.locator("#log .note")).to_have_count(1), "small talk has no verdict"


def test_arabic_is_set_from_the_right_and_its_days_are_computed(own_site, new_tab):
    page = new_tab(own_site.address)
    page.ask("متى أغلق جسر؟")
    for place in ("#log .answer", "#sources .report"):
        expect(page.locator(place)).to_have_css("direction", "rtl")
        assert page.locator(place).evaluate("box => getComputedStyle(box).textAlign") in ("start", "right")
    expect(page.locator("#sources .days")).to_contain_text("“\u2068أمس\u2069”: 3 July 2024")


def test_an_answer_whose_report_is_removed_is_erased_where_it_is_shown(own_site, new_tab):
    own_site.reports.collection = [replace(one, location=f"/x/{one.id}.txt") for one in own_site.reports.collection]
    page = new_tab(own_site.address)
    page.ask(KIM_BANG)
    expect(page.locator("#log .answer")).to_contain_text("109")
    edited = own_site.reports.collection[4]
    own_site.reports.collection[4] = replace(edited, text=edited.text + "\n", sha256="other")
    page.reload()
    expect(page.locator("#log .note.stale")).to_contain_text(ENGLISH.stale_edited)
    own_site.reports.collection[4] = replace(edited, text="Nowy. " + edited.text, sha256="other")
    page.reload()
    expect(page.locator("#log .note.stale")).to_contain_text(ENGLISH.stale_changed)
    del own_site.reports.collection[4]
    page.reload()
    expect(page.locator("#log .note.stale")).to_contain_text(ENGLISH.stale_gone)


def test_what_was_exported_goes_with_a_removed_report(own_site, new_tab):
    def held():
        return {path for path in Path(get_upload_folder()).rglob("*.json") if path.is_file()}

    before = held()
    page = new_tab(own_site.address)
    page.ask(KIM_BANG)
    expect(page.locator("#log .answer")).to_contain_text("109")
    page.locator("#shelf .menu summary").first.click()
    with page.expect_download() as download:
        page.press(ENGLISH.export_json)
    assert "109 modeli" in download.value.path().read_text("utf-8")

    assert held() - before
    page.to(ENGLISH.tab_collection)
    page.locator("#rows .do-remove-one").last.click()
    expect(page.locator("#rows tbody tr")).to_have_count(5)
    until(page, lambda: not held() - before)
