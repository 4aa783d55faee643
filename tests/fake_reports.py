"""A deterministic stand-in for `rag.Reports` over the five reports: fixed questions, real text, true offsets."""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Unpack

from places import SEEDS

from rag.errors import ModelError, QuestionError
from rag.models import (
    Alternative,
    Answer,
    AnswerReady,
    Article,
    AskOptions,
    Candidate,
    Citation,
    Claim,
    Event,
    EvidenceFound,
    FilterOptions,
    Filters,
    Hit,
    Passage,
    PhraseMatch,
    Progress,
    ShortFound,
    Support,
    TextDelta,
    Turn,
    Update,
)

KIM_BANG = "Berapakah bilangan model mobilisasi massa mahir yang dilaporkan oleh Kim Bang?"
POPULATION = "What is the population of Kim Bang district?"
PLACES = {"ms": "Ninh Thuan", "tr": "Thai Binh", "es": "Ninh Binh", "de": "Ninh Son", "pl": "Kim Bang"}
DATE = re.compile(r"20\d\d")
PROVEN, WEAK, RIVAL = 0.97, 0.81, 0.12  # probabilities
OWN_WORDS = "“109 modeli” (Poland)"  # what stands for the answer where no model translates
DATES = {"ms": date(2024, 7, 5), "tr": date(2023, 12, 21), "es": date(2024, 1, 19)}


def article(text: str, *, id: str = "report", language: str = "en", **more: Any) -> Article:
    """One report; `more` are other fields of `Article`."""
    fields: dict[str, Any] = {
        "title": text.split("\n")[0][:120],
        "published": None,
        "places": (),
        "authors": (),
        "source_url": None,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "body_end": len(text),
    }
    return Article(id=id, text=text, language=language, **{**fields, **more})


def seeds() -> list[Article]:
    """The five reports, read plainly."""
    languages = ("ms", "tr", "es", "de", "pl")
    return [
        article(
            path.read_text(encoding="utf-8"),
            id=path.stem,
            language=language,
            published=DATES.get(language),
            places=(PLACES[language],),
        )
        for path, language in zip(sorted(SEEDS.glob("*.txt")), languages, strict=True)
    ]


def passage(report: Article, text: str) -> Passage:
    """Where `text` stands in the report."""
    start = report.text.index(text)
    return Passage(report.id, start, start + len(text), text, "sentence")


def hit(report: Article, text: str, rank: int = 1) -> Hit:
    """A hit whose window is the sentence `text` of the report."""
    found = passage(report, text)
    return Hit(found, report, 1 / rank, rank, None, found)


def sentence_with(report: Article, words: str) -> str:
    """The sentence of the report that holds `words`, by full stops alone; a report of one line is one sentence."""
    if "\n" not in report.text:
        return report.text
    at = report.text.index(words)
    before = report.text.rfind(". ", 0, at)
    start = max(before + 2 if before >= 0 else 0, report.text.rfind("\n", 0, at) + 1)
    return report.text[start : report.text.index(".", at) + 1]


def citation(report: Article, quote: str, number: int = 1, **more: Any) -> Citation:
    """A true citation of `quote`."""
    found = passage(report, quote)
    return Citation(
        number,
        report.id,
        report.title,
        report.language,
        report.published,
        report.source_url,
        found.start,
        found.end,
        quote,
        **{"sha256": report.sha256, "authors": report.authors, **more},
    )


def answer(
    question: str, text: str, citations: Sequence[Citation], hits: Sequence[Hit], language: str = "en"
) -> Answer:
    """An answer of one proven claim; without citations nothing was found."""
    numbers = tuple(c.number for c in citations)
    claims = (Claim(text, numbers, "supported", PROVEN),) if citations else ()
    sure = PROVEN if citations else 0.0
    return Answer(
        question, question, language, bool(citations), text, claims, tuple(citations), tuple(hits), confidence=sure
    )


