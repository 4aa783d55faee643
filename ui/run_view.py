"""Runs of `askreports evaluate` -> escaped HTML: their tables, and the answers that differ between two runs.

Only folders under one root are opened, whatever a browser requests. Independent of Gradio; metrics and tables come from
`rag.evaluation`, in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import InputError
from ui.markup import escape
from ui.strings import Strings

if TYPE_CHECKING:
    from rag.evaluation import Change, Row, Sheet

HEAD = "run.json"
DEPTH = 3  # levels of folders below the root that are searched
SHOWN_CHANGES = 200


def find_runs(root: Path) -> list[str]:
    """The run folders under `root`, as relative paths, the newest first."""
    found = [head for depth in range(DEPTH) for head in root.glob("*/" * (depth + 1) + HEAD)]
    found.sort(key=lambda head: (-head.stat().st_mtime, str(head)))
    return [head.parent.relative_to(root).as_posix() for head in found]


def runs_html(root: Path, before: str, after: str, strings: Strings) -> str:
    """The tables of a run, or of two with what changed between them. Raises InputError for an unknown run.

    `before` is the run that is opened, `after` is compared with it; "" for none.
    """
    from rag.evaluation import compare, load_run, sheets

    runs = [load_run(_inside(root, name)) for name in (before, after) if name]
    if not runs:
        return ""
    both = compare(*runs) if len(runs) > 1 else None
    tables = "".join(_table(sheet) for sheet in sheets(both.runs if both else runs, both))
    return (_changes(both.others[0].changes, strings) if both else "") + tables


def _inside(root: Path, name: str) -> Path:
    if name not in find_runs(root):
        raise InputError(f"{name}: there is no run of this name in {root}; create one with: askreports evaluate CASES")
    return root / name


def _table(sheet: Sheet) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in sheet.columns)
    rows = "".join(f"<tr>{_cells(row, sheet.labels)}</tr>" for row in sheet.rows)
    remark = f'<p class="hint">{escape(sheet.remark)}</p>' if sheet.remark else ""
    return (
        f'<h2>{escape(sheet.title)}</h2><div class="wide-table" tabindex="0"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{remark}"
    )


def _cells(row: Sequence[str], labels: int) -> str:
    named = f'<th scope="row">{escape(row[0])}</th>' if row else ""
    rest = (f'<td class="{"label" if at < labels else "figure"}">{escape(cell)}</td>' for at, cell in enumerate(row))
    return named + "".join(list(rest)[1:])


def _changes(changes: Sequence[Change], strings: Strings) -> str:
    title = escape(strings.count(strings.changed_answers, len(changes)))
    shown = "".join(_change(change, strings) for change in changes[:SHOWN_CHANGES])
    more = len(changes) - SHOWN_CHANGES
    rest = f'<p class="hint">{escape(strings.count(strings.more_reports, more))}</p>' if more > 0 else ""
    return f"<h2>{title}</h2>{shown}{rest}"


def _change(change: Change, strings: Strings) -> str:
    kind, sign, word = {
        "gained": ("better", "▲", strings.better),
        "lost": ("worse", "▼", strings.worse),
    }.get(change.how, ("same", "=", strings.same))
    case = change.base.case
    wanted = "; ".join(case.answers) if case.answerable else strings.declined
    expected = f'<p class="expected"><strong>{escape(strings.expected)}</strong> {escape(wanted)}</p>' if wanted else ""
    how = f'<span class="sign">{sign}</span> <span class="how">{escape(word)}</span>'
    return (
        f'<article class="change {kind}"><h3 lang="{escape(case.language)}" dir="auto">{how} '
        f'{escape(case.question)}</h3>{expected}<div class="pair">'
        f"{_answer(change.base, strings.run_before, strings)}{_answer(change.other, strings.run_after, strings)}"
        f"</div></article>"
    )


def _answer(row: Row, title: str, strings: Strings) -> str:
    head = f"<h4>{escape(title)}</h4>"
    if row.answer is None:
        return f"<div>{head}<p>{escape(', '.join(row.retrieved[:3]))}</p></div>"
    text = row.answer.text if row.answer.answered else f"{strings.declined}: {row.answer.text}"
    quotes = "".join(
        f'<li lang="{escape(one.language)}" dir="auto">{one.number} · {escape(one.quote)} '
        f'<span class="from">{escape(one.article_id)}</span></li>'
        for one in row.answer.citations
    )
    return f'<div>{head}<p lang="{escape(row.answer.language)}" dir="auto">{escape(text)}</p><ul>{quotes}</ul></div>'
