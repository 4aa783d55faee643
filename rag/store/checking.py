"""Checks the catalogue against itself: texts, passages, full-text index and vectors, and repairs what can be derived.

What is wrong with a report is repaired by building it again from its stored text, which the next update does.
Independent of files, models and Chroma.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from rag.models import Article
from rag.store.catalog import Catalog
from rag.store.indexing import terms_of


@dataclass
class Faults:
    """What was found: in words, the locations of reports to build again, and files to read again.

    `strays`: whether there are rows that belong to no report; `beyond` is what cannot be repaired from the catalogue.
    """

    told: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    rebuild: set[str] = field(default_factory=set)
    reread: set[str] = field(default_factory=set)
    strays: bool = False


def faults_of(catalog: Catalog) -> Faults:
    """Look at every report. Raises StoreError if the file itself is damaged."""
    catalog.verify()
    faults = Faults()
    with catalog.snapshot():
        if strays := catalog.strays():
            faults.strays = True
            faults.told.append(f"{strays} rows belong to no report")
        without = catalog.without_vectors(catalog.meta("embedder") or "")
        for head in catalog.heads():
            article = catalog.article(head.id)
            if article is None:
                continue
            if hashlib.sha256(article.text.encode()).hexdigest() != article.sha256:
                faults.told.append(f"{article.id}: the text is not what was read")
                faults.reread.add(article.location)
            wrong = _wrong_passages(catalog, article)
            if missing := without.get(article.id):
                wrong = f"{missing} passages have no vector"
            if wrong:
                faults.told.append(f"{article.id}: {wrong}")
                faults.rebuild.add(article.location)
    return faults


def mend(catalog: Catalog, faults: Faults) -> None:
    """Delete stray rows and broken vectors, and have the next update build reports and read files again."""
    if faults.strays:
        catalog.drop_strays()
    if faults.rebuild:
        catalog.drop_odd_vectors(catalog.meta("embedder") or "")
    catalog.build_again(faults.rebuild | faults.reread, read=faults.reread)


def _wrong_passages(catalog: Catalog, article: Article) -> str:
    stored = {kind: catalog.passages(article.id, kind) for kind in ("window", "sentence")}
    for kind, held in stored.items():
        if not held:
            return f"there is no passage of kind {kind}"
        if any(not 0 <= one.passage.start < one.passage.end <= len(article.text) for one in held):
            return "a passage lies outside of the text"
        if len({(one.passage.start, one.passage.end) for one in held}) != len(held):
            return "a passage is there twice"
    indexed = catalog.terms_rows([one.number for one in stored["window"]])
    for one in stored["window"]:
        if indexed.get(one.number) != terms_of(article, one.passage):
            return "the full-text index does not hold its words"
    return ""
