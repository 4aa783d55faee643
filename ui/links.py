"""Links that open a report at a sentence: `?report=ID&at=START-END&quote=HASH`. Independent of pages and reports.

The hash is that of the sentence: it reveals whether the report has changed since, but none of its words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

HASH_CHARS = 12  # 48 bits: by chance no two sentences of a collection share them

_PLACE = re.compile(r"(\d{1,12})-(\d{1,12})")


@dataclass(frozen=True, slots=True)
class Link:
    """`article.text[start:end]`, whose hash is `quote`; a link without one is taken at its offsets."""

    report: str
    start: int
    end: int
    quote: str = ""

    def fits(self, text: str) -> bool:
        """Whether the report's text still has the sentence at that place."""
        words = text[self.start : self.end]
        return bool(words) and self.end <= len(text) and self.quote in ("", _hash(words))


def link_to(report: str, start: int, end: int, quote: str) -> str:
    """The query that opens the page at a sentence."""
    return "?" + urlencode({"report": report, "at": f"{start}-{end}", "quote": _hash(quote)}, errors="replace")


def link_of(query: Mapping[str, str]) -> Link | None:
    """The link in a page's query; None if there is none, or it cannot be read."""
    place = _PLACE.fullmatch(query.get("at", ""))
    if not query.get("report") or not place or int(place[1]) >= int(place[2]):
        return None
    return Link(query["report"], int(place[1]), int(place[2]), query.get("quote", ""))


def _hash(quote: str) -> str:
    return hashlib.sha256(quote.encode("utf-8", "replace")).hexdigest()[:HASH_CHARS]
