"""The values passed between the stages: reports, passages, hits, claims, answers, events.

They are frozen and have no behaviour beyond (de)serialisation. Offsets are Unicode code points in `Article.text`;
wherever a value has `start`, `end` and a text, `article.text[start:end] == text` holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal, TypedDict

from rag.errors import InputError

# Called with a label, the amount done and the total.
Progress = Callable[[str, int, int], None]
Support = Literal["supported", "weak", "unsupported"]
PassageKind = Literal["window", "sentence"]
# Where a report's title, date and so on come from: set by hand, the file's own data, its header, the dateline, ...
Origin = Literal["hand", "file", "header", "dateline", "text", "address", "file name"]
# Confidence as likely right as wrong: told as "probably" from here on, and that of answers for which none is fitted.
EVEN = 0.5
CandidateKind = Literal["when", "who", "share", "amount"]


@dataclass(frozen=True, slots=True)
class Article:
    """One report as it was read.

    `text` is the file's whole text in NFC; `body_end` is where the body ends and page furniture (byline, source
    address, comment counter) begins. `language` is a BCP 47 tag, `published` the date of the event or of publication,
    `places` that of its dateline or header, `also` other locations with the same text. `origins` says where title, date
    and other fields come from, as pairs of field name and origin.
    """

    id: str
    text: str
    title: str
    language: str
    published: date | None
    places: tuple[str, ...]
    authors: tuple[str, ...]
    source_url: str | None
    sha256: str
    body_end: int
    location: str = ""
    also: tuple[str, ...] = ()
    origins: tuple[tuple[str, Origin], ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one report: `article.text[start:end] == text`. A window consists of whole sentences.

    `reads` is the reading view if it differs from the text: wrapped lines joined, cells with their headings.
    """

    article_id: str
    start: int
    end: int
    text: str
    kind: PassageKind = "window"
    reads: str = field(default="", compare=False)

    @property
    def reading(self) -> str:
        """The reading view of the text."""
        return self.reads or self.text

    @property
    def id(self) -> str:
        """Deterministic: the same file gives the same ids."""
        return f"{self.article_id}:{self.start}-{self.end}:{self.kind[0]}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that a simple question may ask for: `article.text[start:end]` in the text with this `sha256`."""

    kind: CandidateKind
    article_id: str
    sha256: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A window that may contain the answer; ranks count from 1, None if that search did not find it.

    `sentence` is the window's sentence nearest to the question.
    """

    passage: Passage
    article: Article
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    sentence: Passage | None = None


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """A phrase in a report: `article.text[start:end]` is the phrase as written there.

    `passage` is its sentence, or the sentences that it spans.
    """

    article: Article
    start: int
    end: int
    passage: Passage


@dataclass(frozen=True, slots=True)
class Citation:
    """A proof: `article.text[start:end] == quote`. `gloss` is a machine translation of the quote, or None.

    `sha256` is the hash of the report's text when it was read, to detect later changes; `authors` are the report's.
    Both are empty in older answers.
    """

    number: int
    article_id: str
    title: str
    language: str
    published: date | None
    source_url: str | None
    start: int
    end: int
    quote: str
    gloss: str | None = None
    sha256: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, the numbers of its citations, and how well they support it.

    `probability`, 0 to 1, is how likely the claim is right; `support` follows from it, unless verification drops the
    claim.
    """

    text: str
    citations: tuple[int, ...]
    support: Support
    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading that may be right: its short answer, its probability, and the number of its citation.

    The probability is at most what the answer's leaves, unless the reading is a likely one of another report.
    """

    short: str
    probability: float
    citation: int


@dataclass(frozen=True, slots=True)
class Filtered:
    """The effect of a question's filters: `admitted` of `of` reports.

    `without_date` counts those excluded only because a date range is set and they have no date.
    """

    admitted: int
    of: int
    without_date: int


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and the answer that was shown."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a question. If `answered` is False, no answer was found: `text` says so, `citations` is empty.

    `kind` is what was asked for: "fact", "several", "reports", "total", "compare", "yes_no", "overview" or "talk". Talk
    (a greeting, thanks, a request for help, a question about what the collection contains) is answered without reading
    reports: it is `answered` without claims or citations, and its confidence is 0.
    `follows` is the earlier question that a follow-up refers to, "" for a new question. Passages for a follow-up are
    retrieved with `standalone_question`: the questions since the last new one joined with this one, or the language
    model's rewriting of them.
    `short` is the answer itself ("109", "5 July 2023"), in the language of the answer; empty if there is none.
    `span` is where it was read: report id, start, end in code points. For a declined answer it is the best reading's
    span; None if nothing was read.
    `others` are alternative readings; if reports contradict each other, they include the earlier report's.
    `confidence`, 0 to 1, is the probability that the answer is right, on one scale for all kinds of answers; for a
    declined answer it is that of the best reading, so that the threshold for declining can be drawn as a curve.
    `timings` are seconds since the question came in: `evidence`, `short`, `total`. `models` names the models:
    `embedder`, `reader`, `verifier`, `llm`. `tokens` counts the language model's `prompt` and `completion`.
    `filtered` is the effect of the filters, None without any; if no report matches, `text` says so.
    """

    question: str
    standalone_question: str
    language: str
    answered: bool
    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    timings: Mapping[str, float] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    settings_hash: str = ""
    confidence: float = 0.0
    tokens: Mapping[str, int] = field(default_factory=dict)
    short: str = ""
    others: tuple[Alternative, ...] = ()
    span: tuple[str, int, int] | None = None
    filtered: Filtered | None = None
    kind: str = "fact"
    follows: str = ""

    @property
    def closest(self) -> list[tuple[Article, Passage]]:
        """The sentences nearest to the question, best first, each once, with their reports."""
        # Neighbouring passages share sentences.
        found = {
            (hit.article.id, sentence.start): (hit.article, sentence)
            for hit in self.hits
            if (sentence := hit.sentence or hit.passage)
        }
        return list(found.values())

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; a hit's report is reduced to its metadata, without text."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "language": self.language,
            "answered": self.answered,
            "text": self.text,
            "short": self.short,
            "others": [asdict(other) for other in self.others],
            "span": list(self.span) if self.span else None,
            "filtered": asdict(self.filtered) if self.filtered else None,
            "claims": [{**asdict(claim), "citations": list(claim.citations)} for claim in self.claims],
            "citations": [_citation_to_dict(citation) for citation in self.citations],
            "hits": [_hit_to_dict(hit) for hit in self.hits],
            "timings": dict(self.timings),
            "models": dict(self.models),
            "settings_hash": self.settings_hash,
            "confidence": self.confidence,
            "tokens": dict(self.tokens),
            "kind": self.kind,
            "follows": self.follows,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answer:
        """The inverse of `to_dict`; a hit's report comes back without its text. Raises KeyError for a missing field."""
        return cls(
            question=data["question"],
            standalone_question=data["standalone_question"],
            language=data["language"],
            answered=data["answered"],
            text=data["text"],
            claims=tuple(Claim(**{**claim, "citations": tuple(claim["citations"])}) for claim in data["claims"]),
            citations=tuple(_citation_from_dict(citation) for citation in data["citations"]),
            hits=tuple(_hit_from_dict(hit) for hit in data["hits"]),
            timings=dict(data["timings"]),
            models=dict(data["models"]),
            settings_hash=data["settings_hash"],
            confidence=data.get("confidence", 0.0),
            tokens=dict(data.get("tokens", {})),
            short=data.get("short", ""),
            others=tuple(Alternative(**other) for other in data.get("others", ())),
            span=_span(data.get("span")),
            filtered=Filtered(**held) if (held := data.get("filtered")) else None,
            kind=data.get("kind", "fact"),
            follows=data.get("follows", ""),
        )


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """The first event of a stream: what retrieval found, before any text of the answer."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class ShortFound:
    """The short answer as soon as it is known, with the answer's confidence; the text follows."""

    short: str
    probability: float


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of the answer; joined, the deltas are `Answer.text`."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerReady:
    """The last event of a stream: the whole answer, verified."""

    answer: Answer


