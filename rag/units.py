"""What a figure counts, in the report and in the question: "109 modeli" answers "how many models", "12 klas" does not.

The words beside the figure are compared with the words that follow "how many", by meaning and across languages; how,
is for the caller. Knows text only.
"""

from __future__ import annotations

import re

from rag.grammars import copied
from rag.numbers import find_numbers
from rag.questions import Question, asking_words

# Words read after "how many": in English and Turkish what is counted comes last ("skilled mass-mobilization models").
ASKED = 5
# Words read after a figure: the thing counted, or an adjective and the thing.
TOLD = 2
# Shorter words are articles and prepositions.
LEAST = 4
_WORD = re.compile(r"[^\W\d_]+")
# Words with nothing but blanks between them: after a comma another thing is told.
_RUN = re.compile(r"(?:\s+[^\W\d_]+)+")


def asked_unit(question: Question) -> tuple[str, ...]:
    """The words that may say what is to be counted; those before "how many" too where it stands late."""
    span = asking_words("number", question)
    if span is None:
        return ()
    before = _WORD.findall(question.text[: span[0]])
    after = _WORD.findall(question.text[span[1] :])[:ASKED]
    return tuple(word for word in [*before, *after] if len(word) >= LEAST)


def told_unit(text: str, words: str, language: str) -> tuple[str, ...]:
    """The words right after the figure that was copied from the text."""
    place = copied(text, words)
    figures = [number for number in find_numbers(words, language) if number.kind != "code"]
    if place is None or not figures:
        return ()
    after = _RUN.match(text, place[0] + figures[0].end)
    words_after = _WORD.findall(after.group())[:TOLD] if after else []
    return tuple(word for word in words_after if len(word) >= LEAST)
