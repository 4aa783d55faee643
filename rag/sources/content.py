"""What a format reads in a file: `Content`, with the `Metadata` that a file gives beside its text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says about its report outside the report's text; empty where it says nothing."""

    title: str = ""
    published: date | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a format reads in a file. `warnings` are sentences about what was damaged or guessed, and where."""

    text: str
    metadata: Metadata = Metadata()
    warnings: tuple[str, ...] = ()
