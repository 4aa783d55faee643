"""How sure an answer is, in the words of the page: the same beneath the answer, beside its quotes and in exports.

The words are plain texts, never markup. Knows nothing of pages, and decides nothing: how far a claim is proven and how
likely it is right comes with the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.models import Answer
from ui.strings import Strings

LITTLE_MORE = 3  # words beside the short answer that tell no more than it does: the name of a language, a unit

EVEN = 0.5

_MARKER = re.compile(r"\[\d{1,3}\]")


@dataclass(frozen=True, slots=True)
class Badge:
    """Whether every claim is proven, and the words for it."""

    proven: bool
    text: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another reading that may be right: the answer itself, and what stands after it, "[2] (12 %)"."""

    short: str
    rest: str


def verdict(answer: Answer, strings: Strings) -> Badge | None:
    """None where there is nothing to prove: the reports do not say, or the answer claims nothing of them."""
    if not answer.answered:
        return None
    if any(claim.support != "supported" for claim in answer.claims):
        return Badge(False, probably(answer.confidence, strings))
    proving = {number for claim in answer.claims for number in claim.citations}
    proofs = sum(citation.number in proving for citation in answer.citations)
    return Badge(True, strings.count(strings.proven, proofs)) if proofs else None


def probably(probability: float, strings: Strings) -> str:
    """Say "Probably (81 %)", "Possibly (38 %)" below even odds; no figure where none is known, as of older answers."""
    if not probability:
        return strings.probably
    word = strings.probably if probability >= EVEN else strings.possibly
    return f"{word} ({strings.percent(probability)})"


def others(answer: Answer, strings: Strings) -> tuple[Other, ...]:
    """The other readings, with the marker of their citation and how likely they are."""
    if not answer.answered:
        return ()
    return tuple(Other(one.short, f"[{one.citation}] ({strings.percent(one.probability)})") for one in answer.others)


def beside_quotes(answer: Answer, strings: Strings) -> dict[int, str]:
    """What is said beside the quote of a citation, by its number; nothing beside one that proves its claims."""
    weak = sorted((claim for claim in answer.claims if claim.support != "supported"), key=lambda one: -one.probability)
    # Of several claims that rest on one sentence, the least likely is what it is called.
    said = {number: probably(claim.probability, strings) for claim in weak for number in claim.citations}
    for one in answer.others:
        other = f"{strings.may_be} {one.short} ({strings.percent(one.probability)})"
        said[one.citation] = f"{said[one.citation]} · {other}" if one.citation in said else other
    return said


def headline(answer: Answer) -> str:
    """The answer in short, where its text says more than that; else ""."""
    words = _MARKER.sub("", answer.text)
    told = answer.short in words and len(words.split()) <= len(answer.short.split()) + LITTLE_MORE
    return "" if told or not answer.answered else answer.short
