"""Suggested first questions, made from the collection without a model. Knows nothing of Gradio or HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rag.models import Article
from ui.strings import Strings

MOST = 4
TITLE_CHARS = 70


def suggest(articles: Sequence[Article], strings: Strings) -> list[str]:
    """Up to `MOST` questions about different reports, in the interface's language, from places, dates and titles."""
    ways = (_figures, _date, _place, _people)
    made: list[str] = []
    for article in _spread(articles):
        if len(made) == MOST:
            break
        for way in (*ways[len(made) :], *ways[: len(made)], _title):
            question = way(article, strings)
            if question and question not in made:
                made.append(question)
                break
    return made


def _spread(articles: Sequence[Article]) -> list[Article]:
    """One report of each language first, so that the suggestions show what the collection contains."""
    met: Counter[str] = Counter()
    ranked: list[tuple[int, int]] = []
    for at, article in enumerate(articles):
        ranked.append((met[article.language], at))
        met[article.language] += 1
    return [articles[at] for _, at in sorted(ranked)]


def _figures(article: Article, strings: Strings) -> str:
    return strings.suggest_numbers.format(place=article.places[0]) if article.places else ""


def _date(article: Article, strings: Strings) -> str:
    if not (article.places and article.published):
        return ""
    return strings.suggest_date.format(place=article.places[0], date=strings.day(article.published))


def _place(article: Article, strings: Strings) -> str:
    return strings.suggest_place.format(place=article.places[0]) if article.places else ""


def _people(article: Article, strings: Strings) -> str:
    return strings.suggest_people.format(place=article.places[0]) if article.places else ""


def _title(article: Article, strings: Strings) -> str:
    title = article.title.strip()
    if not title:
        return ""
    return strings.suggest_title.format(title=title if len(title) <= TITLE_CHARS else f"{title[:TITLE_CHARS]}…")
