"""The effect of the filters in words, used next to the filters, under an answer and in exports. Plain text."""

from __future__ import annotations

from rag.models import Filtered
from ui.strings import Strings


def left_words(left: Filtered | None, strings: Strings) -> str:
    """How many reports match, why others do not, and what to do; empty if all match."""
    if left is None or left.admitted == left.of:
        return ""
    told = [strings.left.format(admitted=left.admitted, of=left.of)]
    if left.without_date:
        told.append(strings.count(strings.left_undated, left.without_date))
    if not left.admitted:
        told.append(strings.left_none)
    return " ".join(told)
