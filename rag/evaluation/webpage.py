"""Runs -> one self-contained HTML page: figures, charts, and the answers side by side with their citations.

Everything that comes from a report, a question or a model is escaped by the template; a policy in the page forbids
scripts and requests. jinja2 is imported only when a page is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.evaluation.charts import charts
from rag.evaluation.comparison import Comparison
from rag.evaluation.loading import Case
from rag.evaluation.runs import Row, Run
from rag.evaluation.summary import verdict
from rag.evaluation.tables import share, sheets
from rag.models import rounded_down
from rag.settings import Settings

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = "webpage.html.jinja"
# Questions per section that a phone can still scroll through; the folder holds all.
MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class _Mark:
    look: str
    says: str


@dataclass(frozen=True, slots=True)
class _Citation:
    number: int
    quote: str
    gloss: str | None
    article_id: str
    title: str
    language: str
    published: date | None
    href: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    run: str
    verdict: str
    look: str
    text: str
    numbers: str
    citations: tuple[_Citation, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    id: str
    kind: str
    language: str
    text: str
    turns: tuple[str, ...]
    expected: str
    marks: tuple[_Mark, ...]
    answers: tuple[_Answer, ...]


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    count: int
    questions: tuple[_Question, ...]


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    models: str
    reports: int
    hash: str
    dials: str
    program: str
    made: str


def render(runs: Sequence[Run], comparison: Comparison | None = None) -> str:
    """The page; with a comparison its runs are shown, and the questions that changed come first."""
    runs = comparison.runs if comparison else tuple(runs)
    page: str = _template().render(
        title=f"Evaluation: {runs[0].cases or runs[0].name}",
        count=len(runs[0].rows),
        runs=[_head(run) for run in runs],
        sheets=sheets(runs, comparison),
        charts=charts(runs),
        sections=_sections(runs, comparison),
    )
    return page


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    place = FileSystemLoader(Path(__file__).parent)
    return Environment(autoescape=True, undefined=StrictUndefined, loader=place).get_template(TEMPLATE)


def _head(run: Run) -> _Head:
    plain = {name: field.get_default() for name, field in Settings.model_fields.items() if not field.default_factory}
    moved = {name: held for name, held in run.stamp.settings.items() if name in plain and held != plain[name]}
    return _Head(
        name=run.name,
        models=", ".join(f"{what}: {name}" for what, name in run.stamp.models.items()),
        reports=len(run.reports),
        hash=run.stamp.settings_hash,
        dials=", ".join(f"{name} = {held}" for name, held in moved.items()),
        program=run.stamp.program,
        made=run.made,
    )


def _sections(runs: Sequence[Run], comparison: Comparison | None) -> list[_Section]:
    """Changed questions before unchanged ones; for one run, wrong ones before the rest."""
    rows = [{row.case.id: row for row in run.rows} for run in runs]
    marks: dict[str, list[_Mark]] = {}
    for against in comparison.others if comparison else ():
        for change in against.changes:
            says = change.how if len(runs) == 2 else f"{change.how} in {against.run.name}"
            marks.setdefault(change.base.case.id, []).append(_Mark(change.how, says))
    if comparison:
        titles, first = ("Came out otherwise", "Came out the same"), set(marks)
    else:
        titles, first = (
            ("Not right", "Right or not judged"),
            {row.case.id for row in runs[0].rows if verdict(row) not in (None, 1.0)},
        )
    order = {"lost": 0, "gained": 1}
    made = []
    for title, wanted in zip(titles, (True, False), strict=True):
        kept = [row.case for row in runs[0].rows if (row.case.id in first) is wanted]
        kept.sort(key=lambda case: min((order.get(mark.look, 2) for mark in marks.get(case.id, [])), default=3))
        shown = [_question(case, runs, rows, marks.get(case.id, [])) for case in kept[:MOST_SHOWN]]
        made.append(_Section(title, len(kept), tuple(shown)))
    return [section for section in made if section.questions]


def _question(case: Case, runs: Sequence[Run], rows: Sequence[dict[str, Row]], marks: Sequence[_Mark]) -> _Question:
    answers = tuple(_answer(run, held[case.id]) for run, held in zip(runs, rows, strict=True) if case.id in held)
    if not marks and len(answers) == 1:
        marks = [_Mark(answers[0].look, answers[0].verdict)]
    expected = " / ".join(case.answers[:3]) or ("" if case.answerable else f"declined. {case.why}".strip())
    return _Question(case.id, case.kind, case.language, case.question, case.turns, expected, tuple(marks), answers)


def _answer(run: Run, row: Row) -> _Answer:
    came = verdict(row)
    look = "" if came is None else "gained" if came == 1.0 else "lost"
    if row.answer is None:
        found = ", ".join(f"{at}. {id}" for at, id in enumerate(row.retrieved[:10], 1))
        return _Answer(run.name, f"rank score {share(came)}", look, found or "nothing found", "", ())
    told = "not judged" if came is None else "right" if came == 1.0 else "not right"
    numbers = [f"short: {row.answer.short}"] if row.answer.short else []
    for name, value in (("span F1", row.scores.span_f1), ("token F1", row.scores.token_f1)):
        numbers += [f"{name} {share(value)}"] if value is not None else []
    numbers.append(f"confidence {share(rounded_down(row.answer.confidence, 2))}")
    if row.scores.seconds is not None:
        numbers.append(f"{row.scores.seconds:.1f} s")
    if row.judgement and row.judgement.faithful is not None:
        numbers.append(f"judge: {'faithful' if row.judgement.faithful else 'not faithful'}")
    if row.judgement and row.judgement.correct is not None:
        numbers.append(f"judge: {'correct' if row.judgement.correct else 'not correct'}")
    proving = row.proving or row.case.articles
    citations = tuple(
        _Citation(
            one.number,
            one.quote,
            one.gloss,
            one.article_id,
            one.title,
            one.language,
            one.published,
            _href(one.source_url),
            (bool(proving) or not row.case.answerable) and one.article_id not in proving,
        )
        for one in row.answer.citations
    )
    return _Answer(run.name, told, look, row.answer.text, ", ".join(numbers), citations)


def _href(address: str | None) -> str:
    """The address if it is http or https; another scheme could be a script."""
    return address if address and address.startswith(("http://", "https://")) else ""
