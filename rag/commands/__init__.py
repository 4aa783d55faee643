"""The command `askreports`: `index`, `ask`, `search`, `serve`, `articles`, `remove`, `doctor`, `evaluate` and more.

Exit codes: 0 done, 1 nothing found (`ask`, `search`), 2 bad usage or input, 3 something needed is missing or broken,
130 stopped. Answers go to standard output, progress and messages to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from rag.commands.asking import ask, search
from rag.commands.collection import articles_app, index, remove
from rag.commands.evaluating import evaluate
from rag.commands.serving import password, serve
from rag.commands.terminal import err, out
from rag.commands.upkeep import backup, doctor, means, restore
from rag.errors import AskReportsError

__all__ = ["app", "main"]

app = typer.Typer(
    name="askreports",
    help="Ask questions about news reports in any language; every answer cites the sentences that prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"askreports {version('askreports')}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Ask questions about news reports in any language; every answer cites the sentences that prove it."""


# In the order in which the help lists them.
_COMMANDS: list[Callable[..., None]] = [index, ask, search, serve, remove]
_COMMANDS += [doctor, backup, restore, means, password, evaluate]
for command in _COMMANDS:
    app.command()(command)
app.add_typer(articles_app, name="articles", invoke_without_command=True)


def main() -> None:
    """Run the command; an AskReportsError becomes a one-line message and its exit code."""
    try:
        app()
    except AskReportsError as error:
        err.print(f"askreports: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("askreports: stopped")
        sys.exit(130)
