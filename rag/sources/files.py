"""Files and folders: listing, reading a path into a `Draft`, and report ids made from paths.

Text is kept as its format returned it (NFC, line endings unchanged), so that offsets hold.
Independent of what a text says.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from rag.errors import ArticleError, OpenError
from rag.sources.content import Content, Metadata
from rag.sources.formats import PlainText, format_of_suffix, known_suffixes

MEGABYTE = 1_000_000
# What the system says of a path where nothing is; any other error says nothing of what is there.
_ABSENT = (FileNotFoundError, NotADirectoryError)
# Control characters, and the halves of characters in which Python holds bytes of a name that are not UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A location's text in NFC, not yet analysed. `sha256` is over the text in UTF-8."""

    text: str
    sha256: str
    location: str
    metadata: Metadata = Metadata()
    warnings: tuple[str, ...] = ()


def location_of(place: str | Path) -> str:
    """The path or address as it is stored and printed.

    Raises `ArticleError` for one that cannot be: bytes that are not UTF-8, a control character that a terminal obeys.
    """
    location = str(place)
    shown = _UNPRINTABLE.sub("\ufffd", location)
    if shown != location:
        raise ArticleError(shown, "has control characters in its name, or letters that are not UTF-8; rename it")
    return location


def readable(path: Path) -> bool:
    """Whether a format reads files with this suffix."""
    return format_of_suffix(path.suffix) is not None


def is_gone(path: Path) -> bool:
    """Whether nothing is there; what is there and cannot be looked at is not gone."""
    try:
        path.stat()
    except _ABSENT:
        return True
    except OSError:
        return False
    return False


def list_files(folder: Path) -> list[Path]:
    """All files under the folder, sorted by path, without hidden files and folders.

    Linked folders are followed once each. A folder or link that cannot be opened is listed itself, so that reading it
    reports the reason instead of silently dropping its files.
    """
    return sorted(_walk(folder, set()), key=attrgetter("parts"))


def read_file(path: Path, *, max_bytes: int, any_suffix: bool = False) -> Draft:
    """The file's text. `max_bytes` is the size limit. Raises `ArticleError` with a message that says what to do.

    That is an `OpenError` for what is there and cannot be opened. `any_suffix`: a file with an unknown suffix is read
    as text if possible.
    """
    location = str(path)
    reader = format_of_suffix(path.suffix) or (PlainText() if any_suffix else None)
    try:
        if path.is_dir():
            os.scandir(path).close()
            raise ArticleError(location, "is a folder, not a file")
        if reader is None:
            raise ArticleError(location, f"has an unsupported format; supported: {', '.join(known_suffixes())}")
        if path.exists() and not path.is_file():
            raise ArticleError(location, "is not a regular file")
        size = path.stat().st_size
        if size > max_bytes:
            raise too_large(location, size, max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        kind = ArticleError if isinstance(error, _ABSENT) else OpenError
        raise kind(location, f"cannot be opened: {(error.strerror or str(error)).lower()}") from None
    if len(data) > max_bytes:
        raise too_large(location, len(data), max_bytes)
    return make_draft(reader.read(data, location), location)


def make_draft(content: Content, location: str) -> Draft:
    """The draft of what a format read. Raises `ArticleError` if it is blank."""
    if not content.text.strip():
        raise ArticleError(location, "is empty")
    text = unicodedata.normalize("NFC", content.text)
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return Draft(text, sha256, location, content.metadata, content.warnings)


def too_large(location: str, size: int, limit: int) -> ArticleError:
    """The error for `size` bytes when `limit` are allowed."""
    return ArticleError(
        location,
        f"is {size / MEGABYTE:.1f} MB, more than the {limit / MEGABYTE:g} MB allowed; "
        "split it or raise ASKREPORTS_MAX_FILE_MB",
    )


def assign_ids(paths: Sequence[Path]) -> dict[Path, str]:
    """An id for each path, independent of order: its stem, or if stems collide its path from the common folder.

    That is without its suffix unless those collide too (`a.txt`, `a.text`). Where names differ only in their Unicode
    form, a hash of the path is put behind them.
    """
    root: Path | None = None
    ids = {path: unicodedata.normalize("NFC", path.stem) for path in sorted(set(paths), key=attrgetter("parts"))}
    level = dict.fromkeys(ids, 0)
    forms: dict[Path, list[str]] = {}  # of those that collide: most don't, and paths are slow
    while True:
        counts = Counter(ids.values())
        raised = [path for path, id in ids.items() if counts[id] > 1]
        if raised and root is None:
            root = Path(os.path.commonpath([path.absolute().parent for path in ids]))
        forms |= {path: _id_forms(path, root) for path in raised if path not in forms}
        raised = [path for path in raised if level[path] + 1 < len(forms[path])]
        if not raised:
            return {path: id if counts[id] == 1 else f"{id}-{_hash(path)}" for path, id in ids.items()}
        for path in raised:
            level[path] += 1
            ids[path] = forms[path][level[path]]


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterable[Path]:
    try:
        status = folder.stat()
        with os.scandir(folder) as held:
            entries = [entry for entry in held if not entry.name.startswith(".")]
    except OSError:  # closed, or deleted meanwhile
        return [folder]
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    found: list[Path] = []
    # Real folders first, so that a link to a folder beside it never takes its files away.
    for entry in sorted(entries, key=lambda e: (e.is_symlink(), e.name)):
        # What an entry is, its folder says; where a link leads, only the file system, and that may be nowhere.
        path = Path(entry.path)
        at = path if entry.is_symlink() else entry
        try:
            is_folder, is_file = at.is_dir(), at.is_file()
        except OSError:  # it leads into a closed folder: reading it tells so
            is_folder, is_file = False, True
        if is_folder:
            found.extend(_walk(path, seen))
        elif is_file:
            found.append(path)
    return found


def _id_forms(path: Path, root: Path | None) -> list[str]:
    whole = path.absolute()
    near = whole.relative_to(root.absolute()) if root and whole.is_relative_to(root.absolute()) else whole
    forms = (path.stem, near.with_suffix("").as_posix(), near.as_posix(), whole.as_posix())
    return [unicodedata.normalize("NFC", form) for form in forms]


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
