"""Which places of a report may be what a which-place asks for: a province or a district, told by the word beside them.

News names the type of a place beside its name, in every language: "Bezirk Ninh Son", "Thai Binh ilinde". Knows reports
and questions only.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.languages import fold
from rag.models import Article
from rag.questions import Question
from rag.type_words import Types, asked_types, named_types

# Letters looked at on either side of a name, and most of them between it and the word: "provincia de Ninh Binh".
WIDE, BETWEEN = 24, 4


def asked_places(question: Question, article: Article) -> list[str]:
    """The report's places that the question does not name and that may be of the type it asks for."""
    asked, heard = asked_types("place", question), fold(question.text)
    return [place for place in article.places if fold(place) not in heard and _may_be(asked, place, article)]


def of_other_type(question: Question, text: str, article: Article) -> bool:
    """Whether the text names a place of the report that is not of the type asked for, and none that may be."""
    asked, said = asked_types("place", question), fold(text)
    named = [place for place in article.places if fold(place) in said]
    return bool(named) and not any(_may_be(asked, place, article) for place in named)


def _may_be(asked: Types, place: str, article: Article) -> bool:
    told = _told(article.sha256, place, article.text, article.language) if asked else frozenset()
    return not told or bool(asked & told)


@lru_cache(maxsize=512)
def _told(_sha256: str, place: str, text: str, language: str) -> Types:
    """The types that words beside the place's name give it; empty where none does."""
    found: set[str] = set()
    for match in re.finditer(re.escape(place), text):
        before = text[max(0, match.start() - WIDE) : match.start()]
        after = text[match.end() : match.end() + WIDE]
        for (_, end), types in named_types("place", before, language).items():
            found |= types if len(before) - end <= BETWEEN else set()
        for (start, _), types in named_types("place", after, language).items():
            found |= types if start <= 1 else set()
    return frozenset(found)
