"""Files of questions with answers marked in texts -> collections to ask: one per language of the texts, one of all.

One context per line, as JSON: `lang`, `title`, `context`, and `qas` of `id`, `question`, `answers` (`text`, `start` in
code points), `impossible`, `qlang` if the question is in another language. Each context becomes a report, under its
title if it has one. The same question asked of several contexts of a collection is one case, answered by each of them.
Independent of how answers are made.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import ClassVar

from langcodes import tag_is_valid
from pydantic import ConfigDict, TypeAdapter, ValidationError

from rag.errors import InputError
from rag.evaluation.loading import MIXED, Case, CaseSet, Subset, read_text, stem, told

_LENIENT = ConfigDict(extra="ignore", strict=True)
_NUMBERED = re.compile(r"\w+:\d+")


@dataclass(frozen=True, slots=True)
class _Answer:
    __pydantic_config__: ClassVar[ConfigDict] = _LENIENT

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class _Question:
    __pydantic_config__: ClassVar[ConfigDict] = _LENIENT

    id: str
    question: str
    answers: tuple[_Answer, ...] = ()
    impossible: bool = False
    qlang: str = ""


@dataclass(frozen=True, slots=True)
class _Context:
    __pydantic_config__: ClassVar[ConfigDict] = _LENIENT

    lang: str
    context: str
    qas: tuple[_Question, ...]
    title: str = ""


_CONTEXT = TypeAdapter(_Context)


@dataclass(frozen=True, slots=True)
class _Report:
    """A context as a report: the context begins at `offset` of the text."""

    id: str
    language: str
    context: str
    title: str

    @property
    def offset(self) -> int:
        return len(self.title) + 2 if self.title else 0

    @property
    def text(self) -> str:
        return f"{self.title}\n\n{self.context}" if self.title else self.context


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of one context; `spans` are the answers' offsets in it, in code points."""

    id: str
    question: str
    language: str
    report: _Report
    spans: tuple[tuple[int, int], ...]
    where: str


def is_marked(path: Path) -> bool:
    """Whether the file's first line is a context with its questions."""
    first = read_text(path).lstrip().partition("\n")[0]
    try:
        held = json.loads(first)
    except json.JSONDecodeError:
        return False
    return isinstance(held, dict) and "context" in held and "qas" in held


def load_marked(path: Path, subset: Subset | None = None) -> list[CaseSet]:
    """The collections of a file: one per language in alphabetical order, then, if there are several, all together.

    A subset leaves out texts in other languages; its other limits leave out questions, but keep their reports. Raises
    InputError with the invalid line.
    """
    subset = subset or Subset()
    asked, reports = _read(path, subset)
    if not asked:
        raise InputError(
            f"{path}: contains no question{' in these languages' * bool(subset.languages)}; nothing to ask"
        )
    languages = sorted({report.language for report in reports})
    parts = [*languages, MIXED] if len(languages) > 1 else languages
    return [
        _collection(
            stem(path),
            part,
            [one for one in asked if part in (MIXED, one.report.language)],
            [one for one in reports if part in (MIXED, one.language)],
            subset,
        )
        for part in parts
    ]


def only_asked(held: CaseSet) -> CaseSet:
    """The set with only those reports that its questions were written about, or that answer them."""
    wanted = {id for case in held.cases for id in (case.about, *case.articles)}
    return replace(held, passages=tuple(one for one in held.passages if one[0] in wanted))


def _read(path: Path, subset: Subset) -> tuple[list[_Asked], list[_Report]]:
    reports: dict[tuple[str, str], _Report] = {}
    asked: list[_Asked] = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        context = _context(line, where)
        if not subset.admits(context.lang):
            continue
        text = unicodedata.normalize("NFC", context.context)
        made = _Report(_id(context.lang, text), context.lang, text, _title(context.title))
        report = reports.setdefault((context.lang, text), made)
        for one in context.qas:
            spans = tuple(_span(context.context, text, answer, where) for answer in one.answers)
            if bool(spans) is one.impossible:
                raise InputError(f"{where}: the question {one.id} needs either answers or impossible; correct it")
            question = " ".join(one.question.split())
            asked.append(_Asked(one.id, question, one.qlang or context.lang, report, spans, where))
    return asked, list(reports.values())


