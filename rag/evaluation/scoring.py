"""Answer + case -> `Scores`: every metric of one question, None where it does not apply.

`METRICS` names them for tables. Independent of how answers are made, nor of runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rag.evaluation.citations import (
    citation_exactness,
    citation_precision,
    citation_recall,
    proof_recall,
    sentences_cited,
    supported_share,
)
from rag.evaluation.loading import Case
from rag.evaluation.matching import contains, exact_match, in_language, number_match, plain, token_f1
from rag.evaluation.overlap import f1
from rag.evaluation.ranking import ndcg_at, recall_at, reciprocal_rank
from rag.models import Answer

# A reading is right from this F1 with an accepted span on.
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Scores:
    """Metrics of one question: shares from 0 to 1, except seconds, and counts of tokens and citations.

    `right`: the answer contains what the case asks for, cites all reports it needs and no other; if the case marks
    spans, the span read overlaps one (`span_f1` of at least .5) in a report of the case. `reading_right` is the same
    whether the answer was shown or declined, None if a declined one has no span; `proven_right` that of answers called
    proven.
    """

    recall_1: float | None = None
    recall_5: float | None = None
    recall_10: float | None = None
    reciprocal_rank: float | None = None
    ndcg_10: float | None = None
    right: float | None = None
    reading_right: float | None = None
    proven_right: float | None = None
    span_f1: float | None = None
    contains: float | None = None
    exact_match: float | None = None
    token_f1: float | None = None
    number_match: float | None = None
    citation_precision: float | None = None
    citation_recall: float | None = None
    citation_exactness: float | None = None
    proof_recall: float | None = None
    sentences_cited: float | None = None
    supported: float | None = None
    declined_rightly: float | None = None
    declined_wrongly: float | None = None
    language_right: float | None = None
    seconds: float | None = None
    evidence_seconds: float | None = None
    short_seconds: float | None = None
    prompt_tokens: float | None = None
    completion_tokens: float | None = None
    citations: float | None = None
    wrong_citations: float | None = None

    def to_dict(self) -> dict[str, float]:
        """JSON-ready, without what does not apply."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scores:
        """The inverse of `to_dict`; metrics of other versions are ignored."""
        return cls(**{name: value for name, value in data.items() if name in cls.__slots__})

    def get(self, name: str) -> float | None:
        """The metric of that name."""
        value: float | None = getattr(self, name)
        return value


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's label in tables, and whether more of it is better."""

    name: str
    label: str
    better: Literal["more", "less"] = "more"
    unit: Literal["share", "seconds", "count"] = "share"


METRICS = (
    Metric("recall_1", "recall@1"),
    Metric("recall_5", "recall@5"),
    Metric("recall_10", "recall@10"),
    Metric("reciprocal_rank", "MRR"),
    Metric("ndcg_10", "nDCG@10"),
    Metric("right", "right"),
    Metric("reading_right", "best reading right"),
    Metric("proven_right", "proven and right"),
    Metric("span_f1", "span F1"),
    Metric("contains", "contains gold"),
    Metric("exact_match", "exact match"),
    Metric("token_f1", "token F1"),
    Metric("number_match", "number match"),
    Metric("citation_precision", "citation precision"),
    Metric("citation_recall", "citation recall"),
    Metric("citation_exactness", "citation exactness"),
    Metric("proof_recall", "proving sentence cited"),
    Metric("sentences_cited", "sentences cited"),
    Metric("supported", "supported"),
    Metric("declined_rightly", "unanswerable declined"),
    Metric("declined_wrongly", "false refusals", "less"),
    Metric("language_right", "answer language right"),
    Metric("seconds", "seconds", "less", "seconds"),
    Metric("evidence_seconds", "seconds to evidence", "less", "seconds"),
    Metric("short_seconds", "seconds to short answer", "less", "seconds"),
    Metric("prompt_tokens", "tokens read", "less", "count"),
    Metric("completion_tokens", "tokens written", "less", "count"),
)


def score(case: Case, answer: Answer | None, retrieved: Sequence[str], texts: Mapping[str, str]) -> Scores:
    """Score one question.

    `answer` is None in a retrieval-only run. `retrieved`: ids of the reports found, best first, each once. `texts`: the
    reports' texts by id, for checking quotes.
    """
    grades = dict(zip(case.articles, case.grades or (1.0,) * len(case.articles), strict=True))
    found = {f"recall_{k}": recall_at(k, retrieved, case.articles, any_of=case.any_article) for k in (1, 5, 10)}
    ranking = Scores(
        **found,
        reciprocal_rank=reciprocal_rank(retrieved, case.articles),
        ndcg_10=ndcg_at(10, retrieved, grades),
    )
    if answer is None:
        return ranking
    return Scores(**{**ranking.to_dict(), **_answer_scores(case, answer, texts)})


