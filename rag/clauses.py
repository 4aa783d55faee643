"""A sentence's clauses, and the stretch around the clause that a question is nearest to.

News sentences run to eighty words; the few that answer lie in one clause, and a small language model reads that clause
faster and with fewer mistakes than the whole. Nothing here knows of language models; similarities come in as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Span = tuple[int, int]

# A clause ends after a comma, semicolon or colon, before a dash, after a closing bracket.
_END = re.compile(r"(?<=[;:,])\s+|\s+(?=[–—]\s)|(?<=[)\]])\s+")
# Shorter clauses are joined to the next: "Am 5. Juli," says nothing alone.
SHORT = 60
# Characters that a reader is shown at once: some ninety tokens, a second of reading on two cores.
LIMIT = 240
# A sentence that is a little longer is not worth cutting.
WHOLE = 290


def clauses(text: str) -> list[Span]:
    """Spans that cover the text in order, at least `SHORT` characters long where the text is; the last half of that."""
    cuts = [0]
    for match in _END.finditer(text):
        if match.end() - cuts[-1] >= SHORT and len(text) - match.end() >= SHORT // 2:
            cuts.append(match.end())
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def stretch(units: Sequence[Span], first: int, last: int, similar: Sequence[float]) -> tuple[int, int]:
    """Indexes of the first and last unit shown around the nearest of `units[first:last + 1]`, the sentence sought.

    A sentence of up to `WHOLE` characters is shown whole. Else it grows from its nearest clause to the more similar
    side; what is left of the limit goes to what stands before the sentence, then after it. `similar` holds each unit's
    similarity to the question.
    """
    if units[last][1] - units[first][0] <= WHOLE:
        low, high = first, last
    else:
        low = high = max(range(first, last + 1), key=similar.__getitem__)
    for bottom, top in ((first, last), (0, last), (0, len(units) - 1)):
        while fitting := [
            (similar[new], -step, step)
            for new, step in ((low - 1, -1), (high + 1, 1))
            if bottom <= new <= top and units[max(new, high)][1] - units[min(new, low)][0] <= LIMIT
        ]:
            step = max(fitting)[2]
            low, high = (low - 1, high) if step < 0 else (low, high + 1)
    return low, high