Event = EvidenceFound | ShortFound | TextDelta | AnswerReady


class FilterOptions(TypedDict, total=False):
    """Filters as keyword options: BCP 47 tags, days (both inclusive; also as "2024-07-05"), report ids.

    A text alone is one tag or one id.
    """

    languages: Sequence[str]
    since: date | str | None
    until: date | str | None
    articles: Sequence[str]


class AskOptions(FilterOptions, total=False):
    """Options of a question: filters, conversation and languages.

    `history` are the conversation's earlier turns, oldest first; `alone` ignores them and asks the question as typed.
    `answer_language` (BCP 47) sets the language of the answer; the default is the question's. A very short
    question is taken to be in the conversation's language or, without one, in `default_language`.
    """

    history: Sequence[Turn]
    alone: bool
    answer_language: str
    default_language: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters on reports. Empty means all; `since` and `until` are inclusive."""

    languages: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    articles: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: FilterOptions) -> Filters:
        """The filters given by a call's options. Raises InputError for a text that is no day."""
        return cls(
            several(options.get("languages", ())),
            day_of(options.get("since")),
            day_of(options.get("until")),
            several(options.get("articles", ())),
        )

    def admit(self, article: Article) -> bool:
        """Whether the report matches; a report without a date is outside every date range."""
        if not self._admit_undated(article):
            return False
        if self.since is None and self.until is None:
            return True
        day = article.published
        return day is not None and (self.since or date.min) <= day <= (self.until or date.max)

    def over(self, articles: Sequence[Article]) -> Filtered | None:
        """The effect of the filters on these reports; None if there are no filters."""
        if self == Filters():
            return None
        admitted = sum(map(self.admit, articles))
        dated = self.since is not None or self.until is not None
        without = sum(dated and one.published is None and self._admit_undated(one) for one in articles)
        return Filtered(admitted, len(articles), without)

    def _admit_undated(self, article: Article) -> bool:
        if self.languages and primary_language(article.language) not in set(map(primary_language, self.languages)):
            return False
        return not self.articles or article.id in self.articles


