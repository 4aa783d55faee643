"""An HTTP transport that refuses connections to this machine and its local network, whatever a name resolves to.

It connects to the very address it checked, so a name cannot resolve to another one in between. Every redirect goes
through it. If the environment names a proxy, the proxy resolves the names and has to do the checking itself.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from urllib.request import getproxies, proxy_bypass

import httpx

Resolve = Callable[[str, int], list[str]]

# An IPv4 address in the last four bytes: NAT64 (RFC 6052), and what was meant to be compatible (RFC 4291, 2.5.5.1).
_NESTING = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))


class LocalAddressError(httpx.TransportError):
    """The host is on this machine or its local network; the message names it."""


def resolve(host: str, port: int) -> list[str]:
    """The host's IP addresses. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedTransport(httpx.BaseTransport):
    """Resolves each host, refuses local addresses with `LocalAddressError`, and connects to the address it checked."""

    def __init__(self, inner: httpx.BaseTransport | None = None, *, lookup: Resolve = resolve) -> None:
        self._inner = inner or httpx.HTTPTransport()
        self._lookup = lookup
        self._proxies: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response. Raises `LocalAddressError`, and `httpx.ConnectError` for a name that does not resolve."""
        host = request.url.raw_host.decode("ascii")
        if is_local_name(host):
            raise LocalAddressError(f"{host} is on this machine or its local network", request=request)
        if (proxy := _proxy(request.url)) is not None:
            held = self._proxies.setdefault(proxy, httpx.HTTPTransport(proxy=proxy))
            return held.handle_request(request)
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            addresses = self._lookup(host, port)
        except OSError as error:
            raise httpx.ConnectError(
                f"the host name {host} cannot be resolved ({error.strerror})", request=request
            ) from None
        # All of them: a name with one public and one local address is made to be tried until the local one is taken.
        for address in addresses:
            if is_local_address(address):
                raise LocalAddressError(f"{host} is on this machine or its local network ({address})", request=request)
        last: httpx.TransportError = httpx.ConnectError(f"the host name {host} has no address", request=request)
        for address in addresses:
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # `Host` among them
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return self._inner.handle_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
                last = failed
        raise last

    def close(self) -> None:
        """Close all connections."""
        for transport in (self._inner, *self._proxies.values()):
            transport.close()


def is_local_name(host: str) -> bool:
    """Whether the host is `localhost`, or a numeric address that is local."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        # Also 127.1, 0x7f000001 and 2130706433, which systems read as 127.0.0.1.
        return is_local_address(socket.inet_ntoa(socket.inet_aton(name)))
    except OSError:
        return is_local_address(name)


def is_local_address(address: str) -> bool:
    """Whether an IP address is not public: loopback, private, link-local, reserved, multicast."""
    try:
        ip = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        nested = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if nested is None and any(ip in network for network in _NESTING):
            nested = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if nested is not None:
            return is_local_address(str(nested))
    return not ip.is_global or ip.is_multicast


def _proxy(url: httpx.URL) -> str | None:
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    if not found or proxy_bypass(url.host):
        return None
    return found if "://" in found else f"http://{found}"
