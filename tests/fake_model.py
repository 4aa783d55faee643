"""Stand-ins for both models, deterministic: a language model that says what it was told to, an embedder of words.

`FakeModel` is asked for what `rag.answering.rewriting` asks: a sentence around the short answer, a translation, a
follow-up made to stand alone, yes or no. What it is asked is kept in `prompts`.
"""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from rag.encoder.embedding import Vectors, unit
from rag.language.folding import fold
from rag.llm.model import Completion, Prompt, Token
from rag.llm.prompts import fill

SURE = -0.01
KINDS = ("sentence", "translate", "standalone", "yes_or_no")


class Asked(Prompt):
    """What the model was asked; `kind` is the prompt's file, empty for one of another file."""

    __slots__ = ()

    @property
    def kind(self) -> str:
        return next((kind for kind in KINDS if self.messages[0].content == fill(kind, "system")), "")

    @property
    def user(self) -> str:
        return self.messages[-1].content


# What is said to a prompt; an error is raised.
Reply = str | Exception | Callable[[Asked], str]


class FakeModel:
    """A `rag.llm.model.LanguageModel`. Each reply is fixed, or a rule over the prompt; left out, nothing is said.

    `verdict` is its word to a question that is answered by yes or no, said with the probability exp(`logprob`). One
    that `constrains` may say only what its grammar admits. `small` is a model of this process.
    """

    def __init__(
        self,
        sentence: Reply = "",
        *,
        translated: Reply = "",
        rewritten: Reply = "",
        verdict: Reply = "Unknown",
        logprob: float = SURE,
        small: bool = True,
        constrains: bool | None = None,
    ) -> None:
        self.name = "fake"
        self.small = small
        self.constrains = small if constrains is None else constrains
        self.prompts: list[Asked] = []
        self.closed = False
        self.thread: int | None = None
        self._replies = {"sentence": sentence, "translate": translated, "standalone": rewritten, "yes_or_no": verdict}
        self._logprob = logprob

    def asked(self, kind: str) -> list[Asked]:
        """The prompts of a kind."""
        return [prompt for prompt in self.prompts if prompt.kind == kind]

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        self.thread = threading.get_ident()
        asked = Asked(prompt.messages, prompt.max_tokens, prompt.grammar, prompt.stop)
        self.prompts.append(asked)
        reply = self._replies.get(asked.kind, "")
        if isinstance(reply, Exception):
            raise reply
        said = reply(asked) if callable(reply) else reply
        if self.constrains and prompt.grammar is not None:
            assert said in re.findall(r'"([^"]*)"', prompt.grammar), f"no grammar lets a model say {said!r}"
        if on_text:
            on_text(said)
        made = tuple(Token(piece, self._logprob, ()) for piece in re.findall(r"\s*\S+", said))
        shown = sum(len(message.content.split()) for message in prompt.messages)
        return Completion(said, made if self.small else (), shown, len(made))

    def close(self) -> None:
        self.closed = True


class WordEmbedder:
    """Texts that share words are near, others a little: folded words hashed into 512 dimensions.

    Counts what it embedded.
    """

    name = "fake/words-512"

    def __init__(self) -> None:
        self.embedded = 0

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        rows = np.full((len(texts), 512), 0.05, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in set(re.findall(r"\w+", fold(text))):
                row[zlib.crc32(word.encode()) % 512] += 1.0
        return unit(rows)
