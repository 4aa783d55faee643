"""The packed model and its tokenizer, opened once per process: the vocabulary takes half a second."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.encoder.pack import Pack, find_pack

if TYPE_CHECKING:
    from rag.encoder.tokenizer import Tokenizer

# Two: the vocabulary takes half a second, and sessions are opened meanwhile.
_PACK_LOCK, _TOKENIZER_LOCK = threading.Lock(), threading.Lock()


def open_pack() -> Pack:
    """The packed model. Raises NeedError if it is missing or damaged."""
    with _PACK_LOCK:
        return _pack()


def open_tokenizer() -> Tokenizer:
    """The packed model's tokenizer. Raises NeedError if the model is missing or damaged."""
    with _TOKENIZER_LOCK:
        return _tokenizer()


@lru_cache(maxsize=1)
def _pack() -> Pack:
    return find_pack()


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    from rag.encoder.tokenizer import Tokenizer

    return Tokenizer(open_pack())
