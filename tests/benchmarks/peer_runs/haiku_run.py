"""haiku.rag with its own chunker and hybrid search; its tokenizer is the embedder's, since its own is downloaded."""

import asyncio
from pathlib import Path

from haiku.rag.client import HaikuRAG
from haiku.rag.config import AppConfig
from measured import measured


class Program:
    def __init__(self, task, client):
        self._task = task
        self._client = client

    async def index(self):
        for path in sorted(self._task.texts.glob("*.txt")):
            await self._client.create_document_from_source(path)

    async def search(self, question):
        found = await self._client.search(question, limit=5)
        return [Path(one.document_uri).stem for one in found]


async def make(task):
    config = AppConfig.model_validate(
        {
            "embeddings": {
                "model": {
                    "provider": "openai",
                    "name": "multilingual-e5-small",
                    "vector_dim": 384,
                    "base_url": task.address,
                    "api_key": "none",
                    "query_prefix": "query: ",
                    "document_prefix": "passage: ",
                }
            },
            "processing": {"chunking_tokenizer": task.tokenizer, "pictures": "none"},
            "storage": {"data_dir": str(task.store)},
        }
    )
    return Program(task, await HaikuRAG(task.store / "reports.lancedb", config=config, create=True).__aenter__())


asyncio.run(measured(make))
