"""What `askreports evaluate` does: runs, their comparison, tables on the terminal, and the page.

Knows files and folders of the person who calls it; the figures are made elsewhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rag.errors import InputError, SettingsError
from rag.evaluation.comparison import compare
from rag.evaluation.evaluating import evaluate
from rag.evaluation.loading import read_text
from rag.evaluation.published import load_any
from rag.evaluation.runs import Run, load_run, write_whole
from rag.evaluation.terminal import show
from rag.evaluation.webpage import render
from rag.llm import open_llm
from rag.models import Progress
from rag.settings import Settings

REPORT = "report.html"


def run_command(
    cases: Path,
    *,
    against: Sequence[Path],
    settings: Sequence[Path],
    out: Path | None,
    reports: Sequence[str],
    passages: Path | None,
    only_retrieval: bool,
    judge: str,
    console: Console,
    progress: Progress | None,
) -> Path:
    """Evaluate, compare and show; the place of the page. What can be wrong is looked at before anything is asked.

    Raises InputError, and what answering raises; what was answered by then is kept.
    """
    held = load_any(cases, passages)
    setups = _setups(settings)
    earlier = [load_run(folder) for folder in against]
    if judge and (only_retrieval or held.only_retrieval):
        raise InputError("retrieval alone gives no answers to judge; leave --judge or --retrieval out")
    model = open_llm(Settings(llm=judge), progress=progress) if judge else None
    try:
        made: list[Run] = []
        for name, chosen in setups.items():
            folder = (out or Path("out") / held.name) / name if settings else out
            made.append(
                evaluate(
                    held,
                    out=folder,
                    reports=list(reports) or None,
                    settings=chosen,
                    only_retrieval=only_retrieval,
                    judge=model,
                    name=name,
                    progress=progress,
                )
            )
    finally:
        if model is not None:
            model.close()
    runs = [*earlier, *made]
    comparison = compare(*runs) if len(runs) > 1 else None
    show(runs, comparison, console)
    last = made[-1].folder
    assert last is not None
    page = (last.parent if settings else last) / REPORT
    write_whole(page, render(runs, comparison))
    return page


def _setups(files: Sequence[Path]) -> dict[str, Settings]:
    """Settings by the name of their file; those of the environment, without a name, where no file is given."""
    if not files:
        return {"": Settings()}
    setups: dict[str, Settings] = {}
    for file in files:
        if file.stem in setups:
            raise InputError(f"{file}: two set-ups are called {file.stem}; give the files different names")
        try:
            setups[file.stem] = Settings(**tomllib.loads(read_text(file)))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f'{file}: is no TOML ({error}); lines such as llm = "none" are needed') from error
        except SettingsError as error:
            raise InputError(f"{file}: {error}") from error
    return setups
