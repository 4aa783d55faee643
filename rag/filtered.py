"""The reports that a question's filters admit, as answering sees a collection (`rag.answering.Collection`)."""

from __future__ import annotations

from rag.encoder import Vectors
from rag.models import Article, Filters, Hit, Passage
from rag.retrieval import Retriever, VectorSpace
from rag.sources import as_read, header_of_row
from rag.store import Catalog


class FilteredCollection:
    """A `rag.answering.Collection` of the reports that the filters admit."""

    def __init__(self, catalog: Catalog, space: VectorSpace, retriever: Retriever, filters: Filters) -> None:
        self._catalog, self._space, self._retriever, self._filters = catalog, space, retriever, filters

    @property
    def languages(self) -> list[str]:
        """The languages of the collection's passages, most frequent first."""
        return list(self._catalog.windows_by_language())

    def retrieve(self, question: str, language: str, limit: int) -> list[Hit]:
        """At most `limit` nearest windows, best first."""
        return self._retriever.retrieve(question, language, limit=limit, filters=self._filters)

    def heads(self) -> list[Article]:
        """The admitted reports, without their texts."""
        return [article for article in self._catalog.heads() if self._filters.admit(article)]

    def laid_out(self, article: Article) -> tuple[list[Passage], Vectors]:
        """The sentences of a report's body in text order, and their vectors (sentences, dimension)."""
        with self._catalog.snapshot():  # sentences and vectors of one state
            held = self._catalog.sentences_of([article.id]).get(article.id, [])
            body = [stored for stored in held if stored.passage.start < article.body_end]
            vectors = self._space.matrix(body)
        return [as_read(article, stored.passage) for stored in body], vectors

    def vector(self, question: str, language: str) -> Vectors:
        """The question's vector (dimension,), with its language's mean removed."""
        return self._space.question(question, language)

    def likeness(self, text: str, language: str, other: str, other_language: str) -> float:
        """Cosine of two texts, each with its language's mean removed."""
        return self._space.likeness(text, language, other, other_language)

    def sentences(self, article: Article, start: int, end: int) -> list[Passage]:
        """The sentences that overlap `article.text[start:end]`; behind a table's row the row of its headings.

        Empty for a report that is gone or changed meanwhile: the offsets are those of its text before.
        """
        with self._catalog.snapshot():
            now = self._catalog.article(article.id)
            if now is None or now.sha256 != article.sha256:
                return []
            held = [stored.passage for stored in self._catalog.sentences_of([article.id]).get(article.id, ())]
        found = [passage for passage in held if passage.start < end and start < passage.end]
        # A row of a table proves nothing without the row of its headings.
        if heading := header_of_row(article, start, end):
            found += [passage for passage in held if (passage.start, passage.end) == heading and passage not in found]
        return [as_read(article, passage) for passage in found]
