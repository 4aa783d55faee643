"""Words that name a type of document or place, in any language, by the tables `data/*_types.json`.

A word may name two types ("karar", resolution and decision) and then counts for both. Knows text and questions only.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Literal

from rag.questions import Question, asking_words

Table = Literal["document", "place"]
Types = frozenset[str]


def named_types(table: Table, text: str, language: str) -> dict[tuple[int, int], Types]:
    """Where words stand that name a type, in order, and the types of each. `language` is a BCP 47 tag."""
    found: dict[tuple[int, int], set[str]] = {}
    for name, pattern in _words(table, language.split("-")[0]).items():
        for match in pattern.finditer(text):
            found.setdefault(match.span(), set()).add(name)
    return {span: frozenset(found[span]) for span in sorted(found)}


def asked_types(table: Table, question: Question) -> Types:
    """The types of the word nearest to those that ask, after them sooner than before; else of the only one named."""
    told = named_types(table, question.text, question.language)
    if not (span := asking_words(question.kind, question)):
        return next(iter(told.values())) if len(set(told.values())) == 1 else frozenset()
    by_nearness = sorted(told, key=lambda place: (place[1] <= span[0], max(place[0] - span[1], span[0] - place[1])))
    return told[by_nearness[0]] if told else frozenset()


@cache
def _words(table: Table, language: str) -> dict[str, re.Pattern[str]]:
    held = json.loads((resources.files("rag") / "data" / f"{table}_types.json").read_text(encoding="utf-8"))
    return {
        name: re.compile(rf"\b(?:{words[language]})\b", re.IGNORECASE)
        for name, words in held.items()
        if language in words
    }
