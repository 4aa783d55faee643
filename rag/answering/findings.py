"""Findings -> claims and citations: what was found, with the sentences of the reports that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.confidence import calibration_table
from rag.answering.localization import quoted, same_language
from rag.answering.question import Question
from rag.models import Article, Citation, Claim, Passage, Support, rounded_down


@dataclass(frozen=True, slots=True)
class Proof:
    """A cited sentence of a report: `article.text[quote.start:quote.end]`."""

    article: Article
    quote: Passage


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim: its text, the short answer, the sentences that prove it, and the probability that it is right.

    `span` is where it was read (report id, start, end). `refuted` names what verification misses in the quotes; such a
    finding is never shown. `verbatim`: the report's own words, in a language other than the answer's.
    """

    text: str
    short: str
    proofs: tuple[Proof, ...]
    probability: float
    span: tuple[str, int, int] | None = None
    refuted: str = ""
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The result for a question: the findings to show, other readings, and the probability that the best is right.

    `told` is empty if no answer was found; `confidence` and `span` (report id, start, end) are then those of
    the best reading.
    """

    told: tuple[Finding, ...]
    others: tuple[Finding, ...]
    confidence: float
    span: tuple[str, int, int] | None = None


def as_it_stands(question: Question, article: Article, passage: Passage, chance: float) -> Finding:
    """A sentence of a report as the claim, marked as a quote if it is in another language than the answer."""
    text = as_written(question, article, " ".join(passage.reading.split()))
    return Finding(text, "", (Proof(article, passage),), chance)


def as_written(question: Question, article: Article, words: str) -> str:
    """Words of a report, marked as a quote if they are in another language than the answer."""
    own = same_language(article.language, question.told_in)
    return words if own else quoted(words, article.language, question.told_in)


def support(finding: Finding) -> Support:
    """Unsupported if verification misses something, else by the probability."""
    if finding.refuted:
        return "unsupported"
    return "supported" if finding.probability >= calibration_table().proven else "weak"


class Numbering:
    """Numbers the citations from 1; a sentence cited twice has one number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int, int], int] = {}
        self.citations: list[Citation] = []

    def cite(self, proofs: Sequence[Proof]) -> tuple[int, ...]:
        """The numbers of these sentences, in order."""
        return tuple(dict.fromkeys(self._number(proof) for proof in proofs))

    def claim(self, finding: Finding) -> Claim:
        """The finding as a claim."""
        return Claim(finding.text, self.cite(finding.proofs), support(finding), rounded_down(finding.probability, 4))

    def _number(self, proof: Proof) -> int:
        article, quote = proof.article, proof.quote
        place = (article.id, quote.start, quote.end)
        if place not in self._numbers:
            self._numbers[place] = len(self._numbers) + 1
            self.citations.append(
                Citation(
                    number=self._numbers[place],
                    article_id=article.id,
                    title=article.title,
                    language=article.language,
                    published=article.published,
                    source_url=article.source_url,
                    start=quote.start,
                    end=quote.end,
                    quote=article.text[quote.start : quote.end],
                    sha256=article.sha256,
                    authors=article.authors,
                )
            )
        return self._numbers[place]
