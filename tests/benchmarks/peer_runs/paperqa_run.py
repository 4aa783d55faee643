"""paper-qa's document collection and its retrieval; everything after that needs a language model."""

import asyncio
import json
import pickle
import urllib.request

from lmi import EmbeddingModel, EmbeddingModes
from measured import measured
from paperqa import Docs, Settings


class Endpoint(EmbeddingModel):
    """The endpoint, asked by the name that fits the mode."""

    address: str
    way: str = "passage"

    def set_mode(self, mode):
        self.way = "query" if mode == EmbeddingModes.QUERY else "passage"

    async def embed_documents(self, texts):
        return await asyncio.to_thread(self._embed, texts, self.way)

    def _embed(self, texts, way):
        rows = []
        for at in range(0, len(texts), 64):
            body = json.dumps({"model": f"multilingual-e5-small-{way}", "input": texts[at : at + 64]}).encode()
            asked = urllib.request.Request(f"{self.address}/embeddings", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(asked, timeout=300) as reply:
                rows += [row["embedding"] for row in json.load(reply)["data"]]
        return rows


class Program:
    def __init__(self, task):
        self._task = task
        self._docs = Docs()
        self._embedder = Endpoint(name="multilingual-e5-small", address=task.address)
        self._settings = Settings()
        self._settings.parsing.use_doc_details = False
        self._settings.parsing.multimodal = False

    async def index(self):
        for path in sorted(self._task.texts.glob("*.txt")):
            # A citation is given: otherwise a language model writes it.
            await self._docs.aadd(
                path,
                citation=path.stem,
                docname=path.stem,
                settings=self._settings,
                embedding_model=self._embedder,
            )
        (self._task.store / "docs.pickle").write_bytes(pickle.dumps(self._docs))

    async def search(self, question):
        found = await self._docs.retrieve_texts(question, 5, self._settings, self._embedder)
        return [text.doc.docname for text in found]


asyncio.run(measured(Program))
