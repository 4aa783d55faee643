"""Filtering and sorting the list of reports. Independent of pages and of how reports are stored."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.language import fold
from rag.models import Article, Filters

Sort = Literal["newest", "oldest", "title", "language", "place", "file"]


@dataclass(frozen=True, slots=True)
class View:
    """What to show of the collection; empty fields leave nothing out. `places` as they are written in it."""

    search: str = ""
    filters: Filters = Filters()
    places: tuple[str, ...] = ()
    sort: Sort = "newest"


def rows(articles: Iterable[Article], view: View) -> list[Article]:
    """The reports that the view selects, in its order, ignoring case and diacritics.

    Every word of `search` occurs in the title, id, file name, places, authors, source address, date or language.
    Reports without a date come last in both orders of dates.
    """
    words = plain(view.search).split()
    places = {plain(place) for place in view.places}
    found = [
        article
        for article in articles
        if view.filters.admit(article)
        and (not places or not places.isdisjoint(plain(place) for place in article.places))
        and all(word in _searched(article) for word in words)
    ]
    order = _ORDERS[view.sort]
    return sorted(found, key=lambda article: (*order(article), plain(article.title), article.id))


def places_of(articles: Iterable[Article]) -> list[str]:
    """The places of the collection, most frequent first; spellings of one are counted together."""
    forms: dict[str, Counter[str]] = {}
    for place in (place for article in articles for place in article.places):
        forms.setdefault(plain(place), Counter())[place] += 1
    ranked = sorted(forms, key=lambda key: (-forms[key].total(), key))
    return [forms[key].most_common(1)[0][0] for key in ranked]


def languages_of(articles: Iterable[Article]) -> list[str]:
    """The primary tags of the collection's languages, most frequent first."""
    counted = Counter(article.language.split("-")[0] for article in articles)
    return sorted(counted, key=lambda tag: (-counted[tag], tag))


def plain(text: str) -> str:
    """The text without case and diacritics, for comparing."""
    return fold(unicodedata.normalize("NFC", text))


def _searched(article: Article) -> str:
    day = article.published.isoformat() if article.published else ""
    parts = (article.title, article.id, Path(article.location).name, article.source_url or "", day, article.language)
    return plain("\n".join((*parts, *article.places, *article.authors)))


def _by_day(article: Article, sign: int) -> tuple[bool, int]:
    return article.published is None, sign * article.published.toordinal() if article.published else 0


_ORDERS: dict[Sort, Callable[[Article], tuple[object, ...]]] = {
    "newest": lambda article: _by_day(article, -1),
    "oldest": lambda article: _by_day(article, 1),
    "title": lambda article: (),
    "language": lambda article: (article.language, *_by_day(article, -1)),
    "place": lambda article: (not article.places, [plain(place) for place in article.places], *_by_day(article, -1)),
    "file": lambda article: (plain(Path(article.location).name or article.id),),
}
