"""A single-fact question -> findings: the likeliest reading with its proof, alternatives, and contradicting reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.answering.confidence import Sure, calibration_table, says_the_same
from rag.answering.findings import Finding, Found, Proof
from rag.answering.localization import quoted, tell, tell_day
from rag.answering.question import Question
from rag.language import fold
from rag.models import Article, Passage
from rag.reading import Reading
from rag.verification import missing

# Readings considered, alternatives shown at most, and the lowest probability of an alternative.
LOOKED_AT, MOST_OTHERS, LEAST_OTHER = 8, 3, 0.1
# A reading of another report is this likely to count beside the best: to contradict it, if both have a day, or to be
# told as an alternative however sure the best is. Not tuned, like the numbers above.
CONTRADICTS = 0.6

# A sentence's end that a span took along: the point behind a word may be an abbreviation's.
_END = re.compile(r"[,;:]+$|(?<=[\d%)\]”\"»’])\.$|(?<=[^\W\d_]{6})\.$|[。।؟?!]$")

# The sentences of a report that overlap a span.
Sentences = Callable[[Article, int, int], list[Passage]]
# Words of a report in the asker's language, or empty if nothing translates them well.
Translate = Callable[[str, str, str], str]


def findings_of(question: Question, sure: Sequence[Sure], sentences: Sentences, translate: Translate) -> Found:
    """The answer to a single-fact question, from readings in order of likelihood."""
    held: list[Finding] = []
    kept: list[Reading] = []
    for one in sure[:LOOKED_AT]:
        if any(says_the_same(one.reading, other) for other in kept):
            continue
        finding = finding_of(question, one, sentences, translate if not held else None)
        if not finding.refuted and all(fold(finding.short) != fold(other.short) for other in held):
            held.append(finding)
            kept.append(one.reading)
        if len(held) > MOST_OTHERS:
            break
    if not held or held[0].probability < calibration_table().told:
        return Found((), (), held[0].probability if held else 0.0, held[0].span if held else None)
    best = held[0]
    others = [other for other in held[1:] if other.probability >= LEAST_OTHER]
    if against := _contradiction(best, others):
        later, earlier = sorted((best, against), key=_day, reverse=True)
        told = tuple(_with_day(finding, question) for finding in (later, earlier))
        return Found(told, (earlier, *(other for other in others if other is not against)), best.probability)
    return Found((best,), tuple(_exclusive(best, others)), best.probability)


def finding_of(question: Question, one: Sure, sentences: Sentences, translate: Translate | None) -> Finding:
    """A reading as a claim in the language of the answer, with the sentences that contain it, checked against them."""
    reading, article = one.reading, one.reading.article
    # A report removed in the meantime has no sentences there any more.
    found = sentences(article, reading.start, reading.end) or [reading.hit.passage]
    proofs = tuple(Proof(article, sentence) for sentence in found)
    quotes = [passage.reading for passage in found]
    words = _END.sub("", " ".join(reading.words.split()))
    # A figure that was cut off ("12" of "12,5") is not what the quote says.
    refuted = missing(words, article.language, article, quotes)
    short = words if refuted else _short(question, words, article, quotes, translate)
    span = (article.id, reading.start, reading.end)
    verbatim = short == quoted(words, article.language, question.told_in)
    return Finding(short, short, proofs, one.probability, span, refuted, verbatim)


def _short(question: Question, words: str, article: Article, quotes: list[str], translate: Translate | None) -> str:
    """The words in the asker's language, if the quotes support them; else quoted in their own."""
    told = tell(words, article.language, question.told_in, article.text)
    said = told.text
    if told.foreign:
        said = translate(words, article.language, question.told_in) if translate else ""
    if said == words or (said and not missing(said, question.told_in, article, quotes)):
        return said
    return quoted(words, article.language, question.told_in)


def _contradiction(best: Finding, others: Sequence[Finding]) -> Finding | None:
    """Another report's reading that is as likely, from another day."""
    for other in others:
        apart = other.proofs[0].article.id != best.proofs[0].article.id
        days = best.proofs[0].article.published, other.proofs[0].article.published
        if apart and all(days) and days[0] != days[1] and min(best.probability, other.probability) >= CONTRADICTS:
            return other
    return None


def _exclusive(best: Finding, others: Sequence[Finding]) -> Iterator[Finding]:
    """The alternatives, together at most as likely as the best is not: readings that differ exclude each other.

    Not capped are likely ones of other reports, which may tell of another time.
    """
    left = 1 - best.probability
    for other in others:
        apart = other.proofs[0].article.id != best.proofs[0].article.id
        if apart and other.probability >= CONTRADICTS:
            yield other
            continue
        chance = min(other.probability, left)
        left -= chance
        if chance >= LEAST_OTHER:
            yield replace(other, probability=chance)


def _day(finding: Finding) -> str:
    published = finding.proofs[0].article.published
    return published.isoformat() if published else ""


def _with_day(finding: Finding, question: Question) -> Finding:
    published = finding.proofs[0].article.published
    return replace(finding, text=f"{finding.short} ({tell_day(published, question.told_in)})") if published else finding
