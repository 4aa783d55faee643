"""A run's folder: `run.json` with the configuration and the cases asked, and `answers.jsonl`, one line per question.

Each line is written and synced before the next question is asked, so that a stopped run resumes where it was; a torn
last line is cut off. One folder holds one configuration. Independent of how answers are made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout
from pydantic import ValidationError

from rag.errors import InputError, StoreError
from rag.evaluation.llm_judge import Judgement
from rag.evaluation.loading import MIXED, Case, read_text
from rag.evaluation.scoring import Scores
from rag.models import Answer

HEAD = "run.json"
ANSWERS = "answers.jsonl"
# Joint name of the single-language collections.
APART = "apart"


@dataclass(frozen=True, slots=True)
class Row:
    """One question's outcome. `answer` is None in a retrieval-only run.

    `retrieved`: ids of the reports found, best first, each once: among the answer's hits, or a hundred windows in a
    retrieval-only run. `languages`: those of the case's proving reports, or of the text that the case says it was
    written about. `proving`: the case's reports as the collection names them, where two files are one report.
    """

    case: Case
    answer: Answer | None
    retrieved: tuple[str, ...]
    languages: tuple[str, ...]
    scores: Scores
    judgement: Judgement | None = None
    proving: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: one line of `answers.jsonl`."""
        return {
            "case": self.case.to_dict(),
            "settings_hash": self.answer.settings_hash if self.answer else "",
            "scores": self.scores.to_dict(),
            "retrieved": list(self.retrieved),
            "languages": list(self.languages),
            "proving": list(self.proving),
            "judgement": self.judgement.to_dict() if self.judgement else None,
            "answer": self.answer.to_dict() if self.answer else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Row:
        """The inverse of `to_dict`. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            case=Case.from_dict(data["case"]),
            answer=Answer.from_dict(data["answer"]) if data["answer"] else None,
            retrieved=tuple(data["retrieved"]),
            languages=tuple(data["languages"]),
            scores=Scores.from_dict(data["scores"]),
            judgement=Judgement.from_dict(data["judgement"]) if data["judgement"] else None,
            proving=tuple(data.get("proving", ())),  # absent in older runs
        )


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes the answers of one folder comparable. `settings` contains no keys and no folders.

    `program` is a hash of the code and prompts that answer, `collection` one of the reports that were asked.
    """

    settings_hash: str
    settings: Mapping[str, Any]
    models: Mapping[str, str]
    program: str
    collection: str
    only_retrieval: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A configuration's answers to a set of cases. `reports` maps report ids to titles; `made` is a UTC time."""

    name: str
    stamp: Stamp
    rows: tuple[Row, ...]
    cases: str = ""
    made: str = ""
    reports: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


class RunFile:
    """A run's folder, opened for writing; a context manager that locks it against other processes.

    Raises InputError if the folder holds another configuration's answers or is not a run's, StoreError if it is
    unusable.
    """

    def __init__(self, folder: Path, stamp: Stamp, *, name: str, cases: str, reports: Mapping[str, str]) -> None:
        self.folder = folder
        self._run = Run(name, stamp, (), cases, datetime.now(UTC).isoformat(timespec="seconds"), reports, folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder}: cannot be created ({error.strerror}); give another --out") from error
        self._lock = FileLock(folder / "run.lock")

    def __enter__(self) -> Self:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise StoreError(
                f"{self.folder}: another evaluation is writing here; wait, or give another --out"
            ) from None
        try:
            agree(self.folder, self._run.stamp)
            if not (self.folder / HEAD).exists():
                self._write_head([])
            self.rows = {row.case.id: row for row in _read_rows(self.folder / ANSWERS, mend=True)}
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()

    def append(self, row: Row) -> None:
        """Append a line; a later line for the same case replaces the earlier one. Raises StoreError."""
        line = json.dumps(row.to_dict(), ensure_ascii=False) + "\n"
        path = self.folder / ANSWERS
        try:
            with path.open("ab") as file:
                file.write(line.encode("utf-8", "surrogatepass"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be written ({error.strerror}); free some space and run the same command again"
            ) from error
        self.rows[row.case.id] = Row.from_dict(json.loads(line))  # what a later run reads: hits without their reports

    def finish(self, cases: Iterable[Case]) -> Run:
        """The run over these cases, in their order; rows of other cases stay in the folder. Raises StoreError."""
        rows = tuple(self.rows[case.id] for case in cases if case.id in self.rows)
        self._write_head([row.case.id for row in rows])
        return replace(self._run, rows=rows)

    def _write_head(self, ids: Sequence[str]) -> None:
        run = self._run
        stamp = {name: getattr(run.stamp, name) for name in Stamp.__slots__}
        head = {
            "name": run.name, "cases": run.cases, "made": run.made, "stamp": stamp, "ids": list(ids),
            "reports": dict(run.reports),
        }  # fmt: skip
        write_whole(self.folder / HEAD, json.dumps(head, ensure_ascii=False, indent=1) + "\n")


def agree(folder: Path, stamp: Stamp) -> None:
    """Raise InputError if the folder holds another configuration's answers; empty fields of the stamp are ignored."""
    if not (folder / HEAD).exists():
        if (folder / ANSWERS).exists():
            raise InputError(f"{folder}: contains {ANSWERS} but no {HEAD}; give another --out")
        return
    if told := _difference(_read_head(folder)[0].stamp, stamp):
        raise InputError(f"{folder}: contains answers of another configuration ({told}); give another --out")


def load_run(folder: Path) -> Run:
    """Load a saved run. Raises InputError if the folder holds none or a line cannot be read."""
    run, ids = _read_head(folder)
    held = {row.case.id: row for row in _read_rows(folder / ANSWERS, mend=False)}
    # A stopped run has written no ids yet: take what it answered.
    rows = tuple(held[id] for id in (ids or held) if id in held)
    if not rows:
        raise InputError(f"{folder}: contains no answers yet; run `askreports evaluate` into it first")
    return replace(run, rows=rows)


def load_runs(folder: Path) -> dict[str, Run]:
    """The run of a folder as "", or the joined runs of its subfolders. Raises InputError for neither."""
    parts = sorted(head.parent for head in folder.glob(f"*/{HEAD}"))
    if (folder / HEAD).is_file() or not parts:
        return {"": load_run(folder)}
    return joined({part.name: load_run(part) for part in parts}, folder.name)


def joined(parts: Mapping[str, Run], name: str = "") -> dict[str, Run]:
    """Runs by collection -> the single-language ones joined into one run, and that of all languages together.

    `name` is prefixed to their names.
    """
    apart = [run for part, run in parts.items() if part != MIXED]
    made = {}
    if apart:
        reports = {id: title for run in apart for id, title in run.reports.items()}
        rows = tuple(row for run in apart for row in run.rows)
        made[APART] = replace(apart[0], name=f"{name} {APART}".strip(), rows=rows, reports=reports, folder=None)
    if MIXED in parts:
        made[MIXED] = replace(parts[MIXED], name=f"{name} {MIXED}".strip())
    return made


def write_whole(path: Path, text: str) -> None:
    """Write a file atomically. Raises StoreError."""
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}); give another --out") from error


