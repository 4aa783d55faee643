"""Reuse of vectors from other catalogues: text embedded for one collection is not embedded again for another.

Other catalogues are opened read-only. A missing or damaged one, or one of another version, is ignored.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rag.store.schema import SCHEMA_VERSION


class Lenders:
    """Other catalogues, given by their files; opened at the first lookup, closed at the end of the `with` block."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = list(paths)
        self._opened: list[sqlite3.Connection] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for db in self._opened or ():
            db.close()
        self._opened = None

    def vectors(self, hashes: Sequence[str], embedder: str) -> dict[str, NDArray[np.float32]]:
        """Input hash -> vector (dimension,), for the hashes found in any of the catalogues."""
        if self._opened is None:
            self._opened = [db for path in self._paths if (db := _open(path)) is not None]
        found: dict[str, NDArray[np.float32]] = {}
        for db in self._opened:
            missing = [key for key in hashes if key not in found]
            if not missing:
                break
            try:
                rows = db.execute(
                    "SELECT input_hash, vector FROM vectors "
                    "WHERE embedder = ? AND input_hash IN (SELECT value FROM json_each(?))",
                    (embedder, json.dumps(missing)),
                ).fetchall()
            except sqlite3.Error:
                continue
            found |= {key: np.frombuffer(blob, dtype=np.float32) for key, blob in rows}
        return found


def _open(path: Path) -> sqlite3.Connection | None:
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    except sqlite3.Error:
        return None
    try:
        with closing(db.execute("PRAGMA user_version")) as found:
            if found.fetchone()[0] == SCHEMA_VERSION:
                return db
    except sqlite3.Error:
        pass
    db.close()
    return None
