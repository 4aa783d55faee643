"""Question + evidence -> drafts of claims, each with the sentence that it was read from.

A small model reads one stretch of evidence at a time and is held by a grammar to name its sentence first; what it
thought of declining is taken from its token probabilities. A strong one reads all at once. Nothing here decides
whether a draft is true: that is for verification. This module knows nothing of retrieval.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.errors import ModelError
from rag.languages import name
from rag.llm import Completion, LanguageModel, Message, Token
from rag.models import Article, Evidence, Passage
from rag.prompts import fill, parts
from rag.questions import Question

NOTHING = "NONE"
SENTENCE_TOKENS = 100
ANSWER_TOKENS = 500
_GRAMMAR = 'root ::= "NONE" | "[" [1-{last}] "] " [^\\n\\[\\]]{{1,300}}\n'
_NAMED = re.compile(r"\[(\d+)\]\s*(.+)", re.DOTALL)
_MARKS = re.compile(r"\s*((?:\[\d+(?:\s*,\s*\d+)*\]\s*)+)[.!]?\s*$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim as the model put it, with the sentences it named, best first, and those around them.

    `confidence` is the mean natural log-probability of its tokens, `answering` that of answering at all; both are 0
    where the model gives no probabilities.
    """

    text: str
    article: Article
    quotes: tuple[Passage, ...]
    confidence: float = 0.0
    answering: float = 0.0


def read(model: LanguageModel, question: Question, evidence: Sequence[Evidence]) -> Iterator[Draft]:
    """Drafts as they are read, one piece of evidence after the other; the caller stops when it has enough."""
    if model.small:
        for piece in evidence:
            if draft := _read_one(model, question, piece):
                yield draft
    elif evidence:
        yield from _read_all(model, question, evidence)


def make_standalone(model: LanguageModel, conversation: Sequence[tuple[str, str]], question: Question) -> str:
    """The follow-up with what it refers to put in; `conversation` holds (question, answer), oldest first."""
    told = "\n".join(f"Q: {asked}\nA: {answered}" for asked, answered in conversation)
    language = name(question.language)
    prompt = [
        Message("system", fill("standalone", "system")),
        Message("user", fill("standalone", "user", conversation=told, question=question.text, language=language)),
    ]
    return model.complete(prompt, max_tokens=SENTENCE_TOKENS, stop=["\n"]).text.strip().strip('"')


def _read_one(model: LanguageModel, question: Question, piece: Evidence) -> Draft | None:
    numbered = "\n".join(f"[{at}] {sentence.text}" for at, sentence in enumerate(piece.sentences, 1))
    prompt = [
        Message("system", fill("read_excerpt", "system")),
        Message(
            "user",
            fill(
                "read_excerpt",
                "user",
                about=_about(piece.article),
                sentences=numbered,
                question=question.text,
                reply=_reply_line(question.language),
            ),
        ),
    ]
    grammar = _GRAMMAR.format(last=len(piece.sentences))
    reply = model.complete(prompt, max_tokens=SENTENCE_TOKENS, grammar=grammar)
    match = _NAMED.fullmatch(reply.text.strip())
    if not match or _declines(match.group(2)):
        return None
    picked = int(match.group(1)) - 1
    order = sorted(range(len(piece.sentences)), key=lambda at: (at != picked, at != piece.best, at))
    confidence, answering = _probabilities(reply)
    return Draft(
        " ".join(match.group(2).split()),
        piece.article,
        tuple(piece.sentences[at] for at in order),
        confidence,
        answering,
    )


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


def _reply_line(language: str) -> str:
    part = f"reply_{language.split('-')[0]}"
    if part in parts("read_excerpt"):
        return fill("read_excerpt", part)
    return fill("read_excerpt", "reply", language=name(language))


def _about(article: Article) -> str:
    known = (
        ", ".join(article.places[:2]),
        article.published.isoformat() if article.published else "",
        f"in {name(article.language)}",
    )
    return "; ".join(part for part in known if part)


def _probabilities(reply: Completion) -> tuple[float, float]:
    if not reply.tokens:
        return 0.0, 0.0
    first = reply.tokens[0]
    told = [token.logprob for token in _answer_tokens(reply.tokens)] or [first.logprob]
    declines = max((logprob for text, logprob in first.top if NOTHING.startswith(text.strip() or "?")), default=-20.0)
    # Of the two ways the grammar leaves open, how likely the one taken was.
    answering = -math.log1p(math.exp(min(declines - first.logprob, 50.0)))
    return sum(told) / len(told), answering


def _answer_tokens(tokens: Sequence[Token]) -> Sequence[Token]:
    """Those after "[n] "."""
    for at, token in enumerate(tokens):
        if "]" in token.text:
            return tokens[at + 1 :]
    return tokens
