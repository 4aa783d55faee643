"""This project as it is installed: its embedder in the process, sentences embedded too, answers read by its reader."""

import asyncio

from measured import measured

from rag import Reports, Settings


class Program:
    def __init__(self, task):
        self._task = task
        self._reports = Reports.open(home=task.store, main=True, settings=Settings(llm="none"))

    def index(self):
        if self._reports.articles():
            self._reports.update()
        else:
            self._reports.add(self._task.texts)
        self._reports.retrieve("report", limit=1)  # the vector store is built by the first question

    def search(self, question):
        return [hit.article.id for hit in self._reports.retrieve(question, limit=5)]

    def answer(self, question):
        return self._reports.ask(question).to_dict()


asyncio.run(measured(Program))
