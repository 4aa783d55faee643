"""This project: its embedder in the process, sentences embedded too, answers read by its reader."""

import asyncio
import time

from measured import measured

from rag import Reports, Settings
from rag.encoder import BundledEmbedder


class Timed(BundledEmbedder):
    """The embedder, and what indexing asked of it."""

    def __init__(self, *given):
        super().__init__(*given)
        self.seconds, self.given = 0.0, []

    def passages(self, texts):
        begun = time.perf_counter()
        vectors = super().passages(texts)
        self.seconds += time.perf_counter() - begun
        self.given += texts
        return vectors


class Program:
    def __init__(self, task):
        self._task = task
        settings = Settings(llm="none")
        self._embedder = Timed(settings.threads, settings.cache)
        self._reports = Reports.open(home=task.store, main=True, settings=settings, embedder=self._embedder)

    def index(self):
        if self._reports.articles():
            self._reports.update()
        else:
            self._reports.add(self._task.texts)
        self._reports.retrieve("report", limit=1)  # what is loaded at the first question

    def profile(self):
        """Of what was indexed so far: seconds in the embedder, texts and tokens that it got, tokens of the reports."""
        whole = sum(self._embedder.lengths([article.text for article in self._reports.articles()]))
        given = self._embedder.given
        return [self._embedder.seconds, len(given), sum(self._embedder.lengths(given)), whole]

    def search(self, question):
        return [hit.article.id for hit in self._reports.retrieve(question, limit=5)]

    def answer(self, question):
        return self._reports.ask(question).to_dict()


asyncio.run(measured(Program))
