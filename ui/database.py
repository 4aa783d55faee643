"""One SQLite file (WAL) shared by several threads: opened and checked, read and written in transactions.

A damaged file is moved aside, with its -wal and -shm files, and a new one is created. Independent of what the tables
contain.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import StoreError

WAIT_SECONDS = 30.0  # another process may be writing
_DAMAGED = ".damaged-"  # in the name of a file that was moved aside


class Database:
    """The file at `path`, opened or created with `schema`; `version` is the schema's. `now` gives the time in UTC.

    `notice` says that a damaged file was moved aside. Raises StoreError for a file of another version of askreports,
    and for a folder that is not writable.
    """

    def __init__(self, path: Path, schema: str, version: int, now: Callable[[], datetime]) -> None:
        self.path = path
        self.notice = ""
        self._now = now
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be created ({error}); give another folder with ASKREPORTS_HOME"
            ) from error
        try:
            self._db = _open(path, schema, version)
        except sqlite3.OperationalError as error:
            # Busy, no rights, no room: the file itself may be sound.
            raise self._trouble(error) from error
        except sqlite3.DatabaseError as error:
            self.notice = self._set_aside(str(error))
            self._db = _open(path, schema, version)

    def close(self) -> None:
        """Close the file; the object cannot be used afterwards."""
        with self._lock:
            self._db.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the file. Raises StoreError."""
        with self._lock:
            try:
                self._db.execute("BEGIN")
                try:
                    yield self._db
                finally:
                    self._db.execute("ROLLBACK")
            except sqlite3.DatabaseError as error:
                raise self._trouble(error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is rolled back whole if an error leaves it. Raises StoreError."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            except sqlite3.DatabaseError as error:
                raise self._trouble(error) from error

    def erase(self) -> None:
        """Overwrite what was deleted or replaced before. Raises StoreError, also while another process is reading."""
        with self._lock:
            try:
                self._db.execute("VACUUM")
                (busy, _, _) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.DatabaseError as error:
                raise self._trouble(error) from error
        if busy:
            raise StoreError(
                f"{self.path}: another process is reading it, so quotes of removed reports are not yet "
                "erased from the disk; close that process and run: askreports index"
            )

    def _trouble(self, error: sqlite3.DatabaseError) -> StoreError:
        if _is_busy(error):
            return StoreError(f"{self.path}: another process is writing it ({error}); try again")
        return StoreError(
            f"{self.path}: the conversations cannot be read or written ({error}); see that the disk has room and the "
            "file may be written, then start again"
        )

    def _set_aside(self, reason: str) -> str:
        """Move the file away, with its -wal and -shm files; the reports are not touched."""
        stem = f"{self.path.name}{_DAMAGED}{self._now().astimezone(UTC):%Y%m%dT%H%M%S}"
        number, aside = 1, self.path.with_name(stem)
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"{stem}-{number}")
        try:
            for tail in ("", "-wal", "-shm"):
                if (part := Path(f"{self.path}{tail}")).exists():
                    os.replace(part, f"{aside}{tail}")
        except OSError as error:
            raise StoreError(f"{self.path}: damaged ({reason}) and cannot be moved away ({error}); move it") from error
        return (
            f"{self.path.name} was damaged ({reason}); it now lies beside as {aside.name}, and new conversations go "
            "into a new file. The reports are as they were."
        )


def set_aside(path: Path) -> list[Path]:
    """The damaged files that were moved aside from this path and are still there."""
    return sorted(path.parent.glob(f"{path.name}{_DAMAGED}*"))


def _open(path: Path, schema: str, version: int) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        if (state := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(state)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN IMMEDIATE")
        (found,) = db.execute("PRAGMA user_version").fetchone()
        if found == 0:
            for statement in schema.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version}")
        db.execute("COMMIT")
        if found not in (0, version):
            raise StoreError(
                f"{path}: made by another version of askreports (schema {found}, this one reads {version}); "
                "use that version, or move the file away"
            )
    except BaseException:
        db.close()
        raise
    return db


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
