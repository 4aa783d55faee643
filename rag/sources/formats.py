"""File formats: bytes -> `Content`. A format is one `Format` in `FORMATS`; everything after it sees text only.

Knows nothing of folders and addresses.
"""

from __future__ import annotations

import re
from typing import Protocol

from rag.errors import ArticleError
from rag.sources.content import Content
from rag.sources.encodings import Decoded, decode
from rag.sources.mails import read_mail
from rag.sources.web_pages import is_page, read_page

_BLANK_PAGE = "is a page without visible text; if scripts write it, save it from a browser or add its text as a file"


class Format(Protocol):
    """One file format."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Lower case, with their dot; "" for names without one."""
        ...

    @property
    def media_types(self) -> tuple[str, ...]:
        """What servers call the format."""
        ...

    def read(self, data: bytes, location: str) -> Content:
        """The text in the bytes; raises `ArticleError` naming `location` where there is none."""
        ...


class PlainText:
    """Text, kept as it is. A web page under another name is read as the page it is."""

    suffixes = (".txt", ".text", ".md", ".markdown", ".csv", ".tsv", ".srt", ".vtt", "")
    media_types = (
        "text/plain", "text/markdown", "text/csv", "text/tab-separated-values", "text/vtt", "application/x-subrip",
        "application/octet-stream", "",
    )  # fmt: skip

    def read(self, data: bytes, location: str) -> Content:
        """The text, without byte order mark; raises `ArticleError` for binary data and untold encodings."""
        decoded = decode(data, location)
        return _page(decoded, location) if is_page(decoded.text) else Content(decoded.text, warnings=decoded.warnings)


class WebPage:
    """HTML and XHTML: the report in it, without menus, scripts and whatever else a browser shows or hides beside it."""

    suffixes = (".html", ".htm", ".xhtml")
    media_types = ("text/html", "application/xhtml+xml")

    def read(self, data: bytes, location: str) -> Content:
        """The page's report; its text as it is where it holds no markup. Raises `ArticleError` for a blank page."""
        decoded = decode(data, location)
        if not _TAG.search(decoded.text):
            return Content(decoded.text, warnings=decoded.warnings)
        return _page(decoded, location)


class Mail:
    """A saved e-mail."""

    suffixes = (".eml",)
    media_types = ("message/rfc822",)

    def read(self, data: bytes, location: str) -> Content:
        """The mail's text; raises `ArticleError` where it carries none. Without a mail's headers it is plain text."""
        return read_mail(data, location) or PlainText().read(data, location)


FORMATS: tuple[Format, ...] = (PlainText(), WebPage(), Mail())

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")


def format_of_suffix(suffix: str) -> Format | None:
    """The format of files with this suffix, in any case; "" is the suffix of a name without one."""
    return next((format for format in FORMATS if suffix.lower() in format.suffixes), None)


def format_of_media_type(media_type: str) -> Format | None:
    """The format that a server's `Content-Type` names; parameters are ignored."""
    name = media_type.partition(";")[0].strip().lower()
    return next((format for format in FORMATS if name in format.media_types), None)


def known_suffixes() -> list[str]:
    """All suffixes, in the formats' order."""
    return [suffix for format in FORMATS for suffix in format.suffixes if suffix]


def _page(decoded: Decoded, location: str) -> Content:
    content = read_page(decoded.text, address=location)
    if decoded.text.strip() and not content.text.strip():
        raise ArticleError(location, _BLANK_PAGE)
    return Content(content.text, content.metadata, (*decoded.warnings, *content.warnings))
