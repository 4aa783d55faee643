"""Generations of the vector store: the record of the current one, its files, and whether they are as they were left.

A generation is a folder that is filled once, then recorded in the catalogue, and never written by this program again.
It is trusted without being opened as long as its files have the recorded sizes, times and inodes. Each opening by
Chroma touches `chroma.sqlite3`, after which the record is renewed; the other files are also known by their content.
Independent of Chroma's interface.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# The one file of a generation that Chroma writes again when it is opened.
TOUCHED = "chroma.sqlite3"
_CHUNK = 1 << 20

Files = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Generation:
    """The record of a filled generation; every mapping but `content` is by kind of passage.

    `place`: the name of its folder. `url`: the server that holds it, or empty. `space`: the vector space. `numbers`:
    the highest passage number that was considered. `counts`: the number of vectors. `keys`: a digest of all keys.
    `content`: file -> digest. `files`: name, size, time and inode of each file.
    """

    place: str
    url: str
    space: str
    numbers: Mapping[str, int]
    counts: Mapping[str, int]
    keys: Mapping[str, str]
    content: Mapping[str, str]
    files: Files

    def dumped(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))


def loaded(text: str | None) -> Generation | None:
    """A record from JSON; None for none, and for one of another version of askreports."""
    try:
        return Generation(**json.loads(text or "{}"))
    except (ValueError, TypeError):
        return None


def files_of(root: Path) -> Files:
    """Name, size, time of change in ns and inode of each file under the folder; empty if there is none."""
    if not root.is_dir():
        return []
    return sorted(
        [str(path.relative_to(root)), seen.st_size, seen.st_mtime_ns, seen.st_ino]
        for path in root.rglob("*")
        if path.is_file() and (seen := path.stat())
    )


def digests_of(root: Path) -> dict[str, str]:
    """File -> digest of its content, without the file that each opening touches. Raises OSError."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.name != TOUCHED:
            digest = hashlib.blake2b(digest_size=16)
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
            found[str(path.relative_to(root))] = digest.hexdigest()
    return found


def blank_unused(root: Path) -> None:
    """Overwrite the parts of Chroma's files that hold no vector.

    It writes room for 100 vectors at least, and the unused rows hold whatever lay in this process's memory before:
    text of removed reports was found there. `header.bin` (hnswlib): a 4-byte version, then 8-byte numbers: offset,
    room, vectors, bytes a vector. Raises ValueError for files of another shape.
    """
    for header in root.rglob("header.bin"):
        _, _, room, count, size = struct.unpack_from("<i4Q", header.read_bytes())
        for name, row in (("data_level0.bin", size), ("length.bin", 4)):
            path = header.with_name(name)
            rows, rest = divmod(path.stat().st_size, row or 1)
            if rest or not count <= rows <= room:
                raise ValueError(f"{path}: not a file that this version of askreports can clean")
            with path.open("r+b") as file:
                file.seek(count * row)
                file.write(bytes((rows - count) * row))


def digest_of(keys: Iterable[str]) -> str:
    """A digest of keys in any order."""
    digest = hashlib.blake2b(digest_size=16)
    for key in sorted(keys):
        digest.update(f"{key}\n".encode())
    return digest.hexdigest()


def to_disk(root: Path) -> None:
    """Have the operating system write the folder's files now, so that a power cut cannot empty a recorded one."""
    for path in [*root.rglob("*"), root]:
        if path.is_file() or os.name == "posix":
            at = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
            try:
                os.fsync(at)
            finally:
                os.close(at)


def make_folder(folder: Path) -> None:
    """Create the folder of generations; a file or a link in its place is taken away, and what a link leads to stays."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def clear(folder: Path, keep: str) -> bool:
    """Delete the other generations and what was left half built; False if something could not be deleted.

    Linux deletes files that another process has open; Windows does not, so that they go the next time.
    """
    if folder.is_symlink() or not folder.is_dir():
        return True
    for path in folder.iterdir():
        if path.name != keep:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    return {path.name for path in folder.iterdir()} <= {keep}
