"""Text -> vectors, by an OpenAI-compatible endpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

import httpx
import numpy as np

from rag.deadline import bounded, within
from rag.encoder.embedding import Vectors, unit
from rag.endpoints import address, authorization, chunks, loopback, without_user
from rag.errors import ModelError
from rag.settings import Settings

# A vector in digits: 4096 numbers, as the widest models have, are a tenth of it.
MOST_BYTES = 1 << 20


class EndpointEmbedder:
    """An OpenAI-compatible `/embeddings` endpoint. Prefixes come from the settings; see the model's card.

    Raises SettingsError for an invalid address or key.
    """

    def __init__(self, settings: Settings, client: httpx.Client | None = None) -> None:
        self._settings = settings
        base = settings.embedder.rstrip("/")
        url = address(
            (base if base.endswith("/v1") else base + "/v1") + "/embeddings",
            "ASKREPORTS_EMBEDDER",
            "http://localhost:11434/v1",
        )
        # A name and a password go into the header alone: httpx puts the address into its errors.
        self._auth = httpx.BasicAuth(url.username, url.password) if url.userinfo else None
        self._url = str(without_user(url))
        self._client = bounded(
            client
            or httpx.Client(
                timeout=settings.llm_timeout,
                headers=authorization(settings.embedder_key, "ASKREPORTS_EMBEDDER_KEY"),
                trust_env=not loopback(url.host),
            )
        )

    @property
    def name(self) -> str:
        """Address, model and prefixes: what makes two indexes incompatible."""
        held = self._settings
        base = str(without_user(httpx.URL(held.embedder))) if self._auth else held.embedder
        return "|".join((base, held.embedder_model, held.embedder_query_prefix, held.embedder_passage_prefix)).rstrip(
            "|"
        )

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions, shape (len(texts), dimension). Raises ModelError if the endpoint fails."""
        return self._run(self._settings.embedder_query_prefix, texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages, shape (len(texts), dimension). Raises ModelError if the endpoint fails."""
        return self._run(self._settings.embedder_passage_prefix, texts)

    def _run(self, prefix: str, texts: Sequence[str]) -> Vectors:
        body = {"model": self._settings.embedder_model or "default", "input": [prefix + text for text in texts]}
        try:
            asked = self._client.build_request("POST", self._url, json=body)
            with within(self._settings.llm_timeout):
                reply = self._client.send(asked, auth=self._auth, stream=True)
                with closing(reply):
                    reply.raise_for_status()
                    said = b"".join(chunks(reply, MOST_BYTES * (len(texts) + 1), self._url))
            rows = sorted(json.loads(said)["data"], key=lambda row: row["index"])
            vectors = np.asarray([row["embedding"] for row in rows], dtype=np.float32)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(
                f"embedder {self._url}: {str(error) or type(error).__name__}; "
                "check ASKREPORTS_EMBEDDER, or set it to bundled"
            ) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ModelError(
                f"embedder {self._url}: the reply is not an OpenAI embeddings reply ({error!r})"
            ) from error
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelError(f"embedder {self._url}: asked for {len(texts)} vectors, got shape {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise ModelError(f"embedder {self._url}: a vector contains a value that is not a number; try another model")
        return unit(vectors)
