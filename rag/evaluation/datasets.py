"""Question sets in any format -> `CaseSet`: our own, SQuAD-style JSON files, and BEIR folders for retrieval only.

SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), XQuAD, MLQA and PoQuAD share one format; each paragraph becomes a
report. BEIR (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv`. Independent of answers.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.evaluation.loading import Case, CaseSet, Subset, load_case_set, read_text
from rag.evaluation.marked_answers import is_marked, load_marked
from rag.language import detect

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SAMPLE = 200  # questions from which a file's language is detected


def load_any(path: Path, passages: Path | None = None) -> CaseSet:
    """Cases in whichever format the path has: our JSON lines, SQuAD-style JSON, a BEIR folder or one of its qrels.

    `passages` is a translation of a SQuAD-style file: its paragraphs become the reports, joined by question id. For a
    file of contexts in several languages, the collection with all of them is returned. Raises InputError with the place
    and what to change.
    """
    return load_parts(path, passages)[-1]


def load_parts(path: Path, passages: Path | None = None, subset: Subset | None = None) -> list[CaseSet]:
    """Like `load_any`, but with every collection of a file of contexts, and only the cases of the subset."""
    if not path.exists():
        raise InputError(f"{path}: no such file; name a case file, a SQuAD-style .json or a BEIR folder")
    if path.suffix.lower() == ".json":
        held = load_squad(path, passages)
    elif passages is not None:
        raise InputError(f"{passages}: separate passages work only with SQuAD-style .json files")
    elif path.is_dir() or path.suffix.lower() == ".tsv":
        held = load_beir(path)
    elif is_marked(path):
        return load_marked(path, subset)
    else:
        held = load_case_set(path)
    cases = (subset or Subset()).of(held.cases)
    if not cases:
        raise InputError(f"{path}: contains no question in these languages; name others, or none for all")
    return [replace(held, cases=cases)]


# SQuAD


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of a SQuAD-style file; `report` is the stem of its paragraph."""

    id: str
    question: str
    answers: tuple[str, ...]
    spans: tuple[str, ...]
    answerable: bool
    report: str
    where: str


def load_squad(path: Path, passages: Path | None = None) -> CaseSet:
    """One case per question, one report per paragraph; a repeated paragraph is one report.

    With `passages`, questions and answers come from `path`, reports and proving spans from the other file. Raises
    InputError with the place and what to change.
    """
    texts, asked = _squad(path)
    if not asked:
        raise InputError(f"{path}: contains no question; a SQuAD-style file has data, paragraphs and qas")
    homes = {one.id: one for one in asked}
    if len(homes) < len(asked):
        twice = next(one for one in asked if homes[one.id] is not one)
        raise InputError(f"{twice.where}: the id {twice.id} occurs twice; ids must differ")
    if passages is not None:
        texts, others = _squad(passages)
        homes = {one.id: one for one in others}
        if lost := [one for one in asked if one.id not in homes]:
            raise InputError(
                f"{lost[0].where}: {passages} has no question {lost[0].id}; give a translation of the same questions"
            )
    language = detect("\n".join(one.question for one in asked[:_SAMPLE]))
    cases = tuple(
        Case(
            id=one.id,
            question=one.question,
            language=language,
            kind="span" if one.answerable else "unanswerable",
            answerable=one.answerable,
            answers=one.answers,
            articles=(homes[one.id].report,) if one.answerable else (),
            quotes=homes[one.id].spans[:1] if one.answerable else (),
        )
        for one in asked
    )
    return CaseSet(path.stem, cases, {one.id: one.where for one in asked}, passages=tuple(texts.items()))


def _squad(path: Path) -> tuple[dict[str, str], list[_Asked]]:
    """The paragraphs by stem, and the questions."""
    try:
        held = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: is not JSON ({error.msg})") from None
    stems: dict[str, str] = {}
    asked: list[_Asked] = []
    for where, paragraph in _paragraphs(path, held):
        text = unicodedata.normalize("NFC", _field(paragraph, "context", str, where))
        stem = stems.setdefault(text, f"paragraph-{len(stems) + 1:05}")
        for at, entry in enumerate(_field(paragraph, "qas", list, where)):
            asked.append(_question(f"{where}, question {at + 1}", entry, stem, text))
    return {stem: text for text, stem in stems.items()}, asked


def _paragraphs(path: Path, held: object) -> Iterator[tuple[str, Any]]:
    for at, article in enumerate(_field(held, "data", list, str(path)), 1):
        where = f"{path}, article {at}"
        for of, paragraph in enumerate(_field(article, "paragraphs", list, where), 1):
            yield f"{where}, paragraph {of}", paragraph


