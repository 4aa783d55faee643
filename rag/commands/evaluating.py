"""`evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.commands.terminal import err, out, progress_shown


def evaluate(
    cases: Annotated[Path, typer.Argument(help="A case file, a SQuAD-style .json file or a BEIR folder.")],
    against: Annotated[list[Path] | None, typer.Option(help="Folder of an earlier run to compare with.")] = None,
    settings: Annotated[
        list[Path] | None, typer.Option(help="TOML file of settings; give two to compare them.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Folder of the run. Default: one in out/.")] = None,
    reports_from: Annotated[
        list[str] | None,
        typer.Option("--reports", "-r", help="Reports to ask. Default: those of the case file, else the samples."),
    ] = None,
    passages: Annotated[
        Path | None, typer.Option(help="Translation of a SQuAD-style file; its passages become the reports.")
    ] = None,
    retrieval: Annotated[bool, typer.Option("--retrieval", help="Evaluate retrieval only; no language model.")] = False,
    judge: Annotated[
        str, typer.Option(help="Language model that also judges the answers; values as for ASKREPORTS_LLM.")
    ] = "",
    languages: Annotated[str, typer.Option(help="Only texts in these languages, for example de,es.")] = "",
    every: Annotated[int, typer.Option(min=1, help="Only every n-th question of each language pair.")] = 1,
    limit: Annotated[int, typer.Option(min=0, help="Maximum number of questions per language pair; 0 for all.")] = 0,
) -> None:
    """Ask the questions of a case file, score the answers and compare runs. Run it again to resume after a stop."""
    from rag.evaluation import Subset, run_command

    try:
        with progress_shown() as progress:
            page = run_command(
                cases,
                against=against or (),
                settings=settings or (),
                out=to,
                reports=reports_from or (),
                passages=passages,
                only_retrieval=retrieval,
                judge=judge,
                console=out,
                progress=progress,
                subset=Subset(tuple(filter(None, languages.split(","))), every, limit),
            )
    except KeyboardInterrupt:
        err.print("askreports: stopped; the answers so far are kept, and the same command resumes from there")
        raise typer.Exit(130) from None
    out.print(f"\n{page}")
