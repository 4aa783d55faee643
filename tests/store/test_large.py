"""A collection of 10,000 small reports: listed, planned, indexed and brought up to date without work done twice."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import FakeEmbedder

from rag.retrieval.phrases import PhraseSearch
from rag.settings import Settings
from rag.store.catalog import Catalog
from rag.store.indexing import Indexer

REPORTS = 10_000


class Quick(FakeEmbedder):
    """Vectors that cost nothing."""

    def passages(self, texts):
        if self.fail_after is not None and len(self.texts) >= self.fail_after:
            raise KeyboardInterrupt
        self.texts += texts
        return np.tile(np.eye(1, 8, dtype=np.float32), (len(texts), 1))


def test_ten_thousand_reports(tmp_path, monkeypatch):
    folder = tmp_path / "reports"
    folder.mkdir()
    for number in range(REPORTS):
        (folder / f"{number:05}.txt").write_text(f"The council of Lund counted {number} votes on 3 May 2021.")
    catalog = Catalog(tmp_path / "home" / "catalog.sqlite3")
    embedder = Quick(fail_after=4_000)
    indexer = Indexer(catalog, embedder, Settings())
    sources = {str(folder): "declared"}
    seen = []
    try:
        indexer.update(sources, progress=lambda *step: seen.append(step))
    except KeyboardInterrupt:
        pass
    half = len(catalog.heads())
    assert 3_900 < half <= 4_000  # a report of one sentence is one text
    # What is to come is estimated from the first reports on.
    label, done, total = seen[-1]
    assert label == "embedding passages" and 0.9 < total / REPORTS < 1.1
    embedder.fail_after = None
    assert len(indexer.update(sources).added) == REPORTS - half
    assert len(embedder.texts) == REPORTS == len(set(embedder.texts))
    monkeypatch.setattr("rag.store.indexing.read_file", lambda *asked, **more: pytest.fail("a file is read again"))
    update = indexer.update(sources)
    assert (update.added, update.changed, update.removed) == ((), (), ())
    search = PhraseSearch(catalog)
    (found,) = search.find("counted 9876 votes", limit=5)
    assert found.article.id == "09876"
    monkeypatch.setattr(catalog, "article", lambda id: pytest.fail("a text is read again"))
    assert search.find("no such phrase", limit=5) == []
    catalog.close()
