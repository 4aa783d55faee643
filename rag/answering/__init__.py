"""Question + readings -> `Answer`, as a stream of events; everything that is told is cited.

    question -> kind -> readings -> sureness -> findings -> text with citations

It knows nothing of files or SQL: what it needs of a collection comes in as `Collection`.
"""

from rag.answering.chain import Chain, Collection
from rag.answering.question import KINDS, understand
from rag.answering.rewriting import translate

__all__ = ["KINDS", "Chain", "Collection", "translate", "understand"]
