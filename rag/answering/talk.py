"""Small talk and help, answered immediately in the question's language, without reports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from rag.answering.localization import language_name
from rag.answering.question import Talk
from rag.language import language_of, told_in
from rag.models import Article

# Languages and titles named of a collection; the newest reports.
MOST_LANGUAGES, MOST_TITLES = 12, 4


class Heads(Protocol):
    """A collection that can list its reports."""

    def heads(self) -> list[Article]:
        """The reports that match the filters, without their text."""
        ...


def talk(kind: Talk, language: str, collection: Heads) -> str:
    """The reply to this kind of talk, in the language or else in English."""
    if not language_of(language).talk.greeting:
        language = "en"
    words = language_of(language).talk
    match kind:
        case "greeting":
            return words.greeting
        case "thanks":
            return words.thanks
        case "help":
            return words.help
        case "contents":
            return contents(words.contents, language, collection.heads())


def contents(template: str, language: str, articles: Sequence[Article]) -> str:
    """How many reports there are, how many without a date, in which languages, their dates, the titles of the newest.

    What is not known is left out.
    """
    locale = told_in(language)
    tags = dict.fromkeys(article.language for article in articles)
    counted = sorted(tags, key=lambda tag: -sum(article.language == tag for article in articles))
    days = sorted(article.published for article in articles if article.published)
    undated = len(articles) - len(days)
    span = dict.fromkeys((days[0], days[-1]) if days else ())
    newest = sorted(articles, key=lambda article: (article.published is not None, article.published or 0), reverse=True)
    names = [language_name(tag, language) for tag in counted[:MOST_LANGUAGES]]
    told = {
        "count": format_decimal(len(articles), locale=locale),
        "undated": format_decimal(undated, locale=locale) if undated else "",
        "languages": str(format_list(names, locale=locale)) if names else "",
        "dates": " – ".join(format_date(day, "long", locale=locale) for day in span),
        "titles": "; ".join(f"“{article.title}”" for article in newest[:MOST_TITLES]),
    }
    for name, value in told.items():
        if not value:
            # With what parts it from the sentence before.
            template = re.sub(rf"[^{{}}]*\{{{name}\}}", "", template)
    return template.format_map(told)
