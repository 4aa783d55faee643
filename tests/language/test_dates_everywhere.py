"""Dates of news sentences in 35 languages, and sentences of figures and names that are none."""

import json

from places import TESTS

from rag.language.dates import find_dates

ROWS = [json.loads(line) for line in (TESTS / "data" / "dates.jsonl").read_text("utf-8").splitlines()]
# Read by neither library: Kazakh puts a word of its own between year and day.
UNREAD = {"kk"}


def test_days_of_news_sentences_are_read_and_no_others():
    wrong = []
    for row in ROWS:
        read = [found.full.isoformat() for found in find_dates(row["text"], row["language"]) if found.full]
        if read != [row["date"]] * bool(row["date"]) and row["language"] not in UNREAD:
            wrong.append((row["text"], read))
    assert not wrong
    assert len({row["language"] for row in ROWS}) == 35
