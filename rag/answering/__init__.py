"""Question + readings -> `Answer`, as a stream of events; every claim is cited.

    question -> kind -> readings -> confidence -> findings -> text with citations

Knows nothing of files or SQL: what it needs from a collection is passed in as `Collection`.
"""

from rag.answering.chain import Chain, Collection
from rag.answering.question import KINDS, understand
from rag.answering.rewriting import translate
from rag.answering.suggesting import candidates

__all__ = ["KINDS", "Chain", "Collection", "candidates", "translate", "understand"]
