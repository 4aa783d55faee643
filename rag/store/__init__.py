"""What must not be lost: the catalogue (SQLite, the truth), vectors in Chroma (rebuilt at will), the one writer.

It knows nothing of questions and answers.
"""

from rag.store.catalog import Catalog, Stored
from rag.store.indexing import Indexer, Origin, is_url
from rag.store.vectors import KINDS, Item, VectorIndex

__all__ = ["Catalog", "Indexer", "Item", "KINDS", "Origin", "Stored", "VectorIndex", "is_url"]
