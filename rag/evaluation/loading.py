"""Case files: JSON lines -> `Case`. The fields are told in `rag/evaluation/cases/__init__.py`."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from rag.errors import InputError


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what a right answer to it holds."""

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


def load_cases(path: Path) -> list[Case]:
    """Every case of a file. Raises InputError with the number of the line that is no case, and why."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a case file ({error})") from error
    told = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    cases = [_case(path, number, line) for at, (number, line) in enumerate(told) if at or not _is_header(line)]
    if not cases:
        raise InputError(f"{path}: holds no case; one JSON object a line is needed")
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise InputError(f"{path}: two cases have the id {case.id}; ids must differ")
        seen.add(case.id)
    return cases


def _case(path: Path, number: int, line: str) -> Case:
    known = {field.name for field in fields(Case)}
    try:
        held: dict[str, Any] = json.loads(line)
        if unknown := held.keys() - known:
            raise InputError(
                f"{path}, line {number}: unknown key {sorted(unknown)[0]}; known: {', '.join(sorted(known))}"
            )
        if "today" in held:
            held["today"] = date.fromisoformat(held["today"])
        return Case(**{key: _frozen(value) for key, value in held.items()})
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(f"{path}, line {number}: not a case ({error})") from error


def _is_header(line: str) -> bool:
    try:
        held = json.loads(line)
    except json.JSONDecodeError:
        return False
    return isinstance(held, dict) and "reports" in held and "id" not in held


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