def _question(where: str, entry: object, stem: str, text: str) -> _Asked:
    id = _field(entry, "id", (str, int), where)
    question = _field(entry, "question", str, where).strip()
    if not question:
        raise InputError(f"{where}: the question is empty; write one or remove the entry")
    assert isinstance(entry, Mapping)
    answerable = not entry.get("is_impossible", False)
    given = _field(entry, "answers", list, where) if answerable else []
    if answerable and not given:
        raise InputError(f"{where}: no answers; give one, or set is_impossible")
    spans = [unicodedata.normalize("NFC", _field(answer, "text", str, where)) for answer in given]
    # PoQuAD words some answers freely in addition to their span.
    free = [answer["generative_answer"] for answer in given if isinstance(answer.get("generative_answer"), str)]
    answers = tuple(dict.fromkeys(answer for answer in [*spans, *free] if answer.strip()))
    return _Asked(str(id), question, answers, tuple(span for span in spans if span in text), answerable, stem, where)


def _field(held: object, name: str, kind: type | tuple[type, ...], where: str) -> Any:
    if not isinstance(held, Mapping) or name not in held:
        raise InputError(f"{where}: the field {name} is missing; add it")
    value = held[name]
    if not isinstance(value, kind):
        raise InputError(f"{where}: {name} has the wrong type, got {value!r:.60}")
    return value


# BEIR


def load_beir(path: Path) -> CaseSet:
    """Queries with graded reports, for retrieval only; `path` is the folder (its test judgements) or a qrels file."""
    folder, judged = (path, _judgements(path)) if path.is_dir() else (path.parent.parent, path)
    stems: dict[str, str] = {}
    passages: list[tuple[str, str]] = []
    for where, entry in _lines(folder / "corpus.jsonl"):
        id = str(_field(entry, "_id", (str, int), where))
        text = f"{entry.get('title') or ''}\n\n{_field(entry, 'text', str, where)}".strip()
        stems[id] = id if _SAFE.fullmatch(id) else f"document-{len(stems) + 1:07}"
        if text:
            passages.append((stems[id], text))
    relevant: dict[str, dict[str, float]] = {}
    for number, line in enumerate(read_text(judged).split("\n")[1:], 2):
        if not line.strip():
            continue
        query, document, grade = _judgement(line, f"{judged}, line {number}")
        if document not in stems:
            raise InputError(
                f"{judged}, line {number}: {document} is not in {folder / 'corpus.jsonl'}; remove the line"
            )
        if grade > 0:
            relevant.setdefault(query, {})[stems[document]] = grade
    questions = {
        str(_field(entry, "_id", (str, int), where)): (where, _field(entry, "text", str, where))
        for where, entry in _lines(folder / "queries.jsonl")
    }
    if lost := relevant.keys() - questions.keys():
        raise InputError(f"{judged}: the query {min(lost)} is not in {folder / 'queries.jsonl'}; remove its lines")
    if not relevant:
        raise InputError(f"{judged}: no query has a relevant document; a score above 0 is needed")
    language = detect("\n".join(questions[id][1] for id in list(relevant)[:_SAMPLE]))
    cases = tuple(
        Case(id, questions[id][1], language, "retrieval", True, articles=tuple(found), grades=tuple(found.values()))
        for id, found in relevant.items()
    )
    places = {case.id: questions[case.id][0] for case in cases}
    return CaseSet(folder.resolve().name, cases, places, passages=tuple(passages), only_retrieval=True)


def _judgements(folder: Path) -> Path:
    found = sorted((folder / "qrels").glob("*.tsv"))
    test = [path for path in found if path.stem == "test"] or found
    if len(test) != 1:
        told = ", ".join(path.name for path in found) or "none"
        raise InputError(
            f"{folder}: a BEIR folder needs qrels/test.tsv (there: {told}); to use another, name the qrels file itself"
        )
    return test[0]


def _judgement(line: str, where: str) -> tuple[str, str, float]:
    try:
        query, document, grade = line.rstrip("\r").split("\t")
        return query, document, float(grade)
    except ValueError:
        raise InputError(f"{where}: needs query id, document id and score, separated by tabs") from None


def _lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            held = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}, line {number}: is not JSON ({error.msg})") from None
        if not isinstance(held, dict):
            raise InputError(f"{path}, line {number}: is not a JSON object")
        yield f"{path}, line {number}", held
