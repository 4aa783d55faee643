"""Enumerations in a report: a sentence with several items, or a list, given in full."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models import Article, Passage

# Marks between items, in the scripts that have their own; so many make an enumeration, semicolons fewer.
_STRONG, _WEAK = re.compile(r"[;；؛]"), re.compile(r"[,;，、；،؛]")
MOST_STRONG, MOST_WEAK = 2, 3
# What comes before the items; not the colon of a time or a score.
_COLON = re.compile(r"[:：](?!\d)")
# What an item of a list begins with: a dash, a dot, or a number or letter with a mark behind it.
_ITEM = re.compile(r"[ \t]*(?:[-–—•*·▪◦]|(?:\d{1,2}|[^\W\d_])[.)])[ \t]+\S")


def enumerates(passage: Passage) -> bool:
    """Whether a sentence has several items in it."""
    text = passage.reading
    return len(_STRONG.findall(text)) >= MOST_STRONG or len(_WEAK.findall(text)) >= MOST_WEAK


def items_around(article: Article, passage: Passage, sentences: Sequence[Passage]) -> list[Passage]:
    """The sentences of the list that contains a sentence as an item, in text order; empty if there is none."""
    at = next((row for row, one in enumerate(sentences) if one.start == passage.start), None)
    if at is None or not _is_item(article, passage):
        return []
    first = last = at
    while first > 0 and _is_item(article, sentences[first - 1]):
        first -= 1
    while last + 1 < len(sentences) and _is_item(article, sentences[last + 1]):
        last += 1
    return list(sentences[first : last + 1]) if last > first else []


def told_items(text: str) -> str:
    """The items of a sentence: the text after its colon, else all of it; without the full stop."""
    colon = _COLON.search(text)
    after = text[colon.end() :] if colon else ""
    return (after if enumerates(Passage("", 0, len(after), after)) else text).strip().rstrip(".。।")


def _is_item(article: Article, passage: Passage) -> bool:
    found = _ITEM.match(article.text, article.text.rfind("\n", 0, passage.start) + 1)
    return found is not None and passage.start < found.end()
