"""The result of reading a file in some format: `Content`, with the file's `Metadata`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# An http address in running text.
URL = re.compile(r"https?://[^\s<>\"']+")


# Longest title, name or address that a file may give, in code points: longer is no such thing.
LONGEST = 1_000
_UNSEEN = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_HALVES = re.compile("[\ud800-\udfff]")


def one_line(text: str) -> str:
    r"""The text as one line that can be stored and printed: no control character, no half of a character, not endless.

    JSON and YAML can spell both ("\ud800", "\0"), in which no database takes them and a terminal obeys them.
    """
    return _UNSEEN.sub(" ", _HALVES.sub("\ufffd", text[:LONGEST])).strip()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says about its report outside the report's text; fields are empty if it says nothing.

    Every text is `one_line`.
    """

    title: str = ""
    published: date | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
    source_url: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "language", "source_url"):
            object.__setattr__(self, name, one_line(getattr(self, name)))
        object.__setattr__(self, "authors", tuple(name for said in self.authors if (name := one_line(said))))


@dataclass(frozen=True, slots=True)
class Content:
    """The text read from a file. `warnings` are sentences about what was damaged or guessed, and where."""

    text: str
    metadata: Metadata = Metadata()
    warnings: tuple[str, ...] = ()
