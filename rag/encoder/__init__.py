"""Text -> vector, question + window -> spans, claim + text -> verdict: tokenizer, weights, one session per model.

Does not depend on what vectors, spans and verdicts are used for.
"""

from rag.encoder.ahead import open_ahead
from rag.encoder.claims import TEXT_TOKENS, claim_input, columns
from rag.encoder.cores import on_one_core
from rag.encoder.embedding import (
    BATCH,
    BundledEmbedder,
    Embedder,
    InBothRoles,
    LlamaIndexEmbedder,
    Vectors,
    open_embedder,
    unit,
)
from rag.encoder.engine import ClaimScorer, Encoder, SpanScorer, WindowScores
from rag.encoder.folder import WeightsFolder, chosen
from rag.encoder.memory import give_memory_back
from rag.encoder.products import products
from rag.encoder.reader_input import ReaderInput, reader_input
from rag.encoder.shared import open_tokenizer
from rag.encoder.spans import TokenSpan, best_spans
from rag.encoder.tokenizer import Tokenizer, Tokens

__all__ = [
    "BATCH",
    "BundledEmbedder",
    "ClaimScorer",
    "Embedder",
    "Encoder",
    "InBothRoles",
    "LlamaIndexEmbedder",
    "ReaderInput",
    "SpanScorer",
    "TEXT_TOKENS",
    "TokenSpan",
    "Tokenizer",
    "Tokens",
    "Vectors",
    "WeightsFolder",
    "WindowScores",
    "best_spans",
    "chosen",
    "claim_input",
    "columns",
    "give_memory_back",
    "on_one_core",
    "open_ahead",
    "open_embedder",
    "open_tokenizer",
    "products",
    "reader_input",
    "unit",
]
