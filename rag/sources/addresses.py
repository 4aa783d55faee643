"""http(s) addresses -> `Draft`: obeys robots.txt, limits the request rate per host, the size and the time.

Independent of files and of what a text says.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self

import httpx
from protego import Protego

from rag.errors import ArticleError
from rag.sources.encodings import as_utf8
from rag.sources.files import MEGABYTE, Draft, make_draft, too_large
from rag.sources.formats import format_of_media_type
from rag.sources.guarded import GuardedTransport, LocalAddressError

# Of one step on the network, and of a whole fetch.
STEP_SECONDS = 30.0
FETCH_SECONDS = 120.0
# Between two pages of one host: Scrapy's default. What a robots.txt asks for counts up to half a minute.
HOST_SECONDS = 1.0
MAX_DELAY = 30.0
# RFC 9309: at least five hops to a robots.txt; at least 500 KiB of it are read.
MAX_HOPS = 10
_ROBOTS_BYTES = 512_000
# Bytes taken from the network, and unpacked, at a time.
_PART = 65_536
_NAME = "askreports"


@dataclass
class _Host:
    robots: Protego
    next_at: float = 0.0


@dataclass
class Fetcher:
    """Reads addresses one at a time. Remembers each host's robots.txt and the time of its last request.

    `client` replaces the real network; then addresses on the local network are not checked for. `local` allows them.
    """

    client: httpx.Client | None = None
    local: bool = False
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _own: httpx.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that the fetcher opened."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def read(self, url: str, *, max_bytes: int) -> Draft:
        """The text at the address; raises `ArticleError` for anything but a text of at most `max_bytes`."""
        try:
            return self._read(url, max_bytes, self.clock() + FETCH_SECONDS)
        except LocalAddressError as error:
            raise ArticleError(
                url, f"is not fetched: {error}; to allow such addresses set ASKREPORTS_LOCAL_ADDRESSES=true"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ArticleError(url, f"cannot be fetched: {str(error) or type(error).__name__}") from None

    def _read(self, url: str, max_bytes: int, until: float) -> Draft:
        here = httpx.URL(url)
        for _ in range(MAX_HOPS):
            if here.scheme not in ("http", "https") or not here.host:
                raise ArticleError(url, f"cannot be fetched: {here} is not an http(s) address")
            self._wait_for(self._admitted(here, url, until))
            response = self._send(here)
            try:
                if response.has_redirect_location:
                    here = here.join(response.headers["location"])
                    continue
                if response.is_error:
                    raise ArticleError(url, f"the server answered {response.status_code} {response.reason_phrase}")
                return self._draft(response, url, max_bytes, until)
            finally:
                response.close()
        raise ArticleError(url, f"cannot be fetched: more than {MAX_HOPS} redirects")

    def _draft(self, response: httpx.Response, url: str, max_bytes: int, until: float) -> Draft:
        named = response.headers.get("content-type", "")
        reader = format_of_media_type(named)
        if reader is None:
            media = named.partition(";")[0].strip().lower()
            raise ArticleError(
                url, f"holds {media}, which is not supported yet; save its text as a .txt file and add that file"
            )
        data = self._body(response, url, max_bytes, until)
        return make_draft(reader.read(as_utf8(data, response.charset_encoding or ""), url), url)

    def _body(self, response: httpx.Response, url: str, max_bytes: int, until: float) -> bytes:
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > max_bytes:
            raise too_large(url, int(declared), max_bytes)
        data = bytearray()
        for part in _unpacked(response, url):
            data += part
            if len(data) > max_bytes:
                raise too_large(url, len(data), max_bytes)
            if self.clock() > until:
                raise ArticleError(
                    url,
                    f"was still loading after {FETCH_SECONDS:g} s ({len(data) / MEGABYTE:.1f} MB); save it as a file",
                )
        return bytes(data)

    def _admitted(self, here: httpx.URL, url: str, until: float) -> _Host:
        """The address's host, if its robots.txt lets us in."""
        key = f"{here.scheme}://{here.netloc.decode('ascii')}"
        if key not in self._hosts:
            self._hosts[key] = _Host(Protego.parse(self._robots(here.join("/robots.txt"), url, until)))
        host = self._hosts[key]
        if not host.robots.can_fetch(str(here), _NAME):
            raise ArticleError(
                url,
                f"is not fetched: {key}/robots.txt disallows automatic access; save the page as a file and add it",
            )
        return host

    def _robots(self, address: httpx.URL, url: str, until: float) -> str:
        """What a host asks of programs: nothing where it has no such file (RFC 9309), all where it cannot tell."""
        for _ in range(MAX_HOPS):
            response = self._send(address)
            try:
                if response.has_redirect_location:
                    address = address.join(response.headers["location"])
                    continue
                if response.is_server_error:
                    raise ArticleError(
                        url, f"is not fetched: {address} answered {response.status_code}; try again later"
                    )
                if response.is_error:
                    return ""
                data = bytearray()
                for part in _unpacked(response, url):
                    data += part
                    if len(data) >= _ROBOTS_BYTES or self.clock() > until:
                        break
                return bytes(data[:_ROBOTS_BYTES]).decode("utf-8", "replace")
            finally:
                response.close()
        return ""

    def _wait_for(self, host: _Host) -> None:
        now = self.clock()
        if now < host.next_at:
            self.sleep(host.next_at - now)
        asked = host.robots.crawl_delay(_NAME) or 0.0
        host.next_at = max(now, host.next_at) + min(max(HOST_SECONDS, asked), MAX_DELAY)

    def _send(self, address: httpx.URL) -> httpx.Response:
        client = self.client or self._opened()
        # One way of packing only: packed twice, a hundred kilobytes can hold as many gigabytes.
        headers = {"user-agent": user_agent(), "accept-encoding": "gzip"}
        request = client.build_request("GET", address, headers=headers)
        return client.send(request, stream=True, follow_redirects=False)

    def _opened(self) -> httpx.Client:
        if self._own is None:
            transport = None if self.local else GuardedTransport()
            self._own = httpx.Client(timeout=STEP_SECONDS, transport=transport)
        return self._own


def _unpacked(response: httpx.Response, url: str) -> Iterator[bytes]:
    """The body in parts of at most `_PART` bytes, however much a packed one holds.

    Raises `ArticleError` for another packing than gzip, and for a body that is not packed as it says.
    """
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        yield from response.iter_bytes(_PART)
        return
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise ArticleError(
            url, f"is packed as {packing[:40]}, which was not asked for; save the page and add that file"
        )
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # with the header of gzip or of zlib
    try:
        for packed in response.iter_raw(_PART):
            yield unpacker.decompress(packed, _PART)
            while unpacker.unconsumed_tail:
                yield unpacker.decompress(unpacker.unconsumed_tail, _PART)
    except zlib.error:
        raise ArticleError(
            url, f"is not packed as {packing}, as its server says; save the page and add that file"
        ) from None


def user_agent() -> str:
    """The User-Agent header; robots.txt files refer to its first word."""
    try:
        return f"{_NAME}/{version(_NAME)}"
    except PackageNotFoundError:
        return _NAME
