"""Storage: the catalogue (SQLite, the source of truth), vectors in Chroma (a cache), and the only writer.

Independent of questions and answers.
"""

from rag.store.catalog import Catalog
from rag.store.checking import Faults, faults_of, mend
from rag.store.chroma import KINDS, Item
from rag.store.indexing import Indexer, Origin, is_url
from rag.store.records import PackRow, Stored
from rag.store.schema import SCHEMA_VERSION
from rag.store.vectors import VectorIndex

__all__ = [
    "Catalog",
    "Faults",
    "Indexer",
    "Item",
    "KINDS",
    "Origin",
    "PackRow",
    "SCHEMA_VERSION",
    "Stored",
    "VectorIndex",
    "faults_of",
    "is_url",
    "mend",
]
