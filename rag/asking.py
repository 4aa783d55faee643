"""Which kind of answer the words of a question ask for, by word lists (`data/question_words.json`).

The part that asks is found first: the last sentence, without "Can you tell me" and without a clause that comes before
it ("When the council met, how many ..."). In it the earliest word that asks decides, for one that comes later mostly
joins clauses ("Who said when ..."). This module knows nothing of names, collections or reports.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

# What an answer is told by; of two that begin at the same word the first.
KINDS = ("date", "code", "number", "person", "place")
_OPENING = " ¿\"'„“«("
# No sentence ends in "5. Juli" or "Nr. 43".
_SENTENCE = re.compile(r"(?<=[!?])\s+|(?<=[^\W\d_]{3}[.])\s+(?=\W*[^\W\d_])|(?=¿)")


def kind_of(text: str, language: str) -> str:
    """`number`, `code`, `date`, `person`, `place`, `yesno`, `gather` (several reports together) or `other`.

    `text` should hold no names: "Kim" asks who in Turkish. `language` is a BCP 47 tag; without word lists for it all is
    `other`.
    """
    for part in reversed(_SENTENCE.split(text)):
        if (kind := _kind(part.strip().lstrip(_OPENING), language)) is not None:
            return kind
    return "other"


def word_list(what: str, language: str) -> re.Pattern[str] | None:
    """The words of a list (`more`, `sum`, `money`, ... or a kind), None where the language has none."""
    return _lists(what).get(language.split("-")[0])


def _kind(part: str, language: str) -> str | None:
    """The kind that a sentence asks for, None for one that does not ask."""
    marked = part.endswith("?")
    polite = _found("polite", part, language)
    whole, part = part, part[polite.end() :].lstrip(" ,:") if polite else part
    if polite and _found("whether", part, language):
        return "yesno"
    if lead := _found("lead", part, language):
        # "Of the five reports, how many mention ...": what the clause before the comma is of is asked for.
        if (gather := _found("gather", part, language)) and gather.end() > lead.end():
            return "gather"
        part = part[lead.end() :]
    alone = not polite and not _found("indirect", part, language) and not _found("alternative", part, language)
    if alone and _found("yesno", part, language):
        return "yesno"
    if _found("gather", part, language):
        return "gather"
    by_word_order = word_list("open", language)
    closed = bool(by_word_order and marked and not by_word_order.search(whole))
    kind = _earliest(part, language)
    if closed and not _found("nominal", part, language) and not (kind and _begins(kind, part, language)):
        return "yesno"  # "Blieb die Zahl der Modelle unter hundert?" begins with its verb
    if kind:
        return kind
    if _found("what", part, language):
        return "other"
    if _found("yesno", whole, language) and not _found("alternative", whole, language):
        return "yesno"
    return "yesno" if closed else None


def _earliest(part: str, language: str) -> str | None:
    """The kind whose words come first; a code where its number is asked for in words that also count.

    A word that also joins clauses asks at the beginning, else only where nothing else does: "The girl who won comes
    from which town?", "What happened when ...".
    """
    relative = word_list("relative", language)
    found: dict[str, int] = {}
    joining: dict[str, int] = {}
    for kind in KINDS:
        pattern = word_list(kind, language)
        for match in pattern.finditer(part) if pattern else ():
            if match.start() and relative and relative.fullmatch(match[0]):
                joining.setdefault(kind, match.start())
                continue
            found[kind] = match.start()
            break
    if not found and not _found("what", part, language):
        found = joining
    if "code" in found and "number" in found:
        counts = _found("count", part, language)
        del found["code" if counts and counts.start() < found["code"] else "number"]
    return min(found, key=lambda kind: found[kind]) if found else None


def _begins(kind: str, part: str, language: str) -> bool:
    found = _found(kind, part, language)
    return bool(found and found.start() == 0)


def _found(what: str, part: str, language: str) -> re.Match[str] | None:
    pattern = word_list(what, language)
    return pattern.search(part) if pattern else None


@cache
def _lists(what: str) -> dict[str, re.Pattern[str]]:
    """By language; `{role}` in a list stands for the words for those who hold an office or a trade."""
    held = json.loads((resources.files("rag") / "data" / "question_words.json").read_text(encoding="utf-8"))
    roles = held["role"]
    return {
        language: re.compile(rf"\b(?:{pattern.replace('{role}', roles.get(language, ''))})\b", re.IGNORECASE)
        for language, pattern in held[what].items()
    }
