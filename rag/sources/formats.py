"""File formats: bytes -> `Content`. Each format is a `Format` in `FORMATS`; later stages see only text.

Independent of folders and addresses.
"""

from __future__ import annotations

import re
from typing import Protocol

from rag.errors import ArticleError
from rag.sources.content import Content
from rag.sources.encodings import Decoded, decode
from rag.sources.mails import read_mail
from rag.sources.web_pages import CROWDED, TOO_INTRICATE, is_page, read_page

_BLANK_PAGE = (
    "is a page without visible text; if scripts produce the text, "
    "save the page from a browser or add the text as a file"
)


class Format(Protocol):
    """One file format."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """In lower case, with the dot; "" for names without a suffix."""
        ...

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types that servers use for the format."""
        ...

    def read(self, data: bytes, location: str) -> Content:
        """The text in the bytes. Raises `ArticleError` naming `location` if there is none."""
        ...


class PlainText:
    """Plain text, unchanged. A web page under another file name is read as a web page."""

    suffixes = (".txt", ".text", ".md", ".markdown", ".csv", ".tsv", ".srt", ".vtt", "")
    media_types = (
        "text/plain", "text/markdown", "text/csv", "text/tab-separated-values", "text/vtt", "application/x-subrip",
        "application/octet-stream", "",
    )  # fmt: skip

    def read(self, data: bytes, location: str) -> Content:
        """The text without byte order mark. Raises `ArticleError` for binary data and unknown encodings."""
        decoded = decode(data, location)
        return _page(decoded, location) if is_page(decoded.text) else Content(decoded.text, warnings=decoded.warnings)


class WebPage:
    """HTML and XHTML: the report without menus, scripts and other parts of the page."""

    suffixes = (".html", ".htm", ".xhtml")
    media_types = ("text/html", "application/xhtml+xml")

    def read(self, data: bytes, location: str) -> Content:
        """The page's report; the unchanged text if it contains no markup. Raises `ArticleError` for a blank page."""
        decoded = decode(data, location)
        if not _TAG.search(decoded.text):
            return Content(decoded.text, warnings=decoded.warnings)
        return _page(decoded, location)


class Mail:
    """A saved e-mail."""

    suffixes = (".eml",)
    media_types = ("message/rfc822",)

    def read(self, data: bytes, location: str) -> Content:
        """The e-mail's text; without e-mail headers, plain text. Raises `ArticleError` if it has no text."""
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
        why = next((warning for warning in content.warnings if warning in (TOO_INTRICATE, CROWDED)), _BLANK_PAGE)
        raise ArticleError(location, why)
    return Content(content.text, content.metadata, (*decoded.warnings, *content.warnings))
