"""Question + evidence -> drafts of claims, each with the sentence that it was read from.

A small model reads one stretch of evidence at a time and is held by a grammar to copy the words that answer before it
writes; what it thought of declining is taken from its token probabilities. A strong one reads all at once. Whether a
draft is true is for verification. This module knows nothing of retrieval.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from rag.errors import ModelError
from rag.grammars import NOTHING, copied, copying
from rag.languages import name
from rag.llm import Completion, LanguageModel, Message, Token, prepare
from rag.models import Article, Evidence, Passage
from rag.pointing import Likeness, Pointed, pointed
from rag.prompts import fill, parts
from rag.questions import Question

SENTENCE_TOKENS = 110
ANSWER_TOKENS = 500
TRANSLATION_TOKENS = 30
# Stretches looked at, read or passed over.
MOST_PASSED = 24
# A strong model is shown so many times as much, all at once.
STRONG = 4
# Where any words may answer, evidence that is this much farther than the nearest, as a share of its score, is not read.
FAR = 0.7
OPEN = frozenset({"other", "person", "place", "yesno"})
# A model that finds several answers goes on with the next in the same line: '"A" => A did. "B" => B did.'
_COPIED = re.compile(r'"(.*?)" => (.+?)(?:\s*"[^"]*" =>.*)?', re.DOTALL)
_MARKS = re.compile(r"\s*((?:\[\d+(?:\s*,\s*\d+)*\]\s*)+)[.!]?\s*$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim as the model put it, with the sentences it names, best first, and those around them.

    `words` are the words of the report that it was made from, `beside` the sentence that they were read with where they
    stand elsewhere in the report: the one tells when or who, the other what. `confidence` and `copying` are the mean
    natural log-probabilities of the claim's tokens and of those words, `answering` that of answering at all; all are 0
    where the model gives none. `nearness` is the evidence's score, `pointing` how near the words around the figure are
    to the question, a cosine, `matching` how far they match the question's one by one.
    """

    text: str
    article: Article
    quotes: tuple[Passage, ...]
    words: str = ""
    confidence: float = 0.0
    copying: float = 0.0
    answering: float = 0.0
    nearness: float = 0.0
    pointing: float = 0.0
    matching: float = 0.0
    beside: Passage | None = None


def read(
    model: LanguageModel, question: Question, evidence: Iterable[Evidence], most: int, likeness: Likeness
) -> Iterator[Draft]:
    """Drafts as they are read; at most `most` stretches are shown to the model, the caller may stop earlier.

    Stretches that hold nothing of the kind asked for are passed over unread.
    """
    if not model.small:
        if shown := list(islice(evidence, STRONG * most)):
            yield from _read_all(model, question, shown)
        return
    ready(model)
    nearest = 0.0
    for one in pointed(question, islice(evidence, MOST_PASSED), likeness):
        nearest = max(nearest, one.piece.score)
        if question.kind in OPEN and one.piece.score < FAR * nearest:
            return
        if draft := _read_one(model, question, one):
            yield draft
        if (most := most - 1) == 0:
            return


def ready(model: LanguageModel) -> None:
    """Have a small model read the worked examples, which begin all its prompts. Raises ModelError."""
    if model.small:
        prepare(model, _worked_examples())


def make_standalone(model: LanguageModel, conversation: Sequence[tuple[str, str]], question: Question) -> str:
    """The follow-up with what it refers to put in; `conversation` holds (question, answer), oldest first."""
    told = "\n".join(f"Q: {asked}\nA: {answered}" for asked, answered in conversation)
    language = name(question.language)
    prompt = [
        Message("system", fill("standalone", "system")),
        Message("user", fill("standalone", "user", conversation=told, question=question.text, language=language)),
    ]
    return model.complete(prompt, max_tokens=SENTENCE_TOKENS, stop=["\n"]).text.strip().strip('"')


def _read_one(model: LanguageModel, question: Question, one: Pointed) -> Draft | None:
    piece, excerpt = one.piece, one.excerpt
    user = fill(
        "read_excerpt",
        "user",
        about=_about(piece.article),
        excerpt=excerpt,
        question=question.text,
        language=name(question.language),
    )
    reply = model.complete(
        [*_worked_examples(), Message("user", user)],
        max_tokens=SENTENCE_TOKENS,
        grammar=copying(excerpt, one.spans),
    )
    match = _COPIED.fullmatch(reply.text.strip())
    if not match:
        return None
    place = copied(excerpt, match.group(1))
    proving = piece.sentences[piece.best] if place is None else _sentence_at(piece, excerpt, place[0], one.before)
    copying_sure, saying_sure = _probabilities(reply)
    return Draft(
        text=" ".join(match.group(2).split()),
        article=piece.article,
        quotes=(proving, *(sentence for sentence in piece.sentences if sentence != proving)),
        words=match.group(1),
        confidence=saying_sure,
        copying=copying_sure,
        answering=_answering(reply),
        nearness=piece.score,
        pointing=one.pointing(place),
        matching=one.matching(place),
        beside=piece.sentences[piece.best] if proving is piece.elsewhere else None,
    )


