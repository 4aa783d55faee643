"""Which language model answers: the seam that readers call, and the dial `ASKREPORTS_LLM` that fills it.

What is behind the seam (a GGUF file in this process, an address, a llama-index object) is not to be known outside,
and nothing here knows what is asked. What is dear (joining, downloading, loading) waits for the first completion.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from rag.bundled import QWEN, bundled_model, installed
from rag.errors import ModelError, SettingsError
from rag.models import Progress
from rag.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

__all__ = [
    "Completion",
    "LanguageModel",
    "Message",
    "Metered",
    "Token",
    "from_llama_index",
    "open_llm",
    "prepare",
    "read_tokens",
    "warm",
]

MAGIC = b"GGUF"
IMPOSSIBLE = -1e4  # stands for a log-probability of minus infinity, which JSON cannot hold
INSTALL = "pip install -e '.[local]'"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


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

    @property
    def small(self) -> bool:
        """Whether evidence is read window by window."""

    @property
    def constrains(self) -> bool:
        """Whether a grammar is honoured."""

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        """The completion; `on_text` gets it piece by piece as it comes. An exception of `on_text` stops it.

        Raises ModelError with the way out.
        """

    def close(self) -> None:
        """Let go of memory and connections."""


@runtime_checkable
class _Warms(Protocol):
    def warm(self) -> None: ...


def warm(model: LanguageModel) -> None:
    """Do now what the first completion would do first: join, download, load, or ask an address for its model."""
    if isinstance(model, _Warms):
        model.warm()


@runtime_checkable
class _Prepares(Protocol):
    def prepare(self, messages: Sequence[Message]) -> None: ...


def prepare(model: LanguageModel, messages: Sequence[Message]) -> None:
    """Have the beginning that many prompts share read once, where the model can keep it. Raises ModelError."""
    if isinstance(model, _Prepares):
        model.prepare(messages)


class Metered:
    """A model with the tokens counted that it is shown and writes."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.name, self.small, self.constrains = model.name, model.small, model.constrains
        self.prompt_tokens = self.completion_tokens = 0

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        """The model's completion. Raises ModelError as the model does."""
        made = self._model.complete(messages, max_tokens=max_tokens, grammar=grammar, stop=stop, on_text=on_text)
        self.prompt_tokens += made.prompt_tokens
        self.completion_tokens += made.completion_tokens or len(made.tokens)
        return made

    def prepare(self, messages: Sequence[Message]) -> None:
        """Pass on to a model that can keep what it has read."""
        prepare(self._model, messages)

    def close(self) -> None:
        """Nothing to let go of: the model belongs to the caller."""


def open_llm(settings: Settings, *, progress: Progress | None = None) -> LanguageModel | None:
    """The model that the dial names, None for `none` (or for an empty dial without the extra `local`).

    Raises SettingsError for a value of no known kind, ModelError where a named file or package is not there.
    """
    dial = settings.llm.strip()
    if dial == "none" or (not dial and not installed()):
        return None
    if dial in ("", "bundled"):
        _need_engine()
        if not (settings.cache / QWEN.file_name).is_file():
            QWEN.parts()  # what is missing is told now, not at the first question
        return _local(lambda: bundled_model(settings.cache, progress), Path(QWEN.file_name).stem, settings)
    if dial.startswith(("http://", "https://")):
        from rag.endpoint import Endpoint

        return Endpoint(dial, model=settings.llm_model, key=settings.llm_key, timeout=settings.llm_timeout)
    if dial.startswith("hf:"):
        from rag.hub import HubFile, fetch

        wanted = HubFile.parse(dial)
        _need_engine()
        return _local(lambda: _gguf(fetch(wanted, settings.cache, progress)), Path(wanted.file).stem, settings)
    if dial.lower().endswith(".gguf"):
        _need_engine()
        path = _gguf(Path(dial).expanduser())
        return _local(lambda: _gguf(path), path.stem, settings)
    raise SettingsError(
        f"ASKREPORTS_LLM={dial!r} is none of: bundled, none, a path that ends in .gguf, hf:owner/repo/file.gguf, "
        "http://... or https://... (an OpenAI-compatible address)"
    )


def _local(find: Callable[[], Path], name: str, settings: Settings) -> LanguageModel:
    from rag.local import LocalModel

    return LocalModel(
        find, name=name, context=settings.llm_context, threads=settings.threads, kept=settings.cache / "prompts"
    )


def _need_engine() -> None:
    if importlib.util.find_spec("xllamacpp") is None:
        raise ModelError(
            f"a language model in this process needs the package xllamacpp: {INSTALL} "
            "(or set ASKREPORTS_LLM to an address, or to none for quotes only)"
        )


def _gguf(path: Path) -> Path:
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise ModelError(f"{path} (ASKREPORTS_LLM) cannot be read: {error.strerror}; check the path") from error
    if magic != MAGIC:
        raise ModelError(f"{path} (ASKREPORTS_LLM) is not a GGUF file (it begins with {magic!r}); download it again")
    return path


def from_llama_index(llm: LLM) -> LanguageModel:
    """Any llama-index `LLM` behind the seam: no log-probabilities, no grammar; what it raises goes through."""
    from rag.llama import LlamaIndexModel

    return LlamaIndexModel(llm)


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
