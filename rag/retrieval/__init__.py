"""Question -> scored passages: dense and lexical scores, language means removed, filters; and phrases as they stand.

Knows nothing of answers.
"""

from rag.retrieval.phrases import PhraseSearch
from rag.retrieval.retriever import Retriever
from rag.retrieval.space import VectorSpace

__all__ = ["PhraseSearch", "Retriever", "VectorSpace"]
