"""A collection as llama-index components: a retriever, and a query engine whose source nodes are the citations."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.query_engine import BaseQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.models import Answer, Hit


class Asks(Protocol):
    """The part of `rag.Reports` that is used here."""

    def retrieve(self, question: str, *, limit: int) -> list[Hit]:
        """At most `limit` windows nearest to the question, best first."""
        ...

    def ask(self, question: str) -> Answer:
        """The answer to a question."""
        ...


class ReportsRetriever(BaseRetriever):
    """Windows as nodes, best first; metadata: `article_id`, `start`, `end`, `language`, `published`, `title`."""

    def __init__(self, reports: Asks, limit: int) -> None:
        super().__init__()
        self._reports = reports
        self._limit = limit

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._reports.retrieve(query_bundle.query_str, limit=self._limit)
        return [
            _node(
                hit.passage.id,
                hit.passage.text,
                hit.score,
                article_id=hit.article.id,
                start=hit.passage.start,
                end=hit.passage.end,
                language=hit.article.language,
                title=hit.article.title,
                published=hit.article.published.isoformat() if hit.article.published else None,
            )
            for hit in hits
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class ReportsQueryEngine(BaseQueryEngine):
    """Answers through `Reports.ask`; the response's metadata is `Answer.to_dict()`."""

    def __init__(self, reports: Asks) -> None:
        super().__init__(CallbackManager([]))
        self._reports = reports

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        answer = self._reports.ask(query_bundle.query_str)
        nodes = [
            _node(
                f"{citation.article_id}:{citation.start}-{citation.end}",
                citation.quote,
                1.0,
                number=citation.number,
                article_id=citation.article_id,
                start=citation.start,
                end=citation.end,
                language=citation.language,
            )
            for citation in answer.citations
        ]
        return Response(answer.text, source_nodes=nodes, metadata=answer.to_dict())

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def _node(id: str, text: str, score: float, **metadata: Any) -> NodeWithScore:
    return NodeWithScore(node=TextNode(id_=id, text=text, metadata=metadata), score=score)