class FakeReports:
    """Answers the Kim Bang question in Malay, declines the rest; words wait for `gate`, so that tests need no clock.

    With `support` "weak" the answer is only probable, and another report has another reading of it. Without `llm` it
    is the report's own words.
    """

    def __init__(self, articles: list[Article] | None = None, home: Path | None = None) -> None:
        self.collection = seeds() if articles is None else articles
        self.home = home or Path(tempfile.mkdtemp())
        self.gate = threading.Event()
        self.gate.set()
        self.histories: list[list[Turn]] = []
        self.filters: list[Filters] = []
        self.searched: list[Filters] = []
        self.read: list[str] = []
        self.likely = PROVEN
        self.asked: list[AskOptions] = []
        self.translates = True
        self.model_gone = True  # for a question with "gone" in it
        self.support: Support = "supported"
        self.llm = "bundled"
        self.may_warm = threading.Event()
        self.may_warm.set()
        self.may_index = threading.Event()
        self.may_index.set()

    @property
    def models(self) -> dict[str, str]:
        return {"llm": self.llm}

    def articles(self) -> list[Article]:
        return self.collection

    def article(self, article_id: str) -> Article | None:
        return next((held for held in self.collection if held.id == article_id), None)

    def context(self, article_id: str, start: int, end: int, *, sentences: int = 1) -> Passage:
        report = self.article(article_id)
        assert report is not None
        stops = [0, *(at + 1 for at, char in enumerate(report.text) if char in ".!?"), len(report.text)]
        low = max([stop for stop in stops if stop <= start][-1 - sentences :][0], 0)
        high = [stop for stop in stops if stop >= end][: 1 + sentences][-1]
        return Passage(article_id, low, high, report.text[low:high])

    def search(self, phrase: str, limit: int = 20, **options: Unpack[FilterOptions]) -> list[PhraseMatch]:
        self.searched.append(Filters.of(options))
        found = [report for report in self.collection if Filters.of(options).admit(report) and phrase in report.text]
        places = [
            (report, report.text.index(phrase), passage(report, sentence_with(report, phrase))) for report in found
        ]
        return [PhraseMatch(report, at, at + len(phrase), sentence) for report, at, sentence in places][:limit]

    def candidates(self, limit: int) -> list[Candidate]:
        held = [(report, DATE.search(report.text)) for report in self.collection if report.places]
        return [Candidate("when", one.id, one.sha256, *day.span()) for one, day in held if day][:limit]

    def reading(self, question: str) -> tuple[Passage, float] | None:
        self.read.append(question)
        for report in self.collection:
            if report.places and report.places[0] in question and (day := DATE.search(report.text)):
                return Passage(report.id, *day.span(), day.group()), self.likely
        return None

    def gloss(self, article_id: str, start: int, end: int, language: str) -> str:
        report = self.article(article_id)
        assert report is not None
        if not self.translates:
            raise ModelError("no language model is set; set ASKREPORTS_LLM")
        return f"({language}) {report.text[start:end].upper()}"

    def add(self, paths: Sequence[Path], *, progress: Progress | None = None) -> Update:
        files = [file for path in paths for file in (sorted(path.glob("[!.]*")) if path.is_dir() else [path])]
        known = {held.location for held in self.collection}
        new = [file for file in files if str(file) not in known]
        made: list[Article] = []
        for done, file in enumerate(new):
            if progress:
                progress("reading", done, len(new))
            text = file.read_text(encoding="utf-8")
            made.append(article(text, id=file.stem, location=str(file)))
        assert self.may_index.wait(30)
        self.collection = [*self.collection, *made]
        return Update(added=tuple(report.id for report in made))

    def remove(self, article_ids: Iterable[str]) -> Update:
        gone = tuple(article_ids)
        self.collection = [held for held in self.collection if held.id not in gone]
        return Update(removed=gone)

    def update(self, *, again: bool = False, progress: Progress | None = None) -> Update:
        return Update(changed=tuple(held.id for held in self.collection) if again else ())

    def warm(self) -> None:
        if not self.may_warm.wait(30):
            raise ModelError("the gate stayed shut")

    def stream(self, question: str, **options: Unpack[AskOptions]) -> Iterator[Event]:
        if not question.strip():
            raise QuestionError("the question is empty; type one, in any language")
        self.histories.append(list(options.get("history", ())))
        self.filters.append(Filters.of(options))
        self.asked.append(options)
        last = self.collection[-1]
        proof = sentence_with(last, "109")
        hits = (
            hit(last, proof),
            *(hit(a, sentence_with(a, "2024"), 2) for a in self.collection[:-1] if "2024" in a.text),
        )
        yield EvidenceFound(hits)
        if not self.gate.wait(30):
            raise ModelError("the gate stayed shut")
        if "gone" in question and self.model_gone:
            yield TextDelta("Kim Bang melaporkan ")
            raise ModelError("the language model at http://localhost:1 went away; start it and ask again")
        if "population" in question:
            made = answer(question, "Nothing was found in the reports that answers this question.", [], hits)
            yield TextDelta(made.text)
        else:
            made = self._answered(question, last, proof, hits)
            yield ShortFound(made.short, made.confidence)
            for word in made.text.split(" "):
                yield TextDelta(word if word == "[1]" else word + " ")
        yield AnswerReady(made)

    def _answered(self, question: str, report: Article, proof: str, hits: tuple[Hit, ...]) -> Answer:
        said, short = "Kim Bang melaporkan 109 model.", "109"
        if self.llm == "none":
            said, short = OWN_WORDS, "109 modeli"
        made = answer(question, f"{said} [1]", [citation(report, proof)], hits, "ms")
        sure = PROVEN if self.support == "supported" else WEAK
        made = replace(
            made,
            claims=(Claim(said, (1,), self.support, sure),),
            short=short,
            confidence=sure,
            models={"llm": self.llm},
        )
        if self.support == "supported" or len(hits) == 1:
            return made
        rival = citation(hits[1].article, hits[1].passage.text, 2)
        return replace(made, others=(Alternative("29", RIVAL, 2),), citations=(*made.citations, rival))
