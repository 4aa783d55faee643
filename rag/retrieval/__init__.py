"""Question -> scored passages: dense and lexical scores, language means removed, filters.

Knows nothing of answers.
"""

from rag.retrieval.retriever import Retriever
from rag.retrieval.space import VectorSpace

__all__ = ["Retriever", "VectorSpace"]
