"""What a language model adds to an answer: words, never facts.

It translates the report's words, puts the short answer into a sentence, makes a follow-up stand alone, and says in one
word how a sentence answers a yes-or-no question. The caller checks what it writes against the quotes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

from rag.language import name
from rag.llm import Completion, LanguageModel, Message, Prompt, fill
from rag.models import Turn

SENTENCE_TOKENS = 90
REWRITTEN_TOKENS = 110
TRANSLATION_TOKENS = 30
# A translation with this many times more letters than its source has bytes talks about translating instead. In bytes of
# UTF-8 sentences of all scripts are about as long as in English, or longer: a Chinese character has three.
MOST_GROWN = 3.0

YesNo = Literal["yes", "no", "unknown"]
_GRAMMAR = 'root ::= "Yes" | "No" | "Unknown"'


def translate(model: LanguageModel, text: str, source: str, target: str) -> str:
    """A phrase or sentence in another language (BCP 47 tags); empty if the reply is too long or cut off.

    Raises ModelError.
    """
    length = len(text.encode())
    user = fill("translate", "user", source=name(source), target=name(target), text=text)
    messages = (Message("system", fill("translate", "system")), Message("user", user))
    most = TRANSLATION_TOKENS + length
    reply = model.complete(Prompt(messages, max_tokens=most))
    said = " ".join(reply.text.split())
    # Against instructions, a small model first talks about translating: '"mesyuarat" in German is: "Sitzung"'.
    said = re.sub(rf"^.*\bin {re.escape(name(target))} (?:is|means)\b:?\s*", "", said).strip(" \"'“”„«»")
    cut_off = reply.completion_tokens >= most
    return "" if cut_off or len(said) > MOST_GROWN * length + TRANSLATION_TOKENS else said


def sentence(model: LanguageModel, question: str, short: str, language: str) -> str:
    """One sentence in the question's language that answers it with `short`, from these alone. Raises ModelError."""
    user = fill("sentence", "user", question=question, short=short, language=name(language))
    messages = (Message("system", fill("sentence", "system")), Message("user", user))
    reply = model.complete(Prompt(messages, max_tokens=SENTENCE_TOKENS, stop=("\n",)))
    return " ".join(reply.text.split()).strip(' "')


def make_standalone(model: LanguageModel, history: Sequence[Turn], question: str, language: str) -> str:
    """The follow-up with its references filled in; `history` is oldest first. Raises ModelError."""
    told = "\n".join(f"Q: {turn.question}\nA: {turn.answer}" for turn in history)
    messages = (
        Message("system", fill("standalone", "system")),
        Message("user", fill("standalone", "user", conversation=told, question=question, language=name(language))),
    )
    return model.complete(Prompt(messages, max_tokens=REWRITTEN_TOKENS, stop=("\n",))).text.strip().strip('"')


def yes_or_no(model: LanguageModel, question: str, quote: str, about: str) -> tuple[YesNo, float]:
    """The quote's answer to a yes-or-no question, and the model's probability for it, 0 to 1. Raises ModelError."""
    user = fill("yes_or_no", "user", about=about, excerpt=quote, question=question)
    messages = (Message("system", fill("yes_or_no", "system")), Message("user", user))
    reply = model.complete(Prompt(messages, max_tokens=2, grammar=_GRAMMAR))
    said = reply.text.strip(" .\"'").lower()
    for word in ("yes", "no", "unknown"):
        if said.startswith(word):
            return word, _chance(reply)
    return "unknown", 0.0


def _chance(reply: Completion) -> float:
    """The probability of the first token; a half if the model reports none."""
    return math.exp(reply.tokens[0].logprob) if reply.tokens else 0.5
