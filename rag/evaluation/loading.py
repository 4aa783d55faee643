"""Case files: JSON lines -> `CaseSet`. The fields are described in `tests/cases/README.md`.

Users' own files have the same format: `question`, `language`, `kind` (any word) and `answerable` are required, the rest
is optional; a case without `id` is named by its line. A header may name addresses as well as folders. A file is read
whole or refused with the line to change, and may be packed with xz. Independent of reports or answers.
"""

from __future__ import annotations

import difflib
import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from langcodes import tag_is_valid
from pydantic import ConfigDict, TypeAdapter, ValidationError

from rag.errors import InputError

STRICT = ConfigDict(extra="forbid", strict=True)
# The collection with the texts of all languages, if a file also makes one per language.
MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Case:
    """One question and its expected answer. `grades` (BEIR) are the relevance grades of `articles`.

    `spans`: where the answer is, as report id, start and end in code points; an answer is then scored by where it was
    read. `text_language` is that of the report, `about` the report that the question was written about, even if it does
    not answer it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: str
    question: str
    language: str
    kind: str
    answerable: bool
    answers: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    number: float | None = None
    parts: tuple[tuple[str, ...], ...] = ()
    any_article: bool = False
    number_word: str | None = None
    sum_of: tuple[float, ...] = ()
    why: str = ""
    turns: tuple[str, ...] = ()
    standalone: str | None = None
    today: date | None = None
    grades: tuple[float, ...] = ()
    spans: tuple[tuple[str, int, int], ...] = ()
    text_language: str = ""
    about: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, without fields at their default."""
        held: dict[str, Any] = _CASE.dump_python(self, mode="json", exclude_defaults=True)
        return held

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Case:
        """The inverse of `to_dict`. Raises pydantic's ValidationError for anything else."""
        return _CASE.validate_json(json.dumps(data))


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Cases with the collection that they are asked of.

    `reports`: its locations, None if the file names none; `passages`: (file stem, text) of reports that the file itself
    contains. `places` is where each case is, for errors: "cases.jsonl, line 3". `only_retrieval`: there are no answers
    to score against. `part` names the collection if a file makes several.
    """

    name: str
    cases: tuple[Case, ...]
    places: Mapping[str, str] = field(default_factory=dict)
    reports: tuple[str, ...] | None = None
    passages: tuple[tuple[str, str], ...] = ()
    only_retrieval: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True)
class Subset:
    """Which questions of a file are asked, the same ones each time.

    Those on texts in these `languages` (of the question if the text's is unknown), of each language pair every n-th,
    and of these at most `limit`, spread over the file; 0 is no limit.
    """

    languages: tuple[str, ...] = ()
    every: int = 1
    limit: int = 0

    def admits(self, language: str) -> bool:
        """Whether texts of this language are asked about."""
        return not self.languages or language in self.languages

    def of(self, cases: Sequence[Case]) -> tuple[Case, ...]:
        """The cases to ask, in their order."""
        groups: dict[tuple[str, str], list[Case]] = {}
        for case in cases:
            if self.admits(case.text_language or case.language):
                groups.setdefault((case.language, case.text_language), []).append(case)
        kept: set[str] = set()
        for group in groups.values():
            drawn = group[:: self.every]
            if self.limit and len(drawn) > self.limit:
                drawn = [drawn[at * len(drawn) // self.limit] for at in range(self.limit)]
            kept.update(case.id for case in drawn)
        return tuple(case for case in cases if case.id in kept)


@dataclass(frozen=True, slots=True)
class _Header:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    reports: tuple[str, ...]


_CASE = TypeAdapter(Case)
_HEADER = TypeAdapter(_Header)


def load_cases(path: Path) -> list[Case]:
    """Every case of a JSON lines file. Raises InputError with the invalid line, and what to change."""
    return list(load_case_set(path).cases)


def load_case_set(path: Path) -> CaseSet:
    """The cases of a JSON lines file, with the collection that its header names. Raises InputError."""
    numbered = [(number, line) for number, line in enumerate(read_text(path).split("\n"), 1) if line.strip()]
    reports: tuple[str, ...] | None = None
    if numbered and (header := _header(path, *numbered[0])):
        reports = tuple(_location(path, numbered[0][0], place) for place in header.reports)
        numbered = numbered[1:]
    cases = [(number, _case(path, number, line)) for number, line in numbered]
    if not cases:
        raise InputError(f"{path}: contains no cases; one JSON object per line is needed")
    places: dict[str, str] = {}
    for number, case in cases:
        if case.id in places:
            raise InputError(
                f"{path}, line {number}: the id {case.id} is used in {places[case.id]} already; ids must differ"
            )
        places[case.id] = f"{path}, line {number}"
    return CaseSet(stem(path), tuple(case for _, case in cases), places, reports)


def stem(path: Path) -> str:
    """The file's name without its suffixes."""
    return path.name.removesuffix(".xz").removesuffix(".jsonl").removesuffix(".json")


def read_text(path: Path) -> str:
    """A file's text, unpacked. Raises InputError with the line that is not UTF-8, or why the file cannot be read."""
    try:
        data = path.read_bytes()
        if path.suffix == ".xz":
            data = lzma.decompress(data)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except lzma.LZMAError as error:
        raise InputError(f"{path}: cannot be unpacked ({error}); compress it with xz again") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: is not UTF-8; save the file in UTF-8") from error


def _header(path: Path, number: int, line: str) -> _Header | None:
    try:
        held = json.loads(line)
    except json.JSONDecodeError:
        return None
    if not isinstance(held, dict) or "reports" not in held or "question" in held:
        return None
    try:
        return _HEADER.validate_json(line)
    except ValidationError as error:
        raise InputError(f"{path}, line {number}: the header {told(error, ['reports'])}") from None


def _location(path: Path, number: int, place: str) -> str:
    if place.startswith(("http://", "https://")):
        return place
    found = (path.parent / place).resolve()
    if not found.exists():
        raise InputError(
            f"{path}, line {number}: the reports {place} are not there ({found}); paths are relative to the case file"
        )
    return str(found)


def _case(path: Path, number: int, line: str) -> Case:
    where = f"{path}, line {number}"
    try:
        held = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: is not JSON ({error.msg} at column {error.colno}); one object per line") from None
    if not isinstance(held, dict):
        raise InputError(f"{where}: is not a JSON object; a case looks like {{'question': ..., 'language': ...}}")
    try:
        case = _CASE.validate_json(json.dumps({"id": f"line-{number}", **held}))
    except ValidationError as error:
        raise InputError(f"{where}: {told(error, [known.name for known in fields(Case)])}") from None
    if wrong := _contradiction(case):
        raise InputError(f"{where}: {wrong}")
    return case


def told(error: ValidationError, known: Sequence[str]) -> str:
    """What is wrong with a line, in words; `known` are the allowed keys."""
    unknown = ("unexpected_keyword_argument", "extra_forbidden")
    # A misspelt key is also missing under its right name: the misspelling is reported.
    first = min(error.errors(), key=lambda one: one["type"] not in unknown)
    name, place = str(first["loc"][0]) if first["loc"] else "", ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        return f"the field {place} is missing; add it"
    if first["type"] in unknown:
        near = difflib.get_close_matches(name, known, n=1)
        return f"unknown key {name}; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known))}")
    return f"{place}: {first['msg']}, got {first['input']!r}"


def _contradiction(case: Case) -> str:
    """What is wrong with a case whose fields are each valid; empty if nothing is."""
    if not case.question.strip():
        return "the question is empty; write one"
    for tag in filter(None, (case.language, case.text_language)):
        if not tag_is_valid(tag):
            return f"language {tag!r} is not a language tag; give one such as en, de or pt-BR"
    if case.answerable and not (case.answers or case.parts or case.articles or case.number is not None):
        return "nothing to score: give answers, a number or articles, or set answerable to false"
    if not case.answerable and (case.answers or case.articles or case.spans or case.number is not None):
        return "answerable is false, yet answers, a number or articles are given; take them out, or set it to true"
    if any(id not in case.articles for id, _, _ in case.spans):
        return "a span is of a report that articles does not name; add the report there"
    if case.grades and len(case.grades) != len(case.articles):
        return f"{len(case.grades)} grades for {len(case.articles)} articles; give one for each"
    return ""
