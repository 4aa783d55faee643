"""The command `askreports evaluate`: runs, their comparison, tables on the terminal, and the pages.

Knows the user's files and folders; the figures are computed elsewhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from rag.errors import InputError, SettingsError
from rag.evaluation.comparison import compare
from rag.evaluation.datasets import load_parts
from rag.evaluation.evaluating import evaluate
from rag.evaluation.loading import MIXED, Subset, read_text
from rag.evaluation.runs import APART, Run, joined, load_runs, write_whole
from rag.evaluation.terminal import show
from rag.evaluation.webpage import render
from rag.llm import open_llm
from rag.models import Progress
from rag.settings import Settings

REPORT = "report"


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
    subset: Subset | None = None,
) -> Path:
    """Evaluate, compare and show; returns the page's path. Inputs are checked before anything is asked.

    A file with several collections gets a folder per collection, a page for the single-language ones and a page for the
    mixed one, which is returned. Raises InputError, and what answering raises; the answers so far are kept.
    """
    sets = load_parts(cases, passages, subset)
    setups = _setups(settings)
    earlier = [load_runs(folder) for folder in against]
    wanted = {APART, MIXED} if sets[0].part else {""}
    for place, runs in zip(against, earlier, strict=True):
        if not wanted & runs.keys():
            raise InputError(f"{place}: contains no run of these collections; name a folder with a run of {cases}")
    if judge and (only_retrieval or sets[0].only_retrieval):
        raise InputError("a retrieval-only run has no answers to judge; drop --judge or --retrieval")
    if reports and len(sets) > 1:
        raise InputError(f"{cases}: brings its own reports, in {len(sets)} collections; drop --reports")
    model = open_llm(Settings(llm=judge), progress=progress) if judge else None
    made: list[dict[str, Run]] = []
    page_folder = Path()
    try:
        for name, chosen in setups.items():
            folder = (out or Path("out") / sets[0].name) / name if settings else out
            parts: dict[str, Run] = {}
            for held in sets:
                parts[held.part] = run = evaluate(
                    held,
                    out=folder / held.part if folder else None,
                    reports=list(reports) or None,
                    settings=chosen,
                    only_retrieval=only_retrieval,
                    judge=model,
                    name=name or held.part,
                    progress=progress,
                )
                assert run.folder is not None
                page_folder = run.folder.parent if held.part else run.folder
            made.append(parts if "" in parts else joined(parts, name))
    finally:
        if model is not None:
            model.close()
    return _shown([*earlier, *made], page_folder.parent if settings else page_folder, console)


def _shown(held: Sequence[Mapping[str, Run]], folder: Path, console: Console) -> Path:
    """Show runs of the same collections side by side, on the terminal and as pages; returns the last page."""
    page = folder
    for part in held[-1]:
        runs = [one[part] for one in held if part in one]
        comparison = compare(*runs) if len(runs) > 1 else None
        show(runs, comparison, console)
        page = folder / f"{REPORT}{'-' * bool(part)}{part}.html"
        write_whole(page, render(runs, comparison))
    return page


def _setups(files: Sequence[Path]) -> dict[str, Settings]:
    """Settings by the stem of their file; without files, those of the environment under an empty name."""
    if not files:
        return {"": Settings()}
    setups: dict[str, Settings] = {}
    for file in files:
        if file.stem in setups:
            raise InputError(f"{file}: two settings files are called {file.stem}; give the files different names")
        try:
            setups[file.stem] = Settings(**tomllib.loads(read_text(file)))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f'{file}: is not TOML ({error}); lines such as llm = "none" are needed') from error
        except SettingsError as error:
            raise InputError(f"{file}: {error}") from error
    return setups
