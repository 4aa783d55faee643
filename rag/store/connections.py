"""Connections to a SQLite file in WAL mode: one per running thread, so that readers never wait for the writer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import StoreError

# Another writer waits up to this long for a transaction.
WAIT_SECONDS = 30.0
# Connections that are kept open for later threads: each holds 2 MB.
KEPT = 8


class _Lent:
    """A thread's connection, given back when the thread has ended."""

    def __init__(self, connection: sqlite3.Connection, back: Callable[[sqlite3.Connection], None]) -> None:
        self.connection = connection
        self._back = back

    def __del__(self) -> None:
        self._back(self.connection)


class Connections:
    """Transactions on the file at `path`. SQLite's errors come as StoreError, with the way out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        # Those of threads that have ended, for the next ones: the page uses a thread for each question.
        self._free: list[sqlite3.Connection] = []
        # A thread may end, and give its connection back, while all are closed; the collector may do so within either.
        self._handing = threading.RLock()

    def close(self) -> None:
        """Close every thread's connection; the object cannot be used afterwards."""
        with self._handing:
            opened, self._open, self._free = self._open, [], []
            for connection in opened:
                connection.close()

    def verify(self) -> None:
        """Raise StoreError if the file is damaged."""
        found = self._read("PRAGMA quick_check")[0][0]
        if found != "ok":
            raise StoreError(f"{self.path}: damaged ({found}); delete it and index again")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """In this context the thread reads one consistent state, whatever others write; it must not write itself."""
        with self._sound():
            db = self._db
            outermost = not db.in_transaction
            if outermost:
                db.execute("BEGIN")
        try:
            yield
        finally:
            if outermost and db.in_transaction:
                with self._sound():
                    db.execute("ROLLBACK")

    @property
    def _db(self) -> sqlite3.Connection:
        lent: _Lent | None = getattr(self._local, "lent", None)
        if lent is None:
            try:
                connection = self._free.pop()
            except IndexError:
                connection = self._opened()
            self._local.lent = lent = _Lent(connection, self._given_back)
        return lent.connection

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        self._open.append(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    def _given_back(self, connection: sqlite3.Connection) -> None:
        with self._handing:
            if connection not in self._open:
                return
            if connection.in_transaction or len(self._free) >= KEPT:
                self._open.remove(connection)
                connection.close()
            else:
                self._free.append(connection)

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Turn SQLite's errors into a StoreError that says how to fix it."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreError(f"{self.path}: another process is writing it ({error}); ask again later") from error
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                raise StoreError(
                    f"{self.path}: cannot be written ({error}); change its permissions, or give another folder with "
                    "ASKREPORTS_HOME"
                ) from error
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
                raise StoreError(
                    f"{self.path}: the disk is full; nothing that was stored is lost: free some room on it and run the "
                    "same command again, or give another folder with ASKREPORTS_HOME"
                ) from error
            raise StoreError(
                f"{self.path}: the catalogue cannot be used ({error}); give another folder with ASKREPORTS_HOME, "
                "or delete the file and index again"
            ) from error

    def _read(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        with self._sound():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _writing(self, wait: float | None = None) -> Iterator[sqlite3.Connection]:
        """A transaction; `wait`: seconds to wait for another writer, if not the usual ones."""
        with self._sound():
            db = self._db
            if wait is not None:
                db.execute(f"PRAGMA busy_timeout = {round(wait * 1000)}")
            try:
                db.execute("BEGIN IMMEDIATE")
            finally:
                if wait is not None:
                    db.execute(f"PRAGMA busy_timeout = {round(WAIT_SECONDS * 1000)}")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back already, as when the disk is full.
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
