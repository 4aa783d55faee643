"""The main path with the trained reader, on the five reports: index, ask, stream, llama-index and the page.

The other tests tell the reader what to find; here it reads, without a language model. What is asked stands in the
reports in so many words, so that these say whether the parts fit together, not how good the reader is.
"""

from __future__ import annotations

import pytest
from browsing import chromium, expect, in_browser, served, watch
from places import SEEDS

from rag import Reports, Settings
from rag.models import Answer, AnswerReady, EvidenceFound, ShortFound, TextDelta, Turn
from ui.strings import ENGLISH

MS, TR, ES, DE, PL = (path.stem for path in sorted(SEEDS.glob("*.txt")))
KIM_BANG = "How many skilled mass-mobilization models did Kim Bang report?"


@pytest.fixture(scope="module")
def reports(tmp_path_factory, embedder):
    """The reports indexed as `Reports.open("seeds")` indexes them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "LLM", "READER", "EMBEDDER", "CHROMA"):
            patch.delenv(f"ASKREPORTS_{name}", raising=False)
        home = tmp_path_factory.mktemp("main") / "home"
        with Reports.open(SEEDS, home=home, settings=Settings(llm="none"), embedder=embedder) as opened:
            yield opened


@pytest.fixture(scope="module")
def answered(reports) -> Answer:
    """What is answered to the question that the stream, the page and a second opening are asked too."""
    return reports.ask(KIM_BANG)


def proven(reports: Reports, answer: Answer) -> None:
    for citation in answer.citations:
        held = reports.article(citation.article_id)
        assert held is not None and held.text[citation.start : citation.end] == citation.quote
    id, start, end = answer.span
    assert any(c.article_id == id and c.start <= start and end <= c.end for c in answer.citations)


@pytest.mark.parametrize(
    ("question", "short", "article", "quoted"),
    [
        (KIM_BANG, "109", PL, "109 modeli"),
        ("Wie viele Modelle der geschickten Massenmobilisierung meldete Kim Bang?", "109", PL, "109 modeli"),
        ("Ile modeli wykwalifikowanej mobilizacji masowej wdrożono w Kim Bang?", "109", PL, "109 modeli"),
        ("How many models did Ninh Son register?", "29", DE, "29 Modellen"),
        ("Who chaired the conference on 19 January?", "Do Viet Anh", ES, "Do Viet Anh"),
        pytest.param(
            *("¿Cuántos modelos de defensa y seguridad se inscribieron en Ninh Son?", "3", DE, "drei"),
            marks=pytest.mark.xfail(reason="the reader takes the 29 of all models before it", strict=True),
        ),
    ],
)
def test_a_question_is_answered_in_short_with_the_sentence_that_proves_it(reports, question, short, article, quoted):
    answer = reports.ask(question)
    assert answer.answered and short in answer.short
    assert answer.citations[0].article_id == article and quoted in answer.citations[0].quote
    assert answer.models["reader"] == "bundled" and answer.models["llm"] == "none"
    proven(reports, answer)


@pytest.mark.parametrize("question", ["What is the population of Paris?", "Wer gewann 2018 die Weltmeisterschaft?"])
def test_what_no_report_speaks_of_is_declined(reports, question):
    answer = reports.ask(question)
    assert (answer.answered, answer.citations) == (False, ()) and answer.hits


def test_what_no_report_speaks_of_is_declined_after_another_question_too(reports):
    assert not reports.ask("What is the population of Paris?", history=[Turn(KIM_BANG, "109 [1]")]).answered


def test_a_stream_ends_with_the_answer_that_asking_gives(reports, answered):
    *events, last = reports.stream(KIM_BANG)
    assert [type(event) for event in events[:3]] == [EvidenceFound, ShortFound, TextDelta]
    assert isinstance(last, AnswerReady)
    told = last.answer
    assert (told.text, told.citations, told.confidence) == (answered.text, answered.citations, answered.confidence)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == answered.text


def test_the_llama_index_engine_has_the_proof_as_its_source(reports):
    response = reports.as_query_engine().query(KIM_BANG)
    assert "109" in str(response)
    (node, *_) = response.source_nodes
    assert node.metadata["article_id"] == PL and "109 modeli" in node.node.text


@in_browser
def test_the_page_shows_the_answer_beside_the_report_with_its_proof_marked(reports, answered, tmp_path):
    with served(reports) as site, chromium(tmp_path) as browser:
        page = watch(browser, site.address)
        page.ask(KIM_BANG)
        expect(page.locator("#log .answer")).to_contain_text("109")
        mark = page.locator("#sources .report mark").first
        expect(mark).to_contain_text("109 modeli")
        quote = mark.evaluate("mark => mark.textContent")
        page.press(ENGLISH.new_conversation)
        expect(page.locator("#log .question")).to_have_count(0)
        page.ask("What is the population of Paris?")
        expect(page.locator("#log .declined")).to_contain_text(ENGLISH.declined)
        expect(page.locator("#sources .nearest blockquote").first).to_be_visible()
        assert page.faults == []
    assert quote == answered.citations[0].quote


def test_opened_again_nothing_is_indexed_anew_and_the_answer_is_the_same(reports, answered, embedder):
    with Reports.open(SEEDS, home=reports.home, settings=Settings(llm="none"), embedder=embedder) as again:
        assert again.updated == type(again.updated)()
        after = again.ask(KIM_BANG)
    assert (after.short, after.citations, after.confidence) == (answered.short, answered.citations, answered.confidence)
