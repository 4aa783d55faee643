"""Which type of document a code is of: a directive, a resolution, a plan, told by the word before it in any language.

`data/document_types.json` holds the words; one that names two types ("karar", resolution and decision) counts for both.
Knows text only.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

from rag.numbers import FoundNumber
from rag.questions import Question, asking_words

# Letters at most between a type's word and its code: "Resolution of the Central Committee No. 43-NQ/TW".
NEAR = 60


def of_asked_type(question: Question, text: str, code: FoundNumber, language: str) -> bool:
    """Whether the code may be of the type that the question asks for; true where either is not told.

    `text`, which holds the code, is in `language`.
    """
    asked = _asked(question)
    told = list(_types(text[max(0, code.start - NEAR) : code.start], language).values())
    return not asked or not told or bool(asked & told[-1])


def _asked(question: Question) -> frozenset[str]:
    """The types of the word nearest to those that ask, after them sooner than before; else the only one named."""
    told = _types(question.text, question.language)
    if not (span := asking_words(question.kind, question)):
        return next(iter(told.values())) if len(set(told.values())) == 1 else frozenset()
    by_nearness = sorted(told, key=lambda place: (place[1] <= span[0], max(place[0] - span[1], span[0] - place[1])))
    return told[by_nearness[0]] if told else frozenset()


def _types(text: str, language: str) -> dict[tuple[int, int], frozenset[str]]:
    """Where words stand that name a type, in order, and the types of each."""
    found: dict[tuple[int, int], set[str]] = {}
    for name, pattern in _words(language.split("-")[0]).items():
        for match in pattern.finditer(text):
            found.setdefault(match.span(), set()).add(name)
    return {span: frozenset(found[span]) for span in sorted(found)}


@cache
def _words(language: str) -> dict[str, re.Pattern[str]]:
    held = json.loads((resources.files("rag") / "data" / "document_types.json").read_text(encoding="utf-8"))
    return {
        name: re.compile(rf"\b(?:{words[language]})\b", re.IGNORECASE)
        for name, words in held.items()
        if language in words
    }
