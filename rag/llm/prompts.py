"""The prompts of `prompts/*.md`: text with {variables}, which are checked when it is filled in.

A file holds one or more parts, each after a line `--- NAME ---`. Does not depend on what prompts are for.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Formatter

from rag.errors import NeedError

_PART = re.compile(r"^--- (\w+) ---$", re.MULTILINE)


def fill(name: str, part: str, /, **values: object) -> str:
    """One part of a prompt with its variables filled in.

    Raises NeedError if the file or part is missing, or its variables are not exactly those given: a prompt that lost
    one in editing would silently give wrong answers.
    """
    parts = _parts(name)
    if part not in parts:
        raise NeedError(f"prompts/{name}.md has no part {part!r}; it has {', '.join(parts)}")
    text = parts[part]
    wanted = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    if wanted != values.keys():
        raise NeedError(
            f"prompts/{name}.md, part {part}: its variables are {sorted(wanted)}, the program gives {sorted(values)}"
        )
    return text.format(**values)


@cache
def _parts(name: str) -> dict[str, str]:
    # Beside the package, both in a checkout and where a wheel puts it.
    file = Path(__file__).parents[2] / "prompts" / f"{name}.md"
    if not file.is_file():
        raise NeedError(f"prompts/{name}.md is missing; install the package again")
    pieces = _PART.split(file.read_text(encoding="utf-8"))
    return {part: text.strip("\n") for part, text in zip(pieces[1::2], pieces[2::2], strict=True)}
