"""Texts -> vectors, and question with window -> spans: tokenizer, weights, one onnxruntime session a model.

It does not know what vectors and spans are used for. Names are loaded when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# At once: a name that is a file's too would become the file when that is loaded.
from rag.encoder.claims import TEXT_TOKENS, claim_input, columns
from rag.encoder.folder import WeightsFolder, chosen
from rag.encoder.reader_input import ReaderInput, reader_input

if TYPE_CHECKING:
    from rag.encoder.embedding import BATCH, BundledEmbedder, Embedder, LlamaIndexEmbedder, Vectors, open_embedder
    from rag.encoder.engine import ClaimScorer, Encoder, SpanScorer, WindowScores
    from rag.encoder.means import LanguageMeans, compute_means, means_for
    from rag.encoder.shared import open_tokenizer
    from rag.encoder.spans import TokenSpan, best_spans
    from rag.encoder.tokenizer import Tokenizer, Tokens

_PLACES = {
    "BATCH": "embedding",
    "BundledEmbedder": "embedding",
    "Embedder": "embedding",
    "LanguageMeans": "means",
    "LlamaIndexEmbedder": "embedding",
    "Vectors": "embedding",
    "compute_means": "means",
    "means_for": "means",
    "open_embedder": "embedding",
    "ClaimScorer": "engine",
    "Encoder": "engine",
    "SpanScorer": "engine",
    "TokenSpan": "spans",
    "Tokenizer": "tokenizer",
    "Tokens": "tokenizer",
    "WindowScores": "engine",
    "best_spans": "spans",
    "open_tokenizer": "shared",
}

__all__ = [
    "BATCH",
    "BundledEmbedder",
    "Embedder",
    "LanguageMeans",
    "LlamaIndexEmbedder",
    "Vectors",
    "compute_means",
    "means_for",
    "open_embedder",
    "TEXT_TOKENS",
    "ClaimScorer",
    "Encoder",
    "ReaderInput",
    "SpanScorer",
    "TokenSpan",
    "Tokenizer",
    "Tokens",
    "WeightsFolder",
    "WindowScores",
    "best_spans",
    "chosen",
    "claim_input",
    "columns",
    "open_tokenizer",
    "reader_input",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
