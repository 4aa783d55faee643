"""A GGUF model in this process, through llama.cpp (package `xllamacpp`).

Nothing leaves the process: llama.cpp's own HTTP port listens on loopback only, protected by a secret random key. Does
not depend on what is being asked, nor on where the file comes from: it gets a function that finds it.
"""

from __future__ import annotations

import os
import platform
import secrets
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from rag.errors import ModelError
from rag.llm.model import Completion, Prompt, read_tokens

TOP = 8
SEED = 1
BATCH = 128  # prompt tokens between two chances to cancel: under two seconds on two cores
PROMPT_CACHE_MB = 512  # cache for earlier prompts, about 28 kB per token


class LocalModel:
    """An in-process language model, loaded on the first `complete` or `warm`; one completion at a time.

    `find` returns the file's path and may be slow (joining, downloading). `context` is in tokens. Thread-safe.
    """

    small = True
    constrains = True

    def __init__(self, find: Callable[[], Path], *, name: str, context: int, threads: int = 0) -> None:
        self.name = name
        self._find = find
        self._context = context
        self._threads = threads or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._server: Any = None
        self._key = secrets.token_hex(16)
        self._pool: ThreadPoolExecutor | None = None

    def warm(self) -> None:
        """Load the model now. Raises ModelError if it cannot be found or read."""
        with self._lock:
            self._load()

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """Greedy completion; log-probabilities are the model's own, before a grammar restricts the choice.

        An exception from `on_text` (or Ctrl-C) stops the generation and passes through. Raises ModelError.
        """
        body: dict[str, Any] = {
            "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
            "max_tokens": prompt.max_tokens,
            "temperature": 0,
            "seed": SEED,
            "cache_prompt": True,
            "logprobs": True,
            "top_logprobs": TOP,
            "stream": True,
            "return_progress": True,
        }
        if prompt.grammar is not None:
            body["grammar"] = prompt.grammar
        if prompt.stop:
            body["stop"] = list(prompt.stop)
        said: list[str] = []
        raw: list[dict[str, Any]] = []
        counts: dict[str, Any] = {}
        with self._lock, closing(self._chunks(body)) as chunks:
            for chunk in chunks:
                if "error" in chunk:
                    raise _error(chunk["error"])
                counts = chunk.get("timings") or counts
                for choice in chunk.get("choices", ()):
                    raw += (choice.get("logprobs") or {}).get("content") or ()
                    if text := choice["delta"].get("content"):
                        said.append(text)
                        if on_text:
                            on_text(text)
        shown = counts.get("prompt_n", 0) + counts.get("cache_n", 0)
        return Completion("".join(said), tuple(read_tokens(raw)), shown, counts.get("predicted_n", 0))

    def close(self) -> None:
        """Free the model's memory; a later `complete` loads it again."""
        with self._lock:
            self._server = None
            if self._pool:
                self._pool.shutdown()
                self._pool = None

    def _chunks(self, body: dict[str, Any]) -> Generator[dict[str, Any], None, None]:
        """The stream of one completion. llama.cpp runs on its own thread, so that Ctrl-C reaches this one."""
        server, pool = self._load()
        queue: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        stopped = threading.Event()

        def receive(chunk: dict[str, Any]) -> bool:
            queue.put(chunk)
            return stopped.is_set()

        def end(_: Future[None]) -> None:
            queue.put(None)

        work: Future[None] = pool.submit(server.handle_chat_completions, body, receive)
        work.add_done_callback(end)
        try:
            while (chunk := queue.get()) is not None:
                yield chunk
        finally:
            stopped.set()
            error = work.exception()
        if error:
            raise ModelError(f"the language model {self.name} failed: {error}; ask again") from error

    def _load(self) -> tuple[Any, ThreadPoolExecutor]:
        if self._server is None or self._pool is None:
            path = self._find()
            try:
                self._server = _serve(path, self._context, self._threads, self._key)
            except RuntimeError as error:
                raise ModelError(
                    f"{path} cannot be loaded as a language model ({error}); check that the download is whole, that it "
                    "is a chat model, and that there is enough memory (a lower ASKREPORTS_LLM_CONTEXT needs less)"
                ) from error
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="askreports-llm")
        return self._server, self._pool


def _engine() -> Any:
    # Spinning threads starve each other when something else runs; this is read once, when the library loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(
            f"llama.cpp cannot be loaded ({error}); if libgomp.so.1 is missing, install the system's package libgomp1, "
            "else reinstall it: pip install --force-reinstall xllamacpp"
        ) from error
    return xllamacpp


def _serve(path: Path, context: int, threads: int, key: str) -> Any:
    xllamacpp = _engine()
    params = xllamacpp.CommonParams()
    params.verbosity = 0
    params.model.path = str(path)
    params.n_ctx = context
    params.n_batch = params.n_ubatch = BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.n_parallel = 1
    params.cache_ram_mib = PROMPT_CACHE_MB
    params.warmup = False
    # On x86 repacked weights cost 0.6 GB and a second of loading, and read prompts 15 % slower (measured).
    params.no_extra_bufts = platform.machine().lower() in ("x86_64", "amd64")
    params.fit_params = False
    params.ui = params.endpoint_slots = params.endpoint_props = False
    params.api_keys = [key]
    return xllamacpp.Server(params)


def _error(error: dict[str, Any]) -> ModelError:
    if error.get("type") == "exceed_context_size_error":
        return ModelError(
            f"the prompt has {error.get('n_prompt_tokens')} tokens and the model's context {error.get('n_ctx')}; "
            "raise ASKREPORTS_LLM_CONTEXT, or lower ASKREPORTS_READING_WINDOWS or ASKREPORTS_WINDOW_CHARS"
        )
    return ModelError(f"the language model refused the request: {error.get('message', error)}")