def _answer_scores(case: Case, answer: Answer, texts: Mapping[str, str]) -> dict[str, float | None]:
    # What else may be right is shown with its own citations; they are no proof of the answer.
    proving = {number for claim in answer.claims for number in claim.citations}
    cited = tuple(citation for citation in answer.citations if citation.number in proving)
    recall = citation_recall(cited, case.articles, any_of=case.any_article)
    # An answerable case that names no report leaves open which citations are right.
    judged = cited if case.articles or not case.answerable else ()
    wrong = sum(citation.article_id not in case.articles for citation in judged)
    read = _read(answer, texts)
    held = _holds(case, answer, read) if case.answerable else None
    overlap = _overlap(case, read, texts)
    reading = _reading_right(case, answer, overlap, held, cited_right=recall in (None, 1.0) and not wrong)
    # A declined answerable question contains none of the required words.
    text = answer.text if answer.answered else ""
    said = (answer.short if answer.answered else "") or text
    declined = float(not answer.answered)
    scored = case.answerable and (held is not None or overlap is not None)
    return {
        "right": float(answer.answered and reading == 1.0) if scored else None,
        "reading_right": reading,
        "proven_right": reading if _proven(answer) else None,
        "span_f1": overlap,
        "contains": held,
        "exact_match": exact_match(said, case.answers, case.language),
        "token_f1": token_f1(said, case.answers, case.language),
        "number_match": number_match(f"{said}\n{text}", case.number, case.language),
        "citation_precision": citation_precision(judged, case.articles),
        "citation_recall": recall,
        "citation_exactness": citation_exactness(answer.citations, texts),
        "proof_recall": proof_recall(cited, case.quotes, texts) if not case.any_article else None,
        "sentences_cited": sentences_cited(answer.claims, cited),
        "supported": supported_share(answer.claims),
        "declined_rightly": None if case.answerable else declined,
        "declined_wrongly": declined if case.answerable else None,
        "language_right": in_language(answer.text, case.language, [citation.language for citation in cited]),
        "seconds": answer.timings.get("total"),
        "evidence_seconds": answer.timings.get("evidence"),
        "short_seconds": answer.timings.get("short"),
        "prompt_tokens": answer.tokens.get("prompt"),
        "completion_tokens": answer.tokens.get("completion"),
        "citations": float(len(cited)),
        "wrong_citations": float(wrong),
    }


def _read(answer: Answer, texts: Mapping[str, str]) -> str:
    """The span of the report that the answer was read from; empty if there is none."""
    if answer.span is None:
        return ""
    article, start, end = answer.span
    return texts.get(article, "")[start:end]


def _overlap(case: Case, read: str, texts: Mapping[str, str]) -> float | None:
    """F1 of the span read with the marked ones; None if the case marks none."""
    return f1(read, [texts[id][start:end] for id, start, end in case.spans]) if case.spans else None


def _reading_right(
    case: Case, answer: Answer, overlap: float | None, held: float | None, *, cited_right: bool
) -> float | None:
    """Whether the best reading is right, shown or not; None if unknown."""
    if not case.answerable:
        return 0.0
    if overlap is not None:
        if answer.span is None:
            return 0.0 if answer.answered else None
        return float(overlap >= OVERLAP and answer.span[0] in case.articles)
    if held is None or not answer.answered:
        return None
    return float(held == 1.0 and cited_right)


def _proven(answer: Answer) -> bool:
    return answer.answered and bool(answer.claims) and all(claim.support == "supported" for claim in answer.claims)


def _holds(case: Case, answer: Answer, read: str) -> float | None:
    """Whether the answer's words are right, whatever it cites; None if the case expects none.

    The short answer counts as well as the text, and if the case marks spans, the span read.
    """
    if not (case.parts or case.answers or case.number is not None):
        return None
    if not answer.answered:
        return 0.0
    said = [plain(answer.short), plain(answer.text)]
    if case.kind == "yesno":
        return max(contains(one, case.answers, case.language, first=True) or 0.0 for one in said)
    text = "\n".join(said)
    if case.parts:
        return float(all(contains(text, part, case.language) == 1.0 for part in case.parts))
    matched = number_match(text, case.number, case.language)
    if matched == 1.0 or (matched is not None and (case.kind == "fact:number" or not case.answers)):
        return matched
    gold = case.text_language if case.spans else case.language
    if case.spans and contains(read, case.answers, gold or case.language) == 1.0:
        return 1.0
    return contains(text, case.answers, case.language, gold_language=gold)
