"""Relative days in a quote ("yesterday") with their dates, as plain text. Independent of pages."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from rag.language import relative_days
from ui.strings import Strings


@dataclass(frozen=True, slots=True)
class Computed:
    """`quote[start:end]` is `words`, and means `day`, counted from the report's date."""

    words: str
    start: int
    end: int
    day: date

    def told(self, strings: Strings) -> str:
        """Say that "yesterday" was 3 July 2024, and that this was computed."""
        words = self.words
        if any(unicodedata.bidirectional(char) in ("R", "AL") for char in words):
            # Isolated, so that the rest of the line stays in its own order.
            words = f"\N{FIRST STRONG ISOLATE}{words}\N{POP DIRECTIONAL ISOLATE}"
        return strings.computed_day.format(words=words, date=strings.day(self.day))


def computed_days(quote: str, language: str, published: date | None) -> tuple[Computed, ...]:
    """The days of a quote that are certain; none if the report has no date."""
    found = relative_days(quote, language, published)
    return tuple(Computed(quote[start:end], start, end, day) for start, end, day in found)
