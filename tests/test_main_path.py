"""The main path with the trained reader, on the five reports: index, ask, stream, llama-index; no language model.

The other tests tell the reader what to find; here it reads. What is asked stands in the reports in so many words, so
that these say whether the parts fit together, not how good the reader is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Reports, Settings
from rag.models import Answer, AnswerReady, EvidenceFound, ShortFound, TextDelta

SEEDS = Path(__file__).parent.parent / "seeds"
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
        ("¿Cuántos modelos de defensa y seguridad se inscribieron en Ninh Son?", "3", DE, "drei"),
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


def test_a_stream_ends_with_the_answer_that_asking_gives(reports):
    *events, last = reports.stream(KIM_BANG)
    assert [type(event) for event in events[:3]] == [EvidenceFound, ShortFound, TextDelta]
    assert isinstance(last, AnswerReady)
    asked = reports.ask(KIM_BANG)
    assert (last.answer.text, last.answer.citations, last.answer.confidence) == (
        asked.text,
        asked.citations,
        asked.confidence,
    )
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == asked.text


def test_the_llama_index_engine_has_the_proof_as_its_source(reports):
    response = reports.as_query_engine().query(KIM_BANG)
    assert "109" in str(response)
    (node, *_) = response.source_nodes
    assert node.metadata["article_id"] == PL and "109 modeli" in node.node.text


def test_opened_again_nothing_is_indexed_anew_and_the_answer_is_the_same(reports, embedder):
    before = reports.ask(KIM_BANG)
    with Reports.open(SEEDS, home=reports.home, settings=Settings(llm="none"), embedder=embedder) as again:
        assert again.updated == type(again.updated)()
        after = again.ask(KIM_BANG)
    assert (after.short, after.citations, after.confidence) == (before.short, before.citations, before.confidence)
