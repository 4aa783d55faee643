"""Stand-ins for both models, deterministic: a language model that follows rules or a script, an embedder of words.

`FakeModel` speaks the two forms of `rag.reading`: "[n] text" or "NONE" about one excerpt with token log-probabilities
(small), or claims "text [n]" about many sentences without (remote). What it is asked is kept in `prompts`.
"""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.embedding import Vectors, unit
from rag.errors import ModelError
from rag.languages import fold
from rag.llm import Completion, Message, Token
from rag.prompts import fill

SURE = -0.001
UNSURE = -0.6
_NUMBERED = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Prompt:
    """What the model was asked: all of it, and the numbered sentences in it."""

    messages: tuple[Message, ...]
    grammar: str | None

    @property
    def user(self) -> str:
        return self.messages[-1].content

    @property
    def sentences(self) -> dict[int, str]:
        return {int(number): text for number, text in _NUMBERED.findall(self.user)}

    @property
    def rewrites(self) -> bool:
        """Whether a follow-up is to be made to stand alone, rather than evidence read."""
        return self.messages[0].content == fill("standalone", "system")


Reply = Callable[[Prompt], str | Completion | Exception]


class FakeModel:
    """A `rag.llm.LanguageModel`; `reply` is a rule, or what to say in turn (the last one for ever)."""

    def __init__(
        self, reply: Reply | Sequence[str | Completion | Exception], *, small: bool = True, rewritten: str = ""
    ) -> None:
        self.name = "fake"
        self.small = small
        self.constrains = small
        self.prompts: list[Prompt] = []
        self.closed = False
        self.thread: int | None = None
        self._reply = reply
        self._rewritten = rewritten

    @property
    def read(self) -> list[Prompt]:
        """The prompts that showed evidence."""
        return [prompt for prompt in self.prompts if not prompt.rewrites]

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        if self.closed:
            raise ModelError("the model was closed")
        self.thread = threading.get_ident()
        prompt = Prompt(tuple(messages), grammar)
        turn = len(self.read)
        self.prompts.append(prompt)
        if prompt.rewrites:
            return Completion(self._rewritten, ())
        said = self._reply(prompt) if callable(self._reply) else self._reply[min(turn, len(self._reply) - 1)]
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            said = tokens(said) if self.small else Completion(said, ())
        if on_text:
            on_text(said.text)
        return said

    def close(self) -> None:
        self.closed = True


def tokens(text: str, *, logprob: float = SURE, decline: float = -8.0) -> Completion:
    """The text as a model with probabilities gives it: `logprob` for each token, `decline` for beginning with NONE."""
    pieces = re.findall(r"\[|\]|NONE|\s*[^\s\[\]]+|\s", text)
    other = ("[", -8.0) if text.startswith("NONE") else ("NONE", decline)
    made = [Token(piece, logprob, ((piece, logprob), other) if at == 0 else ()) for at, piece in enumerate(pieces)]
    return Completion(text, tuple(made))


def excerpts(*rules: tuple[str, str | Completion], otherwise: str = "NONE") -> Reply:
    """A small model's rule: the claim of the first rule whose words stand in a sentence of the excerpt."""

    def reply(prompt: Prompt) -> str | Completion:
        for words, claim in rules:
            for number, sentence in prompt.sentences.items():
                if words in sentence:
                    return claim if isinstance(claim, Completion) else f"[{number}] {claim}"
        return otherwise

    return reply


def claims(*rules: tuple[Sequence[str] | str, str], before: Iterable[str] = ()) -> Reply:
    """A remote model's rule: each claim with the numbers of the sentences that hold its words, a line each."""

    def reply(prompt: Prompt) -> str:
        lines = list(before)
        for words, claim in rules:
            wanted = (words,) if isinstance(words, str) else words
            numbers = [n for word in wanted for n, sentence in prompt.sentences.items() if word in sentence]
            if numbers:
                lines.append(f"{claim} " + "".join(f"[{n}]" for n in dict.fromkeys(numbers)))
        return "\n".join(lines) or "NONE"

    return reply


class WordEmbedder:
    """Texts that share words are near: folded words hashed into 512 dimensions. Counts what it embedded."""

    name = "fake/words-512"

    def __init__(self) -> None:
        self.embedded = 0

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        rows = np.full((len(texts), 512), 0.001, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in set(re.findall(r"\w+", fold(text))):
                row[zlib.crc32(word.encode()) % 512] += 1.0
        return unit(rows)
