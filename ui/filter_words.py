"""The effect of the filters in words, used next to the filters, under an answer and in exports. Plain text."""

from __future__ import annotations

from collections.abc import Callable

from rag.models import Article, Filtered, Filters
from ui.strings import Strings


def chosen_words(filters: Filters, strings: Strings, find: Callable[[str], Article | None]) -> str:
    """The filters themselves, for whoever does not see them: "Languages: Swedish. From: 1 May 2024."; else empty."""
    told = []
    if filters.languages:
        told.append(f"{strings.filter_languages}: {strings.list_languages(filters.languages)}.")
    if filters.articles:
        titles = [article.title if (article := find(id)) else id for id in filters.articles]
        told.append(f"{strings.filter_reports}: {'; '.join(titles)}.")
    for label, day in ((strings.filter_since, filters.since), (strings.filter_until, filters.until)):
        if day:
            told.append(f"{label}: {strings.day(day)}.")
    return " ".join(told)


def left_words(left: Filtered | None, strings: Strings) -> str:
    """How many reports match, why others do not, and what to do; empty if all match."""
    if left is None or left.admitted == left.of:
        return ""
    told = [strings.left.format(admitted=left.admitted, of=left.of)]
    if left.without_date:
        told.append(strings.count(strings.left_undated, left.without_date))
    if not left.admitted:
        told.append(strings.left_none)
    return " ".join(told)
