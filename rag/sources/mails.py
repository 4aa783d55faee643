"""E-mail -> `Content`: its text; subject, date and sender go into `Metadata`."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from rag.errors import ArticleError
from rag.sources.content import Content, Metadata
from rag.sources.encodings import decode
from rag.sources.web_pages import read_page


class _Headers(HeaderRegistry):
    """Python's header parser, whose many ways to fail on a malformed header leave that header empty."""

    def __call__(self, name: str, value: str) -> Any:
        try:
            return super().__call__(name, value)
        except Exception:  # AttributeError, IndexError, TypeError ... from inside of the library
            return super().__call__(name, "")


_POLICY = policy.EmailPolicy(header_factory=_Headers())


def read_mail(data: bytes, location: str) -> Content | None:
    """The e-mail's text part, else its HTML part; attachments are left out with a warning. None if it is not an e-mail.

    Raises `ArticleError` if it has neither.
    """
    mail = message_from_bytes(data, policy=_POLICY)
    assert isinstance(mail, EmailMessage)
    if not (mail.keys() and (mail["from"] or mail["subject"] or mail["date"])):
        return None
    try:
        bodies = [body for kind in ("plain", "html") if (body := mail.get_body((kind,))) is not None]
        parts = [(one.get_content_subtype(), one.get_payload(decode=True), one.get_content_charset()) for one in bodies]
        names = [part.get_filename() or part.get_content_type() for part in mail.iter_attachments()]
    except Exception:  # AttributeError, KeyError ... from inside of the library, for parts that are not what they say
        raise ArticleError(location, "is a damaged e-mail; save its text as a file and add that") from None
    read = (
        (kind, decode(held if isinstance(held, bytes) else b"", location, declared=charset or ""))
        for kind, held, charset in parts
    )
    # Some programs put a blank text part beside the report's HTML.
    kind, decoded = next((one for one in read if one[1].text.strip()), ("", None))
    if decoded is None:
        raise ArticleError(location, "is an e-mail without text; save its attachment and add that file")
    page = read_page(decoded.text) if kind == "html" else Content(decoded.text)
    left_out = (f"attachments left out: {', '.join(names)}",) if names else ()
    return Content(page.text, _metadata(mail), (*decoded.warnings, *page.warnings, *left_out))


def _metadata(mail: EmailMessage) -> Metadata:
    senders = getaddresses([str(mail["from"] or "")])
    try:
        day = parsedate_to_datetime(str(mail["date"])).date()
    except (TypeError, ValueError, OverflowError):
        day = None
    return Metadata(
        title=" ".join(str(mail["subject"] or "").split()),
        published=day,
        authors=tuple(name or address for name, address in senders if name or address),
        language=str(mail["content-language"] or "").partition(",")[0].strip(),
    )
