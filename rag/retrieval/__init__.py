"""Question -> scored passages: dense and lexical, language means removed, filters.

It knows nothing of answers.
"""

from rag.retrieval.retriever import Retriever
from rag.retrieval.space import VectorSpace

__all__ = ["Retriever", "VectorSpace"]
