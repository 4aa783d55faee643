"""A chat model behind an OpenAI-compatible address (Ollama, vLLM, llama-server, a hosted API).

Does not depend on what is being asked, nor on how requests are sent and failures named (that is `rag.llm.wire`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from rag.errors import ModelError
from rag.llm.model import Completion, Prompt, Token, read_tokens
from rag.llm.wire import Wire, reason_of

TOP = 8
SEED = 1


class Endpoint:
    """The chat model `model` at `base`, with or without `/v1`; an empty name takes the address's first model.

    `timeout` in seconds; `sleep` waits between retries. Thread-safe. Raises SettingsError for a bad address or key.
    """

    small = False
    constrains = False

    def __init__(
        self,
        base: str,
        *,
        model: str = "",
        key: str = "",
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wire = Wire(base, key=key, timeout=timeout, sleep=sleep)
        self._model = model

    @property
    def name(self) -> str:
        """The model's name; the address until its first model has been looked up."""
        return self._model or self._wire.shown

    def warm(self) -> None:
        """Look up the address's first model if none is named. Raises ModelError."""
        if not self._model:
            models = self._wire.models()
            if not models:
                raise ModelError(f"{self._wire.shown} has no model; load one there, or set ASKREPORTS_LLM_MODEL")
            self._model = models[0]

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """The completion, streamed if `on_text` is given; `grammar` is not sent. Raises ModelError."""
        self.warm()
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
            "max_tokens": prompt.max_tokens,
            "temperature": 0,
            "seed": SEED,
            "logprobs": True,
            "top_logprobs": TOP,
            "stream": on_text is not None,
        }
        if prompt.stop:
            body["stop"] = list(prompt.stop)
        with self._wire.answered("POST", "chat/completions", body) as response:
            if on_text and "json" not in response.headers.get("content-type", ""):
                return self._streamed(response, on_text)
            told = self._wire.read(response)
            text, tokens, _ = self._read(self._wire.json(told), "message", told)
            if on_text and text:
                on_text(text)
            return Completion(text, tokens)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _streamed(self, response: httpx.Response, on_text: Callable[[str], None]) -> Completion:
        said: list[str] = []
        tokens: list[Token] = []
        whole = False
        for data in self._wire.events(response):
            if data == "[DONE]":
                whole = True
                break
            try:
                event = json.loads(data)
            except (ValueError, RecursionError):
                break
            if isinstance(event, dict) and event.get("error"):
                raise ModelError(f"{self._wire.shown} stopped in the middle: {reason_of(event)}; ask again")
            if isinstance(event, dict) and event.get("choices") == []:
                continue  # some servers send their token count this way
            text, more, last = self._read(event, "delta", data)
            whole = whole or last
            tokens += more
            if text:
                said.append(text)
                on_text(text)
        if not whole:
            raise ModelError(f"{self._wire.shown} broke off in the middle of its answer; ask again")
        return Completion("".join(said), tuple(tokens))

    def _read(self, answer: Any, place: str, told: str) -> tuple[str, tuple[Token, ...], bool]:
        """Text and tokens of an answer's `message` or `delta`, and whether it is the last. Raises ModelError."""
        try:
            choice = answer["choices"][0]
            text = (choice.get(place) or {}).get("content") or ""
            tokens = tuple(read_tokens((choice.get("logprobs") or {}).get("content") or ()))
            last = bool(choice.get("finish_reason"))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise self._wire.incompatible(told) from error
        if not all(isinstance(one, str) for one in (text, *(other for token in tokens for other, _ in token.top))):
            raise self._wire.incompatible(told)
        return text, tokens, last
