"""Rows and runs made by hand, for everything that shows or compares them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rag.evaluation.loading import Case
from rag.evaluation.runs import Row, Run, Stamp
from rag.evaluation.scoring import score
from rag.models import Answer, Citation, Claim

TEXTS = {"kb": "Wdrożono 109 modeli. Koniec.", "ns": "29 Modelle wurden gemeldet."}
LANGUAGES = {"kb": "pl", "ns": "de"}
QUOTES = {"kb": "Wdrożono 109 modeli.", "ns": "29 Modelle wurden gemeldet."}
SETTINGS = {"llm": "none", "window_chars": 900}
STAMP = Stamp("0123456789ab", SETTINGS, {"embedder": "words", "llm": "none"}, "p", "c", False)


def case(id: str = "a", **more: Any) -> Case:
    """A question for the 109 of `kb`, in English."""
    fields: dict[str, Any] = {
        "question": f"How many models, {id}?",
        "language": "en",
        "kind": "fact:number",
        "answerable": True,
        "answers": ("109",),
        "articles": ("kb",),
        "number": 109.0,
    }
    return Case(id, **{**fields, **more})


def marked(id: str = "m", read: str = "109 modeli", **more: Any) -> Case:
    """A question in Polish on `kb`, which marks these words as its answer."""
    start = TEXTS["kb"].index(read)
    fields = {"language": "pl", "kind": "span", "number": None, "answers": (read,), "text_language": "pl"}
    return case(id, **{**fields, "spans": (("kb", start, start + len(read)),), "about": "kb", **more})


def span(words: str, id: str = "kb") -> tuple[str, int, int]:
    """Where the words stand in the report."""
    start = TEXTS[id].index(words)
    return (id, start, start + len(words))


def unanswerable(id: str = "u", **more: Any) -> Case:
    """A question that no report answers."""
    fields = {"kind": "unanswerable", "answerable": False, "answers": (), "articles": (), "number": None}
    return case(id, **{**fields, "why": "another district", **more})


def answer(text: str = "It reported 109 models. [1]", *cited: str, **more: Any) -> Answer:
    """An answer of one claim; without text it is declined."""
    cited = cited or (("kb",) if text else ())
    citations = tuple(
        Citation(n, id, f"report {id}", LANGUAGES[id], None, None, 0, len(QUOTES[id]), QUOTES[id])
        for n, id in enumerate(cited, 1)
    )
    claims = (Claim(text, tuple(one.number for one in citations), "supported"),) if text else ()
    made = Answer(
        question="?",
        standalone_question="?",
        language="en",
        answered=bool(text),
        text=text or "Nothing was found in the reports that answers this question.",
        claims=claims,
        citations=citations,
        hits=(),
        timings={"evidence": 0.1, "short": 0.5, "total": 2.0},
        models={"embedder": "words", "llm": "none"},
        settings_hash=STAMP.settings_hash,
        confidence=0.8 if text else 0.2,
    )
    return replace(made, **more)


def row(asked: Case | None = None, given: Answer | None = None, retrieved: tuple[str, ...] = ("kb", "ns")) -> Row:
    """An outcome, scored."""
    asked = asked or case()
    told = [asked.text_language] if asked.text_language else [LANGUAGES[id] for id in asked.articles]
    languages = tuple(dict.fromkeys(told))
    return Row(asked, given, retrieved, languages, score(asked, given, retrieved, TEXTS))


def run(name: str, *rows: Row, **stamp: Any) -> Run:
    """A run of these rows."""
    return Run(name, replace(STAMP, **stamp), rows, "cases", "2026-11-24T12:00:00+00:00", {"kb": "KB", "ns": "NS"})
