"""Which figures are parts of a whole that the same sentence tells first: "29 models, including 13 economic ones".

A question that asks for no part is answered by the whole, one that asks how many *of the* models by a part; the words
around each say mostly the same. Knows text only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.asking import word_list
from rag.questions import Question, asks_for

Span = tuple[int, int]
_SENTENCE_END = re.compile(r"[.;!?](?=\s|$)")


def beside_the_point(question: Question, text: str, spans: Sequence[Span], language: str) -> list[bool]:
    """For each figure of a text in `language` whether it is a part where the whole is asked for, or the whole of parts.

    All false where the language has no words for it.
    """
    including = word_list("including", language)
    if including is None:
        return [False] * len(spans)
    of_the = asks_for("partitive", question)
    words = [match.span() for match in including.finditer(text)]
    told = []
    for start, end in spans:
        first = max((match.end() for match in _SENTENCE_END.finditer(text, 0, start)), default=0)
        stop = _SENTENCE_END.search(text, end)
        last = stop.start() if stop else len(text)
        inside = [(a, b) for a, b in words if first <= a and b <= last]
        part = any(b <= start and any(first <= low and high <= a for low, high in spans) for a, b in inside)
        whole = any(end <= a and any(b <= low and high <= last for low, high in spans) for a, b in inside)
        told.append(whole and not part if of_the else part)
    return told