def translate(model: LanguageModel, text: str, source: str, target: str) -> str:
    """The model's translation of a phrase or sentence, languages as BCP 47 tags. Raises ModelError."""
    user = fill("translate", "user", source=name(source), target=name(target), text=text)
    prompt = [Message("system", fill("translate", "system")), Message("user", user)]
    tokens = TRANSLATION_TOKENS + len(text) // 2
    said = " ".join(model.complete(prompt, max_tokens=tokens).text.split())
    # Against its orders a small model speaks of translating first: '"mesyuarat" in German is: "Sitzung"'.
    return re.sub(rf"^.*\bin {re.escape(name(target))} (?:is|means)\b:?\s*", "", said)


@cache
def _worked_examples() -> tuple[Message, ...]:
    held = parts("read_excerpt")
    turns = [Message("system", fill("read_excerpt", "system"))]
    for part in held:
        if part.startswith("asked_"):
            turns.append(Message("user", fill("read_excerpt", part)))
            turns.append(Message("assistant", fill("read_excerpt", part.replace("asked", "answered"))))
    return tuple(turns)


def _sentence_at(piece: Evidence, excerpt: str, at: int, before: int) -> Passage:
    """The sentence in which the excerpt's `at`-th character stands; white space in the excerpt was narrowed.

    Its first `before` characters are of the sentence that stands elsewhere.
    """
    if at < before and piece.elsewhere:
        return piece.elsewhere
    ink = len(excerpt[before:at].replace(" ", ""))
    place = piece.start
    for char in piece.excerpt:
        if not char.isspace():
            if ink == 0:
                break
            ink -= 1
        place += 1
    return next((s for s in piece.sentences if s.start <= place < s.end), piece.sentences[piece.best])


def _read_all(model: LanguageModel, question: Question, evidence: Sequence[Evidence]) -> Iterator[Draft]:
    numbered: list[tuple[Article, Passage]] = []
    reports: list[str] = []
    for piece in evidence:
        lines = [f"Report ({_about(piece.article)}):"]
        for sentence in piece.sentences:
            numbered.append((piece.article, sentence))
            lines.append(f"[{len(numbered)}] {sentence.text}")
        reports.append("\n".join(lines))
    prompt = [
        Message("system", fill("read_all", "system")),
        Message(
            "user",
            fill(
                "read_all",
                "user",
                reports="\n\n".join(reports),
                question=question.text,
                language=name(question.language),
            ),
        ),
    ]
    reply = model.complete(prompt, max_tokens=ANSWER_TOKENS).text.strip()
    if not reply:
        raise ModelError(f"the language model {model.name} gave an empty reply; ask again, or try another model")
    for line in reply.splitlines():
        match = _MARKS.search(line)
        text = line[: match.start()].strip().lstrip("-*• ") if match else ""
        if not match or not text or _declines(text):
            continue
        named = [int(number) - 1 for number in re.findall(r"\d+", match.group(1))]
        found = [numbered[at] for at in dict.fromkeys(named) if 0 <= at < len(numbered)]
        for article in {article.id: article for article, _ in found}.values():
            quotes = tuple(sentence for owner, sentence in found if owner.id == article.id)
            yield Draft(text, article, quotes)


def _declines(text: str) -> bool:
    return text.strip(" .\"'").upper() == NOTHING


def _about(article: Article) -> str:
    known = (
        ", ".join(article.places[:2]),
        article.published.isoformat() if article.published else "",
        f"in {name(article.language)}",
    )
    return "; ".join(part for part in known if part)


def _answering(reply: Completion) -> float:
    """Natural log-probability of answering at all, of the two ways that the grammar leaves open."""
    if not reply.tokens:
        return 0.0
    first = reply.tokens[0]
    declines = max((logprob for text, logprob in first.top if NOTHING.startswith(text.strip() or "?")), default=-20.0)
    return -math.log1p(math.exp(min(declines - first.logprob, 50.0)))


def _probabilities(reply: Completion) -> tuple[float, float]:
    """Mean natural log-probabilities of the tokens copied and of those written, before the grammar narrowed them."""
    border = next((at for at, token in enumerate(reply.tokens) if "=>" in token.text), len(reply.tokens))
    return _mean(reply.tokens[1:border]), _mean(reply.tokens[border + 1 :])


def _mean(tokens: Sequence[Token]) -> float:
    return sum(token.logprob for token in tokens) / len(tokens) if tokens else 0.0
