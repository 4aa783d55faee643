"""A home as one file, and back: the catalogues, the page's conversations, uploads. Changes nothing that it reads.

The file is a zip archive with a manifest: the SHA-256 and size of every entry, and the version of the schema. Databases
are copied by SQLite in one consistent state while others read and write; Chroma's folders and locks are left out, since
the vector index is built again from the catalogue. A home is restored beside its place, checked, and then renamed, so
that there is never half a home.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, Any

from filelock import FileLock, Timeout

from rag.errors import InputError, StoreError
from rag.homes import FILE
from rag.store import SCHEMA_VERSION, Catalog

MANIFEST = "askreports-backup.json"
FORMAT = 1
# What is not copied: caches and locks, and SQLite's files beside a database. A report may be named daily-journal.
LEFT_OUT = {"chroma"}
TAILS = (".lock", ".sqlite3-wal", ".sqlite3-shm", ".sqlite3-journal")
LOCK_SECONDS = 10.0
_CHUNK = 1 << 20
# A manifest names each file in some 150 bytes: this is enough for 400,000.
_MOST_MANIFEST = 64 << 20
# What reading a damaged archive may raise.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds: the number of reports and of files, and its size in bytes."""

    reports: int
    files: int
    size: int


def backup(home: Path, file: Path, *, force: bool = False) -> Saved:
    """Write the home into one file, which appears when it is whole.

    Raises InputError where nothing is indexed, or where the file exists without `force`; StoreError for a damaged
    database or a disk without room.
    """
    if not (home / FILE).is_file():
        raise InputError(f"{home}: nothing is indexed there; give the home's folder with --home")
    if file.exists() and (not force or not file.is_file()):
        raise InputError(f"{file}: exists already; give another name, or replace it with --force")
    beside = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=beside.parent, prefix=".askreports-") as room:
            saved = _write(home, beside, Path(room), {beside.resolve(), file.resolve()})
        with beside.open("r+b") as written:
            os.fsync(written.fileno())
        os.replace(beside, file)
    except sqlite3.Error as error:
        raise StoreError(f"{home}: cannot be copied ({error}); see what is wrong with: askreports doctor") from error
    except OSError as error:
        raise StoreError(f"{file}: cannot be written ({error}); give a file on a disk with room") from error
    finally:
        beside.unlink(missing_ok=True)
    return Saved(saved[0], saved[1], file.stat().st_size)