def _context(line: str, where: str) -> _Context:
    try:
        context = _CONTEXT.validate_json(line)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise InputError(f"{where}: is not JSON; one context per line is needed") from None
        raise InputError(f"{where}: {told(error, [known.name for known in fields(_Context)])}") from None
    for tag in (context.lang, *(one.qlang for one in context.qas if one.qlang)):
        if not tag_is_valid(tag):
            raise InputError(f"{where}: {tag!r} is not a language tag; give one such as en, de or pt-BR")
    return context


def _span(context: str, text: str, answer: _Answer, where: str) -> tuple[int, int]:
    """The answer's offsets in the normalised text."""
    if context[answer.start : answer.start + len(answer.text)] != answer.text or not answer.text:
        raise InputError(f"{where}: the answer {answer.text!r:.60} is not at {answer.start}; correct its start")
    start = len(unicodedata.normalize("NFC", context[: answer.start]))
    end = len(unicodedata.normalize("NFC", context[: answer.start + len(answer.text)]))
    return start, min(end, len(text))


def _title(title: str) -> str:
    """The heading of a report; a document's number is not one."""
    plain = " ".join(unicodedata.normalize("NFC", title).replace("_", " ").split())
    return "" if _NUMBERED.fullmatch(plain) or not any(map(str.isalpha, plain)) else plain


def _id(language: str, text: str) -> str:
    return f"{language}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _collection(name: str, part: str, asked: Sequence[_Asked], reports: Sequence[_Report], subset: Subset) -> CaseSet:
    alike: dict[tuple[str, str], list[_Asked]] = {}
    for one in asked:
        alike.setdefault((one.language, one.question), []).append(one)
    holding = _holding(reports)
    cases: dict[str, Case] = {}
    places: dict[str, str] = {}
    copies: Counter[str] = Counter()
    for group in alike.values():
        case = _case(group, holding)
        copies[case.id] += 1
        case = replace(case, id=f"{case.id}#{copies[case.id]}") if copies[case.id] > 1 else case
        cases[case.id], places[case.id] = case, group[0].where
    passages = tuple((report.id, report.text) for report in reports)
    return CaseSet(name, subset.of(tuple(cases.values())), places, passages=passages, part=part)


def _case(group: Sequence[_Asked], holding: dict[str, list[_Report]]) -> Case:
    """One question with all its answers; its text's language is the question's own if one of the texts has it."""
    known = [one for one in group if one.spans] or group
    first = next((one for one in known if one.report.language == one.language), known[0])
    spans = []
    for one in known:
        for home in holding[one.report.id]:
            moved = home.offset + home.context.index(one.report.context)
            spans += [(home.id, moved + start, moved + end) for start, end in one.spans]
    answers = [one.report.context[start:end] for one in known for start, end in one.spans]
    articles = tuple(dict.fromkeys(id for id, _, _ in spans))
    return Case(
        id=f"{first.language}-{first.report.language}:{first.id}",
        question=first.question,
        language=first.language,
        kind="span" if spans else "unanswerable",
        answerable=bool(spans),
        answers=tuple(dict.fromkeys(answers)),
        articles=articles,
        any_article=len(articles) > 1,
        spans=tuple(dict.fromkeys(spans)),
        text_language=first.report.language,
        about=first.report.id,
    )


def _holding(reports: Iterable[_Report]) -> dict[str, list[_Report]]:
    """Report id -> all reports of its language that contain the same context, itself first."""
    by_language: dict[str, list[_Report]] = {}
    for report in reports:
        by_language.setdefault(report.language, []).append(report)
    return {
        one.id: [one, *(other for other in held if other is not one and one.context in other.context)]
        for held in by_language.values()
        for one in held
    }
