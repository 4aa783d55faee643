"""The seam to a language model: what it is shown, what it writes, and what it can do.

What is behind the seam (a GGUF file in this process, an address, a llama-index object) is not to be known outside,
and nothing here knows what is asked.
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
    """What a model is shown, and how it may go on: at most `max_tokens` more, up to the first text of `stop`.

    `grammar` is GBNF, for models that honour one.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    grammar: str | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the completion, its natural log-probability, and the likeliest pieces at its place with theirs."""

    text: str
    logprob: float
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote; `tokens` is empty where it gives no log-probabilities.

    `prompt_tokens` and `completion_tokens` count what it was shown and wrote, 0 where it does not say.
    """

    text: str
    tokens: tuple[Token, ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LanguageModel(Protocol):
    """A model that completes a chat, greedily and repeatably as far as it can.

    `small`: reads evidence window by window (a model of this process), not all at once (a strong remote one).
    `constrains`: honours a GBNF grammar; others ignore it.
    """

    @property
    def name(self) -> str:
        """What `Answer.models["llm"]` says."""
        ...

    @property
    def small(self) -> bool:
        """Whether evidence is read window by window."""
        ...

    @property
    def constrains(self) -> bool:
        """Whether a grammar is honoured."""
        ...

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """The completion; `on_text` gets it piece by piece as it comes. An exception of `on_text` stops it.

        Raises ModelError with the way out.
        """
        ...

    def close(self) -> None:
        """Let go of memory and connections."""
        ...


@runtime_checkable
class _Warms(Protocol):
    def warm(self) -> None: ...


def warm(model: LanguageModel) -> None:
    """Do now what the first completion would do first: join, download, load, or ask an address for its model."""
    if isinstance(model, _Warms):
        model.warm()


class Metered:
    """A model with the tokens counted that it is shown and writes."""

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
        """Nothing to let go of: the model belongs to the caller."""


def read_tokens(pieces: Sequence[Mapping[str, Any]]) -> Iterator[Token]:
    """Tokens from `logprobs.content` of the OpenAI shape; their texts joined are the completion.

    Pieces of one character (`bytes` that are no whole UTF-8) become one token, log-probabilities summed.
    """
    held, logprob = b"", 0.0
    top: tuple[tuple[str, float], ...] = ()
    for piece in pieces:
        if not held:
            top = tuple((other["token"], _finite(other["logprob"])) for other in piece.get("top_logprobs") or ())
        held += piece["token"].encode() if piece.get("bytes") is None else bytes(piece["bytes"])
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
