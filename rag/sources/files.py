"""Files and addresses -> text: formats, encodings, folders, and the ids that files give their reports.

A format is one `Format` in `FORMATS`; everything after it sees text only. Text is kept as it was read (NFC, line ends
untouched), so that offsets stay. Knows nothing of what a text says.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import httpx
from charset_normalizer import from_bytes

from rag.errors import ArticleError
from rag.language import detect

MEGABYTE = 1_000_000

_SAMPLE_BYTES = 200_000
_MAX_CHAOS = 0.2
_MAX_CONTROL = 0.005
_MOSTLY_ASCII = 0.75


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says about its report outside the report's text; empty where it says nothing."""

    title: str = ""
    published: date | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a format reads in a file. `warnings` are sentences about what was damaged or guessed, and where."""

    text: str
    metadata: Metadata = Metadata()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A location's text in NFC, before anything was made of it. `sha256` is over the text in UTF-8."""

    text: str
    sha256: str
    location: str
    metadata: Metadata = Metadata()
    warnings: tuple[str, ...] = ()


class Format(Protocol):
    """One file format."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Lower case, with their dot."""
        ...

    @property
    def media_types(self) -> tuple[str, ...]:
        """What servers call the format."""
        ...

    def read(self, data: bytes, location: str) -> Content:
        """The text in the bytes; raises `ArticleError` naming `location` where there is none."""
        ...


class PlainText:
    """Plain text in UTF-8, in UTF-16 or UTF-32 with its mark, or in an encoding that can be told from the text."""

    suffixes = (".txt", ".text")
    media_types = ("text/plain",)

    def read(self, data: bytes, location: str) -> Content:
        """The text, without byte order mark; raises `ArticleError` for binary data and untold encodings."""
        text = _decode(data, location)
        text = text.replace("\0", "")
        controls = sum(text.count(chr(code)) for code in range(1, 32) if code not in (9, 10, 11, 12, 13))
        if controls > _MAX_CONTROL * len(text):
            raise ArticleError(location, "is binary data, not text; hand in the report as a text file")
        return Content(text)


FORMATS: tuple[Format, ...] = (PlainText(),)


def readable(path: Path) -> bool:
    """Whether a format takes files with this suffix."""
    return _format_for(path.suffix.lower()) is not None


def list_files(folder: Path) -> list[Path]:
    """All files under the folder, sorted by path, without hidden files and folders.

    Linked folders are followed once each. A folder that may not be opened is listed itself, so that reading it
    tells why, instead of its files going missing in silence.
    """
    return sorted(_walk(folder, set()))


def read_file(path: Path, *, max_bytes: int) -> Draft:
    """The file's text. `max_bytes` is the largest size taken; raises `ArticleError`, whose text says what to do."""
    location = str(path)
    reader = _format_for(path.suffix.lower())
    try:
        if path.is_dir():
            os.scandir(path).close()
            raise ArticleError(location, "is a folder, not a file")
        if reader is None:
            raise ArticleError(location, f"has no known format; known: {', '.join(_suffixes())}")
        if path.exists() and not path.is_file():
            raise ArticleError(location, "is not a regular file")
        size = path.stat().st_size
        if size > max_bytes:
            raise _too_large(location, size, max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise ArticleError(location, f"cannot be opened: {(error.strerror or str(error)).lower()}") from None
    if len(data) > max_bytes:
        raise _too_large(location, len(data), max_bytes)
    return _draft(reader.read(data, location), location)


def read_url(url: str, client: httpx.Client, *, max_bytes: int) -> Draft:
    """The text at an http(s) address; raises `ArticleError` for anything but a text of at most `max_bytes`."""
    try:
        with client.stream("GET", url, follow_redirects=True) as response:
            if response.is_error:
                raise ArticleError(url, f"the server answered {response.status_code} {response.reason_phrase}")
            media = response.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
            reader = next((reader for reader in FORMATS if media in reader.media_types), None)
            if reader is None:
                raise ArticleError(
                    url, f"holds {media}, which is not supported yet; save its text as a .txt file and add that"
                )
            declared = response.headers.get("content-length", "")
            if declared.isdigit() and int(declared) > max_bytes:
                raise _too_large(url, int(declared), max_bytes)
            data = bytearray()
            for part in response.iter_bytes():
                data += part
                if len(data) > max_bytes:
                    raise _too_large(url, len(data), max_bytes)
            return _draft(reader.read(_as_declared(bytes(data), response.charset_encoding), url), url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ArticleError(url, f"cannot be fetched: {str(error) or type(error).__name__}") from None


def assign_ids(paths: Sequence[Path], root: Path | None = None) -> dict[Path, str]:
    """An id for each path, whatever their order: its stem; where two collide the path from `root`, without suffix.

    Where that collides too (`a.txt`, `a.text`) the suffix stays. Without a root the paths' common folder is it.
    """
    distinct = sorted(set(paths))
    if root is None and distinct:
        root = Path(os.path.commonpath([path.absolute().parent for path in distinct]))
    forms = {path: _id_forms(path, root) for path in distinct}
    level = dict.fromkeys(distinct, 0)
    while True:
        ids = {path: forms[path][level[path]] for path in distinct}
        counts = Counter(ids.values())
        raised = [path for path in distinct if counts[ids[path]] > 1 and level[path] + 1 < len(forms[path])]
        if not raised:
            return ids
        for path in raised:
            level[path] += 1


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "an SQLite database"),
)
# Letters outside ASCII of languages whose single-byte encodings are mistaken for each other.
_TYPOGRAPHY = frozenset("„”“‟‘’‚«»‹›–—…·•°€£§№ºª¿¡©®™²³½\u00a0\u00ad")
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254")
_LETTERS = {
    "tr": "çğıöşüâîû",
    "es": "áéíñóúü",
    "de": "äöüß",
    "pl": "ąćęłńóśźż",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "pt": "àáâãçéêíóôõúü",
    "it": "àèéìíòóùú",
    "cs": "áčďéěíňóřšťúůýž",
    "hu": "áéíóöőúüű",
    "ro": "ăâîșşțţ",
}


