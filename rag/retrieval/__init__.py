"""Question -> scored passages: dense and lexical scores, language means removed, filters; exact phrase search.

Independent of answers.
"""

from rag.retrieval.means import LanguageMeans, compute_means, means_for
from rag.retrieval.phrases import PhraseSearch
from rag.retrieval.retriever import Retriever
from rag.retrieval.space import COMPARED, VectorSpace

__all__ = [
    "COMPARED",
    "LanguageMeans",
    "PhraseSearch",
    "Retriever",
    "VectorSpace",
    "compute_means",
    "means_for",
]
