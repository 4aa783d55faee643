"""askreports: questions in any language about news reports in any language; each claim cites its proving sentence.

    files, addresses -> Article -> Passage -> catalogue (SQLite: text, offsets, vectors, full text)
                                              -> Chroma (nearest vectors; rebuilt from the catalogue when needed)
    question -> retrieval -> passages -> reading (trained reader) -> verification (rules) -> answering -> Answer

`Reports` is the entry point; everything else exported here is what it takes and returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import (
    ArticleError,
    AskReportsError,
    InputError,
    ModelError,
    NeedError,
    QuestionError,
    SettingsError,
    StoreError,
)
from rag.models import (
    Alternative,
    Answer,
    AnswerReady,
    Article,
    Citation,
    Claim,
    EvidenceFound,
    Filtered,
    Hit,
    Passage,
    PhraseMatch,
    ShortFound,
    TextDelta,
    Turn,
    Update,
)
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.reports import Reports

__all__ = [
    "Alternative",
    "Answer",
    "AnswerReady",
    "Article",
    "ArticleError",
    "AskReportsError",
    "Citation",
    "Claim",
    "EvidenceFound",
    "Filtered",
    "Hit",
    "InputError",
    "ModelError",
    "NeedError",
    "Passage",
    "PhraseMatch",
    "QuestionError",
    "Reports",
    "Settings",
    "SettingsError",
    "ShortFound",
    "StoreError",
    "TextDelta",
    "Turn",
    "Update",
]


def __getattr__(name: str) -> object:
    # Only the entry point is heavy; a program that only reads saved answers need not load the stages.
    if name == "Reports":
        from rag.reports import Reports

        return Reports
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
