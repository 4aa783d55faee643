"""txtai with hybrid search and its own splitting into paragraphs; vectors by the endpoint, as an external transform."""

import asyncio
import hashlib
import json
import urllib.request

import numpy as np
from measured import measured
from txtai import Embeddings
from txtai.pipeline import Segmentation


class Program:
    def __init__(self, task):
        self._task = task
        self._split = Segmentation(paragraphs=True)
        self._seen = {}
        self._embeddings = Embeddings(
            method="external",
            transform=lambda texts: embed(task.address, texts),
            instructions={"query": "query: ", "data": "passage: "},
            content=True,
            hybrid=True,
        )

    def index(self):
        rows = []
        for path in sorted(self._task.texts.glob("*.txt")):
            text = path.read_text(encoding="utf-8")
            # txtai leaves to the caller what has changed.
            seal = hashlib.sha256(text.encode()).hexdigest()
            if self._seen.get(path.stem) != seal:
                self._seen[path.stem] = seal
                parts = [part for part in self._split(text) if part.strip()]
                rows += [(f"{path.stem}#{number}", part, None) for number, part in enumerate(parts)]
        if rows:
            self._embeddings.upsert(rows)
            self._embeddings.save(str(self._task.store / "index"))

    def search(self, question):
        return [found["id"].rpartition("#")[0] for found in self._embeddings.search(question, 5)]


def embed(address, texts):
    rows = []
    for at in range(0, len(texts), 64):
        body = json.dumps({"model": "multilingual-e5-small", "input": list(texts[at : at + 64])}).encode()
        asked = urllib.request.Request(f"{address}/embeddings", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=300) as reply:
            rows += [row["embedding"] for row in json.load(reply)["data"]]
    return np.array(rows, dtype=np.float32)


asyncio.run(measured(Program))
