"""Text -> vectors, by an OpenAI-compatible endpoint."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import numpy as np

from rag.deadline import bounded, within
from rag.encoder.embedding import Vectors, unit
from rag.errors import ModelError
from rag.settings import Settings


class EndpointEmbedder:
    """An OpenAI-compatible `/embeddings` endpoint. Prefixes come from the settings; see the model's card."""

    def __init__(self, settings: Settings, client: httpx.Client | None = None) -> None:
        self._settings = settings
        base = settings.embedder.rstrip("/")
        self._url = (base if base.endswith("/v1") else base + "/v1") + "/embeddings"
        headers = {"Authorization": f"Bearer {settings.embedder_key}"} if settings.embedder_key else {}
        self._client = bounded(client or httpx.Client(timeout=settings.llm_timeout, headers=headers))

    @property
    def name(self) -> str:
        """Address, model and prefixes: what makes two indexes incompatible."""
        held = self._settings
        return "|".join(
            (held.embedder, held.embedder_model, held.embedder_query_prefix, held.embedder_passage_prefix)
        ).rstrip("|")

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions, shape (len(texts), dimension). Raises ModelError if the endpoint fails."""
        return self._run(self._settings.embedder_query_prefix, texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages, shape (len(texts), dimension). Raises ModelError if the endpoint fails."""
        return self._run(self._settings.embedder_passage_prefix, texts)

    def _run(self, prefix: str, texts: Sequence[str]) -> Vectors:
        body = {"model": self._settings.embedder_model or "default", "input": [prefix + text for text in texts]}
        try:
            with within(self._settings.llm_timeout):
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
            raise ModelError(f"embedder {self._url}: a vector contains a value that is not a number; try another model")
        return unit(vectors)
