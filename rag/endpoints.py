"""Addresses that models and embedders are asked at: what settings may say, and how much of a reply is read.

Does not depend on what is asked. Messages hold no password of an address.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

import httpx

from rag.errors import ModelError, SettingsError

_USER = re.compile(r"//[^/@]*@")


def address(said: str, setting: str, example: str) -> httpx.URL:
    """The address of a setting. Raises SettingsError if it is none."""
    plain = _USER.sub("//", said)
    try:
        url = httpx.URL(said.strip())
    except httpx.InvalidURL as error:
        raise SettingsError(f"{setting}={plain!r} is not a valid address ({error})") from error
    if not url.host:
        raise SettingsError(f"{setting}={plain!r} names no host; write, for example, {example}")
    return url


def without_user(url: httpx.URL) -> httpx.URL:
    """The address without a name and a password, as it may be shown."""
    return url.copy_with(userinfo=b"")


def authorization(key: str, setting: str) -> dict[str, str]:
    """The header that carries a key; none without one. Raises SettingsError for what no key has."""
    if not key.isascii() or any(ord(letter) < 33 for letter in key):
        raise SettingsError(f"{setting} contains characters that no key has; copy it again, without line breaks")
    return {"Authorization": f"Bearer {key}"} if key else {}


def loopback(host: str) -> bool:
    """Whether it is this machine, whose ports no proxy can reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def chunks(response: httpx.Response, most: int, shown: str) -> Iterator[bytes]:
    """The body of an open response, piece by piece. Raises ModelError once it is longer than `most` bytes."""
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > most:
            raise ModelError(f"{shown} sends a reply of more than {most >> 20} MiB; check which server answers there")
        yield chunk