def restore(file: Path, home: Path, *, force: bool = False) -> Saved:
    """Make the home what it was when the file was written.

    Raises InputError for a file that is no backup, is damaged or of a newer version, or if the home holds something and
    `force` is not given; StoreError if another process is changing the home, or the disk has no room. Then the home is
    as it was.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())) and not force:
        raise InputError(f"{home}: is not empty; give another folder with --home, or replace it with --force")
    home = home.absolute()
    beside = home.with_name(f"{home.name}.restoring-{uuid.uuid4().hex[:8]}")
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        count = _unpack(file, beside)
        reports = _checked(file, beside)
        _take_its_place(beside, home)
    except OSError as error:
        raise StoreError(f"{home}: cannot be restored ({error}); it is as it was") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Saved(reports, count, file.stat().st_size)


def _write(home: Path, to: Path, room: Path, besides: set[Path]) -> tuple[int, int]:
    """Fill the archive: the number of reports of the main collection, and of files."""
    entries: dict[str, dict[str, Any]] = {}
    reports = 0
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        # Databases first: a file that is uploaded meanwhile is found by the next update, one that is named is there.
        paths = sorted(_files_of(home, besides), key=lambda path: (path.suffix != ".sqlite3", path))
        for path in paths:
            name = path.relative_to(home).as_posix()
            source = path
            if path.suffix == ".sqlite3":
                source = room / uuid.uuid4().hex
                _copy_database(path, source)
                if name == FILE:
                    with closing(sqlite3.connect(source)) as db:
                        (reports,) = db.execute("SELECT COUNT(*) FROM articles").fetchone()
            try:
                with source.open("rb") as read, archive.open(name, "w", force_zip64=True) as write:
                    entries[name] = _copied(read, write)
            except FileNotFoundError:
                continue  # Deleted since the folder was listed.
            finally:
                if source != path:
                    source.unlink()
        manifest = {
            "format": FORMAT,
            "schema": SCHEMA_VERSION,
            "askreports": version("askreports"),
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": entries,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return reports, len(entries)


def _files_of(home: Path, besides: set[Path]) -> Iterator[Path]:
    for folder, folders, names in os.walk(home):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT and not (Path(folder) / name).is_symlink())
        for name in names:
            path = Path(folder) / name
            if not name.endswith(TAILS) and path.is_file() and not path.is_symlink() and path.resolve() not in besides:
                yield path


def _copy_database(path: Path, to: Path) -> None:
    """One consistent state, without the bytes of deleted rows. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)) as db:
        db.execute("VACUUM INTO ?", (str(to),))
    with closing(sqlite3.connect(to, isolation_level=None)) as db:
        if (state := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(f"{path.name}: {state}")


def _copied(read: IO[bytes], write: IO[bytes], most: int | None = None) -> dict[str, Any]:
    """Copy to the end, or to one byte more than `most`: size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    while chunk := read.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        write.write(chunk)
        if most is not None and size > most:
            break
    return {"size": size, "sha256": digest.hexdigest()}


def _unpack(file: Path, to: Path) -> int:
    """Write the files into a new folder, each checked against the manifest: their number."""
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    try:
        with zipfile.ZipFile(file) as archive:
            files = _manifest(file, archive)
            need = sum(entry["size"] for entry in files.values())
            if need > shutil.disk_usage(to.parent).free:
                raise InputError(f"{file}: needs {need:,} bytes, which {to.parent} does not have; free some room there")
            to.mkdir()
            for name, entry in files.items():
                path = to.joinpath(*PurePosixPath(name).parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as read, path.open("xb") as write:
                    if _copied(read, write, entry["size"]) != entry:
                        raise InputError(f"{file}: {name} is damaged; use another backup")
                    write.flush()
                    os.fsync(write.fileno())
            return len(files)
    except _DAMAGE as error:
        raise InputError(f"{file}: is no backup or is damaged ({error}); use another one") from error


def _manifest(file: Path, archive: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """The entries by name. Raises InputError for anything that `backup` does not write."""
    if MANIFEST not in archive.namelist() or archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
        raise InputError(f"{file}: is no backup of askreports; make one with: askreports backup FILE")
    held = json.loads(archive.read(MANIFEST))
    if not isinstance(held, dict) or held.get("format") != FORMAT or held.get("schema", 0) > SCHEMA_VERSION:
        made_by = held.get("askreports") if isinstance(held, dict) else "an unknown version"
        raise InputError(f"{file}: was made by askreports {made_by}, which is newer; restore it with that version")
    files = held.get("files")
    names = [name for name in archive.namelist() if name != MANIFEST]
    if not isinstance(files, dict) or FILE not in files or sorted(names) != sorted(files):
        raise InputError(f"{file}: does not hold what its manifest lists; use another backup")
    for name, entry in files.items():
        if not _is_inside(name):
            raise InputError(f"{file}: names a file outside of the home ({name!r}); it was not made by askreports")
        if not isinstance(entry, dict) or not isinstance(entry.get("size"), int) or entry["size"] < 0:
            raise InputError(f"{file}: does not say how large {name} is; use another backup")
    return files


def _is_inside(name: str) -> bool:
    """Whether it is a relative path without a way out on any system: no drive, no backslash, no NUL."""
    parts = name.split("/")
    return not any(part in ("", ".", "..") or set(part) & set("\\:\0") for part in parts)


def _checked(file: Path, home: Path) -> int:
    """Open what was unpacked, which brings older schemas up to date: the number of reports of the main collection."""
    reports = 0
    for path in sorted(home.rglob("*.sqlite3")):
        with closing(sqlite3.connect(path)) as db:
            try:
                state = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            except sqlite3.Error as error:
                state = str(error)
        if state != "ok":
            raise InputError(f"{file}: {path.name} in it is damaged ({state}); use another backup")
        if path.name == FILE:
            try:
                catalog = Catalog(path)
                # The record of a vector index that is not there.
                catalog.set_meta("vector_store", "{}")
                reports = len(catalog.heads()) if path.parent == home else reports
                catalog.close()
            except StoreError as error:
                raise InputError(f"{file}: its catalogue cannot be used ({error}); use another backup") from error
    return reports


def _take_its_place(beside: Path, home: Path) -> None:
    """Rename the new home into place; the old one is deleted when the new one stands there."""
    if not home.exists():
        os.replace(beside, home)
        return
    old = home.with_name(f"{home.name}.replaced-{uuid.uuid4().hex[:8]}")
    if not home.is_dir() or home.is_symlink():
        raise InputError(f"{home}: is not a folder; give another one with --home")
    lock = FileLock(home / "writing.lock", thread_local=False)
    try:
        with lock.acquire(timeout=LOCK_SECONDS):
            os.replace(home, old)
            try:
                os.replace(beside, home)
            except OSError:
                os.replace(old, home)
                raise
    except Timeout:
        raise StoreError(f"{home}: another process is changing it; end that one, then restore again") from None
    shutil.rmtree(old, ignore_errors=True)
