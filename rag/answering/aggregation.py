"""Questions over several reports: which reports, totals, comparisons; and several facts from one report.

Each report is read separately; results are computed here from cited readings, never by a language model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from babel.lists import format_list
from babel.numbers import format_decimal

from rag.answering.confidence import Sure, calibration_table
from rag.answering.fact import Sentences, Translate, finding_of
from rag.answering.findings import Finding, Found, Proof, as_it_stands, as_written
from rag.answering.lists import enumerates, items_around, told_items
from rag.answering.localization import OPENING
from rag.answering.question import Question
from rag.language import Measure, find_numbers, fold, measured, reads_words, told_in
from rag.models import EVEN, Hit

# Maximum number of reports listed, and the lowest score of a report's best passage, as a share of the best one's.
# Neither was tuned: nothing measures lists yet.
MOST_LISTED, AS_NEAR = 10, 0.85


def reports_of(question: Question, hits: Sequence[Hit]) -> Found:
    """The reports whose passages score about as high as the best one, each with its sentence."""
    best: dict[str, Hit] = {}
    for hit in hits:
        if hit.score >= AS_NEAR * hits[0].score:
            best.setdefault(hit.article.id, hit)
    told = tuple(
        Finding(hit.article.title, hit.article.title, (Proof(hit.article, hit.sentence or hit.passage),), EVEN)
        for hit in list(best.values())[:MOST_LISTED]
    )
    return Found(told, (), EVEN if told else 0.0)


def several_of(question: Question, sure: Sequence[Sure], sentences: Sentences, translate: Translate) -> Found:
    """Several readings of the report that has the likeliest one, in text order; enumerations are given in full."""
    if not sure or sure[0].probability < calibration_table().told:
        return Found((), (), sure[0].probability if sure else 0.0)
    own = [
        one
        for one in sure
        if one.reading.article.id == sure[0].reading.article.id and one.probability >= calibration_table().told
    ]
    kept: list[Sure] = []
    for one in own or [sure[0]]:
        place = one.reading
        if all(place.end <= other.reading.start or other.reading.end <= place.start for other in kept):
            kept.append(one)
    kept.sort(key=lambda one: one.reading.start)
    findings = [*_enumerated(question, kept, sentences)]
    listed = {proof.quote.start for finding in findings for proof in finding.proofs}
    alone = [finding_of(question, one, sentences, translate) for one in kept]
    findings += [one for one in alone if not listed & {proof.quote.start for proof in one.proofs}]
    findings.sort(key=lambda finding: finding.proofs[0].quote.start)
    told = tuple(finding for finding in findings if not finding.refuted)
    return Found(told, (), min((finding.probability for finding in told), default=0.0))


def _enumerated(question: Question, kept: Sequence[Sure], sentences: Sentences) -> Iterator[Finding]:
    """The sentences and lists that the readings are items of, each as it stands and with the reading's chance."""
    told: set[int] = set()
    for one in sorted(kept, key=lambda one: -one.probability):
        reading, article = one.reading, one.reading.article
        for sentence in sentences(article, reading.start, reading.end)[:1]:
            items = items_around(article, sentence, sentences(article, 0, len(article.text)))
            for item in items or [sentence] * enumerates(sentence):
                if item.start not in told:
                    told.add(item.start)
                    span = (article.id, item.start, item.end)
                    finding = as_it_stands(question, article, item, one.probability)
                    items_alone = told_items(" ".join(item.reading.split()))
                    yield replace(finding, short=as_written(question, article, items_alone), span=span)


def total_of(question: Question, sure: Sequence[Sure], sentences: Sentences) -> Found:
    """The sum of several reports' figures: "12 + 15 = 27", each cited; a single figure is given alone."""
    parts = _one_a_report(question, sure, sentences)
    found = [(finding, read) for finding in parts if (read := _figure(finding.short, question.told_in)) is not None]
    # Only figures in one unit add up: not people and roubles.
    figures = [(finding, value) for finding, (value, measure) in found if measure == found[0][1][1]]
    if len(figures) < 2:
        return Found(tuple(parts[:1]), (), parts[0].probability if parts else 0.0)
    shown = [format_decimal(value, locale=told_in(question.told_in)) for _, value in figures]
    total = format_decimal(sum((value for _, value in figures), Decimal(0)), locale=told_in(question.told_in))
    proofs = tuple(proof for finding, _ in figures for proof in finding.proofs)
    sure_of_all = min(finding.probability for finding, _ in figures)
    claim = Finding(f"{' + '.join(shown)} = {total}", total, proofs, min(EVEN, sure_of_all))
    return Found((claim,), (), claim.probability)


def comparison_of(question: Question, sure: Sequence[Sure], sentences: Sentences, translate: Translate) -> Found:
    """What the two likeliest reports say, side by side, and the difference of their figures."""
    parts = _one_a_report(question, sure, sentences, translate)[:2]
    if len(parts) < 2:
        return Found((), (), parts[0].probability if parts else 0.0)
    chance = min(EVEN, *(finding.probability for finding in parts))
    told = [replace(finding, text=f"{_place(finding)}: {finding.short}", probability=chance) for finding in parts]
    first, second = (_figure(finding.short, question.told_in) for finding in parts)
    if first and second and first[1] == second[1]:
        high, low = max(first[0], second[0]), min(first[0], second[0])
        locale = told_in(question.told_in)
        high_, low_, gap = (format_decimal(value, locale=locale) for value in (high, low, high - low))
        proofs = tuple(proof for finding in parts for proof in finding.proofs)
        told.append(Finding(f"{high_} − {low_} = {gap}", gap, proofs, chance))
    return Found(tuple(told), (), chance)


def joined(told: Sequence[Finding], language: str) -> str:
    """The short answers as a list, joined as the language does."""
    shorts = list(dict.fromkeys(finding.short for finding in told if finding.short))
    return str(format_list(shorts, locale=told_in(language))) if shorts else ""


def _one_a_report(
    question: Question, sure: Sequence[Sure], sentences: Sentences, translate: Translate | None = None
) -> list[Finding]:
    """The likeliest reading of each report, if it is likely enough."""
    found: dict[str, Finding] = {}
    for one in sure:
        if one.probability >= calibration_table().told and one.reading.article.id not in found:
            finding = finding_of(question, one, sentences, translate)
            if not finding.refuted:
                found[one.reading.article.id] = finding
    return list(found.values())


def _figure(text: str, language: str) -> tuple[Decimal, Measure | None] | None:
    """The single figure of a short answer, and its unit; None if quoted, or beside words that may mean millions."""
    if OPENING in text or (not reads_words(language) and any(map(str.isalpha, text))):
        return None
    numbers = [number for number in find_numbers(text, language) if number.kind == "number"]
    try:
        return (Decimal(numbers[0].value), measured(text, numbers[0], language)) if len(numbers) == 1 else None
    except InvalidOperation:
        return None


def _place(finding: Finding) -> str:
    article = finding.proofs[0].article
    return article.places[0] if article.places and fold(article.places[0]) not in fold(finding.short) else article.title
