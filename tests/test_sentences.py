"""The whole path with the bundled language model, on the five reports; and once in a real browser."""

from __future__ import annotations

import pytest
from browsing import chromium, expect, in_browser, served, watch

from rag import Reports, Settings

POLISH = "004_1ac8f92e85ca3eff"
HEADLINE = {
    "en": "How many skilled mass-mobilization models did Kim Bang report?",
    "pl": "Ile modeli wykwalifikowanej mobilizacji masowej zgłosił Kim Bang?",
    "de": "Wie viele Modelle der geschickten Massenmobilisierung meldete Kim Bang?",
    "es": "¿Cuántos modelos de movilización de masas hábil comunicó Kim Bang?",
    "tr": "Kim Bang kaç nitelikli kitle seferberliği modeli bildirdi?",
    "ms": "Berapa banyak model mobilisasi massa mahir yang dilaporkan oleh Kim Bang?",
}

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def reports(seeds_home):
    with Reports.open(home=seeds_home, settings=Settings(llm="bundled")) as opened:
        yield opened


@pytest.mark.parametrize("language", HEADLINE)
def test_kim_bang_reported_109_in_six_languages(reports, language):
    answer = reports.ask(HEADLINE[language])
    assert answer.answered
    assert answer.language == language
    assert "109" in answer.text
    # Other readings that may be right are cited too, behind the answer's own sentences.
    told = [one for one in answer.citations if any(one.number in claim.citations for claim in answer.claims)]
    assert {citation.article_id for citation in told} == {POLISH}
    for citation in told:
        text = reports.article(citation.article_id).text
        assert text[citation.start : citation.end] == citation.quote
        assert "109" in citation.quote


def test_what_the_reports_do_not_say_is_declined(reports):
    answer = reports.ask("¿Cuánto dinero se asignó al proyecto 08-DA/TU?")
    assert (answer.answered, answer.text, answer.citations) == (
        False,
        "No se encontró nada en los informes que responda a esta pregunta.",
        (),
    )


@in_browser
def test_the_page_answers_from_the_real_reports(reports, tmp_path):
    with served(reports) as site, chromium(tmp_path) as browser:
        page = watch(browser, site.address)
        page.ask(HEADLINE["ms"])
        expect(page.locator("#sources .found blockquote").first).to_be_visible()
        expect(page.locator("#log .answer")).to_contain_text("109", timeout=120_000)
        mark = page.locator("#sources .report mark").first
        expect(mark).to_be_visible()
        quote = mark.evaluate("mark => mark.textContent")
        assert page.faults == []
    assert "109 modeli" in quote
    assert quote in reports.article(POLISH).text
