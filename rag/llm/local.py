"""A GGUF model in this process, through llama.cpp (package `xllamacpp`).

Nothing leaves the process: llama.cpp's own HTTP port listens on loopback only, behind a key that nobody is told.
This module must not know what is asked, nor where the file comes from: it gets a function that finds it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import secrets
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import httpx

from rag.errors import ModelError
from rag.llm.model import Completion, Message, read_tokens

TOP = 8
SEED = 1
BATCH = 128  # prompt tokens between two chances to stop: under two seconds on two cores
SLOT_SECONDS = 30.0
PROMPT_CACHE_MB = 512  # earlier prompts kept beside the current one, about 28 kB a token


class LocalModel:
    """A language model of this process, loaded on the first `complete` or `warm`; one completion at a time.

    `find` gives the file's path and may take its time (joining, downloading); in the folder `kept` lie prompts that
    were read before. Safe to call from several threads.
    """

    small = True
    constrains = True

    def __init__(
        self, find: Callable[[], Path], *, name: str, context: int, threads: int = 0, kept: Path | None = None
    ) -> None:
        self.name = name
        self._find = find
        self._kept = kept
        self._prepared = ""
        self._context = context
        self._threads = threads or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._server: Any = None
        self._key = secrets.token_hex(16)
        self._pool: ThreadPoolExecutor | None = None

    def warm(self) -> None:
        """Load the model now. Raises ModelError where it cannot be had or read."""
        with self._lock:
            self._load()

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        """Greedy completion; log-probabilities are the model's own, before a grammar narrows the choice.

        An exception of `on_text` (or Ctrl-C) stops the generation and goes through. Raises ModelError.
        """
        body: dict[str, Any] = {
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "seed": SEED,
            "cache_prompt": True,
            "logprobs": True,
            "top_logprobs": TOP,
            "stream": True,
            "return_progress": True,
        }
        if grammar is not None:
            body["grammar"] = grammar
        if stop:
            body["stop"] = list(stop)
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

    def prepare(self, messages: Sequence[Message]) -> None:
        """Have the beginning that prompts share read, from the folder `kept` where it was read before.

        Seven hundred tokens of worked examples cost ten seconds on two cores, their 20 MB file a tenth of one. Without
        the folder, or where a file fails, nothing is lost but that time. Raises ModelError as `complete` does.
        """
        with self._lock:
            server, _ = self._load()
            if self._kept is None:
                return
            name = self._kept_name(messages)
            if name == self._prepared:
                return
            self._prepared = name
            if self._slot(server, "restore", name):
                return
        self.complete(messages, max_tokens=1)
        with self._lock:
            fresh = f"{secrets.token_hex(8)}.part"
            if self._slot(server, "save", fresh):
                os.replace(self._kept / fresh, self._kept / name)

    def _kept_name(self, messages: Sequence[Message]) -> str:
        """Another name for another model file, engine, context or text."""
        file = self._find().stat()
        told = [[message.role, message.content] for message in messages]
        stamp = [self.name, file.st_size, file.st_mtime_ns, self._context, _engine_version(), told]
        return hashlib.sha256(json.dumps(stamp).encode()).hexdigest()[:24] + ".bin"

    def _slot(self, server: Any, action: str, name: str) -> bool:
        """Save or restore what the model has read, by llama.cpp's own loopback port; False where that fails."""
        if action == "restore" and not (self._kept and (self._kept / name).is_file()):
            return False
        try:
            reply = httpx.post(
                f"{server.listening_address}/slots/0?action={action}",
                json={"filename": name},
                headers={"Authorization": f"Bearer {self._key}"},
                timeout=SLOT_SECONDS,
                trust_env=False,
            )
        except httpx.HTTPError:
            return False
        return reply.is_success

    def close(self) -> None:
        """Free the model's memory; a later `complete` loads it again."""
        with self._lock:
            self._server = None
            self._prepared = ""
            if self._pool:
                self._pool.shutdown()
                self._pool = None

    def _chunks(self, body: dict[str, Any]) -> Generator[dict[str, Any], None, None]:
        """The stream of one completion. llama.cpp works on its own thread, so that Ctrl-C reaches this one."""
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

    def _folder(self) -> str:
        """The folder of prompts read before, with the slash that llama.cpp wants; empty where it cannot be made."""
        try:
            if self._kept:
                self._kept.mkdir(parents=True, exist_ok=True)
        except OSError:
            self._kept = None
        return f"{self._kept}{os.sep}" if self._kept else ""

    def _load(self) -> tuple[Any, ThreadPoolExecutor]:
        if self._server is None or self._pool is None:
            path = self._find()
            try:
                self._server = _serve(path, self._context, self._threads, self._key, self._folder())
            except RuntimeError as error:
                raise ModelError(
                    f"{path} cannot be loaded as a language model ({error}); check that the download is whole, that it "
                    "is a chat model, and that the memory suffices (ASKREPORTS_LLM_CONTEXT lowers what it takes)"
                ) from error
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="askreports-llm")
        return self._server, self._pool


def _engine_version() -> str:
    return importlib.metadata.version("xllamacpp")


def _engine() -> Any:
    # Threads that spin while they wait starve each other when something else runs; read once, at the library's load.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(
            f"llama.cpp cannot be loaded ({error}); if it misses libgomp.so.1, install the system's package libgomp1, "
            "else install anew: pip install --force-reinstall xllamacpp"
        ) from error
    return xllamacpp


def _serve(path: Path, context: int, threads: int, key: str, kept: str) -> Any:
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
    # On x86 the weights laid out anew cost 0.6 GB and a second of loading, and read prompts 15 % slower (measured).
    params.no_extra_bufts = platform.machine().lower() in ("x86_64", "amd64")
    params.fit_params = False
    params.ui = params.endpoint_slots = params.endpoint_props = False
    params.api_keys = [key]
    params.slot_save_path = kept
    return xllamacpp.Server(params)


def _error(error: dict[str, Any]) -> ModelError:
    if error.get("type") == "exceed_context_size_error":
        return ModelError(
            f"the prompt has {error.get('n_prompt_tokens')} tokens and the model's context {error.get('n_ctx')}; "
            "raise ASKREPORTS_LLM_CONTEXT, or lower ASKREPORTS_READING_WINDOWS or ASKREPORTS_WINDOW_CHARS"
        )
    return ModelError(f"the language model refused the request: {error.get('message', error)}")
