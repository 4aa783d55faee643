"""The interface to a language model: its input, its output, and what it can do.

Callers need not know what is behind it (a GGUF file in this process, an address, a llama-index object), and nothing
here depends on what is being asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

IMPOSSIBLE = -1e4  # stands for a log-probability of minus infinity, which JSON cannot hold


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A model's input and limits: at most `max_tokens` of output, up to the first string of `stop`.

    `grammar` is GBNF, for models that honour one.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    grammar: str | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the completion, its natural log-probability, and the likeliest pieces at its position with theirs."""

    text: str
    logprob: float
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's output; `tokens` is empty if it reports no log-probabilities.

    `prompt_tokens` and `completion_tokens` count its input and output, 0 if it does not report them.
    """

    text: str
    tokens: tuple[Token, ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LanguageModel(Protocol):
    """A model that completes a chat, as greedily and repeatably as it can.

    `small`: too weak to rewrite a follow-up (a model of this process). `constrains`: honours a GBNF grammar; others
    ignore it.
    """

    @property
    def name(self) -> str:
        """Appears as `Answer.models["llm"]`."""
        ...

    @property
    def small(self) -> bool:
        """Whether it is too weak to rewrite a follow-up."""
        ...

    @property
    def constrains(self) -> bool:
        """Whether a grammar is honoured."""
        ...

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """The completion; `on_text` receives it piece by piece. An exception from `on_text` stops it.

        Raises ModelError, whose message says how to fix it.
        """
        ...

    def close(self) -> None:
        """Release memory and connections."""
        ...


@runtime_checkable
class _Warms(Protocol):
    def warm(self) -> None: ...


def warm(model: LanguageModel) -> None:
    """Prepare the first completion: join, download, load, or ask an address for its model. Raises ModelError."""
    if isinstance(model, _Warms):
        model.warm()


class Metered:
    """A model that counts its input and output tokens."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.name, self.small, self.constrains = model.name, model.small, model.constrains
        self.prompt_tokens = self.completion_tokens = 0

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """The model's completion. Raises ModelError as the model does."""
        made = self._model.complete(prompt, on_text=on_text)
        self.prompt_tokens += made.prompt_tokens
        self.completion_tokens += made.completion_tokens or len(made.tokens)
        return made

    def close(self) -> None:
        """Does nothing: the model belongs to the caller."""


def read_tokens(pieces: Sequence[Mapping[str, Any]]) -> Iterator[Token]:
    """Tokens from `logprobs.content` in OpenAI's format; joined, their texts are the completion.

    Pieces of one character (`bytes` that are not complete UTF-8) become one token, log-probabilities summed.
    """
    held, logprob = b"", 0.0
    top: tuple[tuple[str, float], ...] = ()
    for piece in pieces:
        if not held:
            top = tuple((other["token"], _finite(other["logprob"])) for other in piece.get("top_logprobs") or ())
        held += piece["token"].encode() if piece.get("bytes") is None else bytes([*piece["bytes"]])
        logprob += _finite(piece["logprob"])
        try:
            text = held.decode()
        except UnicodeDecodeError:
            continue
        if text:
            yield Token(text, logprob, top)
        held, logprob = b"", 0.0


def _finite(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else IMPOSSIBLE
