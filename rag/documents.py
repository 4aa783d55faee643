"""Which type of document a code is of: a directive, a resolution, a plan, told by the word before it in any language.

Knows text only.
"""

from __future__ import annotations

from rag.numbers import FoundNumber
from rag.questions import Question
from rag.type_words import asked_types, named_types

# Letters at most between a type's word and its code: "Resolution of the Central Committee No. 43-NQ/TW".
NEAR = 60


def of_asked_type(question: Question, text: str, code: FoundNumber, language: str) -> bool:
    """Whether the code may be of the type that the question asks for; true where either is not told.

    `text`, which holds the code, is in `language`.
    """
    asked = asked_types("document", question)
    told = list(named_types("document", text[max(0, code.start - NEAR) : code.start], language).values())
    return not asked or not told or bool(asked & told[-1])