def several(names: Iterable[str]) -> tuple[str, ...]:
    """The names; a text is one name, not its letters, and none if it is empty."""
    if isinstance(names, str):
        return (names,) if names else ()
    return tuple(names)


def primary_language(tag: str) -> str:
    """The primary language of a tag, without region, in lower case."""
    return tag.replace("_", "-").split("-")[0].lower()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A location that could not be read as a report, and the reason."""

    location: str
    reason: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A report that was read, and a warning about what was damaged or guessed in it."""

    location: str
    warning: str


@dataclass(frozen=True, slots=True)
class Update:
    """The result of a change to the collection: ids of reports added, changed and removed, and what was skipped.

    `newly_skipped` are those that were not skipped before, or for another reason. `warned`: warnings about reports read
    in this change.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    newly_skipped: tuple[Skipped, ...] = ()
    warned: tuple[Warned, ...] = ()


def rounded_down(probability: float, digits: int) -> float:
    """A probability with so many digits, never rounded up: .9474 is not the .95 from which on it would be proven."""
    # .29 is 28.999999999999996 %.
    return math.floor(round(probability * 10.0**digits, 6)) / 10.0**digits


def day_of(value: date | str | None) -> date | None:
    """The day that a text names in ISO format; a day as it is. Raises InputError."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise InputError(f"{value!r}: write the day as year-month-day, such as 2024-07-05") from None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _parse_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _span(held: Sequence[Any] | None) -> tuple[str, int, int] | None:
    return (str(held[0]), int(held[1]), int(held[2])) if held else None


def _citation_to_dict(citation: Citation) -> dict[str, Any]:
    return {**asdict(citation), "published": _day(citation.published), "authors": list(citation.authors)}


def _citation_from_dict(data: Mapping[str, Any]) -> Citation:
    authors = tuple(data.get("authors", ()))
    return Citation(**{**data, "published": _parse_day(data["published"]), "authors": authors})


def _hit_to_dict(hit: Hit) -> dict[str, Any]:
    article = hit.article
    return {
        "passage": asdict(hit.passage),
        "article": {
            "id": article.id,
            "title": article.title,
            "language": article.language,
            "published": _day(article.published),
            "authors": list(article.authors),
            "source_url": article.source_url,
            "sha256": article.sha256,
        },
        "score": hit.score,
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
        "sentence": asdict(hit.sentence) if hit.sentence else None,
    }


def _hit_from_dict(data: Mapping[str, Any]) -> Hit:
    head = data["article"]
    article = Article(
        id=head["id"],
        text="",
        title=head["title"],
        language=head["language"],
        published=_parse_day(head["published"]),
        places=(),
        authors=tuple(head.get("authors", ())),
        source_url=head["source_url"],
        sha256=head.get("sha256", ""),
        body_end=0,
    )
    return Hit(
        passage=Passage(**data["passage"]),
        article=article,
        score=data["score"],
        dense_rank=data["dense_rank"],
        lexical_rank=data["lexical_rank"],
        sentence=Passage(**data["sentence"]) if data["sentence"] else None,
    )
