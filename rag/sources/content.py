"""The result of reading a file in some format: `Content`, with the file's `Metadata`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# An http address in running text.
URL = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says about its report outside the report's text; fields are empty if it says nothing."""

    title: str = ""
    published: date | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The text read from a file. `warnings` are sentences about what was damaged or guessed, and where."""

    text: str
    metadata: Metadata = Metadata()
    warnings: tuple[str, ...] = ()
