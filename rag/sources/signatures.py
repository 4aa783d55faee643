"""A file's first bytes -> its type, if it is not text."""

from __future__ import annotations

import re

import chardet

_HEAD = 4096
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NAMED = {
    "application/pdf": "a PDF document",
    "application/gzip": "a gzip archive",
    "application/x-7z-compressed": "a 7-Zip archive",
    "application/vnd.rar": "a RAR archive",
    "application/x-sqlite3": "an SQLite database",
    "application/x-elf": "a program",
    "application/vnd.microsoft.portable-executable": "a program",
    "image/png": "a PNG picture",
    "image/jpeg": "a JPEG picture",
    "image/gif": "a GIF picture",
}


def kind_of_file(data: bytes) -> str:
    """The file type shown by the first bytes ("a PDF document"); empty if it may be text."""
    head = data[:_HEAD]
    if head.startswith(_OLD_OFFICE):
        return "an old office document"
    if head.startswith(b"{\\rtf"):
        return "an RTF document"
    # "BM", "MZ" and the like begin texts too; no file of these kinds is without control characters.
    if not head.startswith(b"%PDF-") and not _CONTROL_BYTES.search(head):
        return ""
    media = chardet.detect(head)["mime_type"] or ""
    if media.startswith("text/") or media in ("", "application/octet-stream"):
        return ""
    if media in _NAMED:
        return _NAMED[media]
    packed = any(part in media for part in ("zip", "officedocument", "opendocument", "java-archive", "android.package"))
    return "a ZIP archive or an office document" if packed else f"a file of the type {media}"
