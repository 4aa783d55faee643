"""The collection as llama-index parts, used the way that ecosystem uses them."""

from __future__ import annotations

import pytest
from fake_model import WordEmbedder
from fake_reader import FakeReader, pin
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.schema import MetadataMode, QueryBundle

from rag import Reports, Settings
from rag.errors import QuestionError
from rag.models import Answer

pytestmark = pytest.mark.usefixtures("clean_environment")
QUESTION = "How many votes did the council of Lund count?"


@pytest.fixture
def reports(folder, tmp_path, monkeypatch):
    pin(monkeypatch.setattr)
    held = {"settings": Settings(llm="none"), "embedder": WordEmbedder(), "reader": FakeReader({"Lund": "12 votes"})}
    with Reports.open(folder, home=tmp_path / "home", **held) as opened:
        yield opened


def ids(nodes) -> list[str]:
    return [node.node.node_id for node in nodes]


def test_retriever_gives_windows_with_exact_offsets_best_first(reports):
    nodes = reports.as_retriever(limit=2).retrieve(QUESTION)
    assert [node.metadata["article_id"] for node in nodes][0] == "lund" and len(nodes) == 2
    for node in nodes:
        held = node.metadata
        assert reports.article(held["article_id"]).text[held["start"] : held["end"]] == node.node.get_content(
            MetadataMode.NONE
        )
    assert nodes[0].metadata["language"] == "en" and nodes[0].metadata["published"] == "2021-03-03"
    assert nodes[0].metadata["title"] == reports.article("lund").title
    assert nodes[0].score >= nodes[1].score
    assert [node.node.node_id for node in nodes] == [
        node.node.node_id for node in reports.as_retriever(limit=2).retrieve(QUESTION)
    ]
    assert len({node.node.node_id for node in nodes}) == 2


async def test_retriever_async_gives_the_same(reports):
    retriever = reports.as_retriever()
    awaited = await retriever.aretrieve(QueryBundle(QUESTION))
    assert [(n.node.node_id, n.score) for n in awaited] == [
        (n.node.node_id, n.score) for n in retriever.retrieve(QUESTION)
    ]


def test_query_engine_answers_with_its_citations_as_sources(reports):
    response = reports.as_query_engine().query(QUESTION)
    assert str(response) == "12 votes [1]"
    (node,) = response.source_nodes
    held = node.metadata
    assert (held["article_id"], held["number"], held["language"]) == ("lund", 1, "en")
    assert reports.article("lund").text[held["start"] : held["end"]] == node.node.text
    assert "12 votes" in node.node.text
    answer = Answer.from_dict(response.metadata)
    assert (answer.text, answer.answered) == (str(response), True)


async def test_query_engine_async_gives_the_same(reports):
    engine = reports.as_query_engine()
    awaited, straight = await engine.aquery(QUESTION), engine.query(QUESTION)
    assert str(awaited) == str(straight)
    assert ids(awaited.source_nodes) == ids(straight.source_nodes)


def test_what_is_declined_has_no_sources(reports):
    response = reports.as_query_engine().query("How many votes did Hai Phong count?")
    assert response.source_nodes == [] and response.metadata["answered"] is False
    assert str(response)


def test_errors_are_those_of_the_collection(reports):
    for call in (reports.as_query_engine().query, reports.as_retriever().retrieve):
        with pytest.raises(QuestionError):
            call("🎉")


def test_the_retriever_serves_another_query_engine(reports):
    from llama_index.core.llms import MockLLM

    engine = RetrieverQueryEngine(
        retriever=reports.as_retriever(limit=1),
        response_synthesizer=get_response_synthesizer(llm=MockLLM()),
    )
    response = engine.query(QUESTION)
    assert [node.metadata["article_id"] for node in response.source_nodes] == ["lund"]
    assert "12 votes" in str(response)  # the mock repeats its prompt, which holds the window
