"""Question + readings -> `Answer`, as a stream of events; every claim is cited.

    question -> kind -> readings -> confidence -> findings -> text with citations

Independent of files and SQL: a collection is passed in as `Collection`.
"""

from rag.answering.chain import Chain, Collection
from rag.answering.conversation import ALONE, FOLLOWS, LEAST_TO_FOLLOW, spoken
from rag.answering.question import KINDS, decide, understand
from rag.answering.rewriting import translate
from rag.answering.suggesting import candidates

__all__ = [
    "ALONE",
    "FOLLOWS",
    "KINDS",
    "LEAST_TO_FOLLOW",
    "Chain",
    "Collection",
    "candidates",
    "decide",
    "spoken",
    "translate",
    "understand",
]