def _read_head(folder: Path) -> tuple[Run, list[str]]:
    path = folder / HEAD
    if not path.is_file():
        raise InputError(f"{folder}: is not a run's folder (no {HEAD} in it); name one that `evaluate --out` made")
    try:
        held = json.loads(read_text(path))
        stamp = Stamp(**held["stamp"])
        run = Run(held["name"], stamp, (), held["cases"], held["made"], held["reports"], folder)
        return run, list(held["ids"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: is not a valid run file ({error}); give another folder") from error


def _read_rows(path: Path, *, mend: bool) -> list[Row]:
    """The rows; with `mend` a torn last line is cut off the file, else it is ignored."""
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if mend and len(whole) < len(data):
        with path.open("r+b") as file:
            file.truncate(len(whole))
            os.fsync(file.fileno())
    rows = []
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            rows.append(Row.from_dict(json.loads(line)))
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise InputError(f"{path}, line {number}: is not an answer ({error!r:.120}); remove the line") from error
    return rows


def _difference(before: Stamp, now: Stamp) -> str:
    """The first difference of two configurations, empty if there is none."""
    for name, old in before.settings.items():
        if now.settings.get(name) != old:
            return f"{name} was {old!r}, is {now.settings.get(name)!r}"
    told = {
        "settings_hash": "other settings", "models": "other models", "program": "the program has changed since",
        "collection": "other reports", "only_retrieval": "one is of retrieval alone",
    }  # fmt: skip
    pairs = {name: (getattr(before, name), getattr(now, name)) for name in told}
    return next((told[name] for name, (old, new) in pairs.items() if new not in ("", {}) and old != new), "")