def _decode(data: bytes, location: str) -> str:
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise ArticleError(location, f"is {kind}, not text; hand in the report as a text file")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None and b"\0" in data:
        kind = "a program" if data.startswith(b"MZ") else "binary data"
        raise ArticleError(location, f"is {kind}, not text; hand in the report as a text file")
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding is not None:
            raise ArticleError(location, f"is damaged: it says {encoding} and is not; save it as UTF-8") from None
    guess = _guess_encoding(data)
    if guess is not None:
        try:
            return data.decode(guess)
        except UnicodeDecodeError:
            pass
    raise ArticleError(location, "is in an encoding that cannot be told; save it as UTF-8")


def _guess_encoding(data: bytes) -> str | None:
    """The encoding by charset-normalizer; of those it finds equal, the one whose letters are the language's own."""
    # From the first byte outside ASCII on: a long plain beginning tells nothing.
    at = next((match.start() for match in re.finditer(rb"[\x80-\xff]", data)), 0)
    start = data.rfind(b"\n", 0, at) + 1
    sample = data[start : start + _SAMPLE_BYTES]
    if len(data) > start + _SAMPLE_BYTES:
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b" ")) + 1] or sample
    found = list(from_bytes(sample))
    found = [match for match in found if match.chaos <= min(_MAX_CHAOS, found[0].chaos + 0.01)]
    if not found:
        return None
    names = [match.encoding for match in found]
    if sum(byte < 128 for byte in sample) > _MOSTLY_ASCII * len(sample):
        names += [name for name in _LATIN if name not in names]
    ranked = [(_foreign_share(sample.decode(name, "replace")), at) for at, name in enumerate(names)]
    return names[min(ranked)[1]]


def _foreign_share(text: str) -> float:
    """Share of the characters outside ASCII that the text's language does not use; half where it is not known."""
    used = _LETTERS.get(detect(text))
    marks = [char for char in text.lower() if not char.isascii() and char not in _TYPOGRAPHY]
    if used is None or not marks:
        return 0.5
    return sum(char not in used for char in marks) / len(marks)


def _as_declared(data: bytes, charset: str | None) -> bytes:
    """The bytes in UTF-8 where the server names their charset rightly, else as they are."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return data.decode(charset or "utf-8").encode("utf-8")
        except (LookupError, UnicodeDecodeError):
            return data
    return data


def _draft(content: Content, location: str) -> Draft:
    if not content.text.strip():
        raise ArticleError(location, "is empty")
    text = unicodedata.normalize("NFC", content.text)
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return Draft(text, sha256, location, content.metadata, content.warnings)


def _too_large(location: str, size: int, limit: int) -> ArticleError:
    return ArticleError(
        location,
        f"is {size / MEGABYTE:.1f} MB, more than the {limit / MEGABYTE:g} MB allowed; "
        "split it or raise ASKREPORTS_MAX_FILE_MB",
    )


def _format_for(suffix: str) -> Format | None:
    return next((reader for reader in FORMATS if suffix in reader.suffixes), None)


def _suffixes() -> list[str]:
    return [suffix for reader in FORMATS for suffix in reader.suffixes]


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterable[Path]:
    try:
        status = folder.stat()
        entries = sorted(folder.iterdir())
    except PermissionError:
        return [folder]
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    found: list[Path] = []
    # Real folders first, so that a link to a folder beside it never takes its files away.
    for entry in sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: (e.is_symlink(), e.name)):
        if entry.is_dir():
            found.extend(_walk(entry, seen))
        elif entry.is_file():
            found.append(entry)
    return found


def _id_forms(path: Path, root: Path | None) -> list[str]:
    whole = path.absolute()
    near = whole.relative_to(root.absolute()) if root and whole.is_relative_to(root.absolute()) else whole
    forms = (path.stem, near.with_suffix("").as_posix(), near.as_posix(), whole.as_posix())
    return [unicodedata.normalize("NFC", form) for form in forms]
