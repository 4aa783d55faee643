"""What the vector index asks of a collection: its vectors, and the catalogue as far as it matters here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.models import PassageKind
from rag.store.chroma import Item
from rag.store.records import Stored


class Source(Protocol):
    """Where the vectors come from. `revision` changes whenever any key or vector does."""

    @property
    def revision(self) -> str:
        """Identifies the state of the collection and the vector space."""
        ...

    @property
    def space(self) -> str:
        """The catalogue and the vector space, in letters and digits: "CATALOGUE-SPACE"."""
        ...

    def keys(self, kind: PassageKind) -> list[str]:
        """Every key of a kind."""
        ...

    def items(self, kind: PassageKind, keys: set[str]) -> Iterator[Item]:
        """The vectors of these keys."""
        ...

    def matrix(self, stored: Sequence[Stored]) -> NDArray[np.float32]:
        """Their vectors, shape (len(stored), dimension)."""
        ...


class Memory(Protocol):
    """The catalogue, as far as it is needed here; the methods are described there."""

    def snapshot(self) -> AbstractContextManager[None]: ...  # noqa: D102
    def meta(self, key: str) -> str | None: ...  # noqa: D102
    def set_meta(self, key: str, value: str, *, wait: float | None = None) -> None: ...  # noqa: D102
    @property
    def numbered(self) -> int: ...  # noqa: D102
    def since(self, kind: PassageKind, number: int) -> list[Stored]: ...  # noqa: D102
    def tally(self, kind: PassageKind, number: int) -> tuple[int, int]: ...  # noqa: D102
