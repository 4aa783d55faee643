"""Login: names and hashed passwords in a file, and throttling of failed attempts.

`ASKREPORTS_AUTH` names the file; `askreports password NAME` makes its lines, `name:hash` (argon2). Gradio's own login
page is used: `Door.admit` has the signature that `gr.mount_gradio_app(auth=...)` takes, and the middleware `Visitors`
gives it the client's address. Independent of what the login protects.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import re
import secrets
import threading
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import InputError, SettingsError

MIN_PASSWORD, MAX_PASSWORD, MAX_NAME = 8, 1000, 100  # characters
FORGET_SECONDS = 3600.0  # without an attempt for this long, the count restarts
KEPT = 10_000  # names and addresses whose attempts are counted
AT_ONCE, IN_LINE = 2, 64  # a check takes 64 MiB for a tenth of a second

_NAME = re.compile(r"[^\s:#\x00-\x1f\x7f-\x9f][^:\x00-\x1f\x7f-\x9f]*")
_address: ContextVar[str] = ContextVar("address", default="")


@dataclass(frozen=True, slots=True)
class Admission:
    """`name` is who was admitted, empty for nobody. `wait`: seconds until the next attempt is checked at all."""

    name: str = ""
    wait: int = 0


class Throttle:
    """Counts attempts by key; after `free` of them each doubles the wait, from one second up to `most` seconds."""

    def __init__(self, free: int, most: float, clock: Callable[[], float], kept: int = KEPT) -> None:
        self._free, self._most, self._clock, self._kept = free, most, clock, kept
        self._held: OrderedDict[str, tuple[int, float]] = OrderedDict()  # key -> attempts, time of the last

    def __len__(self) -> int:
        return len(self._held)

    def wait(self, key: str) -> float:
        """Seconds from now during which attempts are not checked."""
        count, last = self._count(key)
        if count < self._free:
            return 0.0
        return max(0.0, last + min(self._most, 2.0 ** min(count - self._free, 30)) - self._clock())

    def add(self, key: str, attempts: int = 1) -> None:
        """Count an attempt, or take one back; the least recently used keys are dropped if there are too many."""
        count, _ = self._count(key)
        self._held[key] = (max(0, count + attempts), self._clock())
        self._held.move_to_end(key)
        while len(self._held) > self._kept:
            self._held.popitem(last=False)

    def forget(self, key: str) -> None:
        """Reset the count of this key."""
        self._held.pop(key, None)

    def _count(self, key: str) -> tuple[int, float]:
        count, last = self._held.get(key, (0, 0.0))
        return (0, 0.0) if self._clock() - last > FORGET_SECONDS else (count, last)


class Door:
    """Checks names and passwords against the file, which is read again at each attempt.

    Raises SettingsError if the file cannot be used. `clock` is a monotonic clock in seconds.
    """

    def __init__(
        self, accounts: Path, *, clock: Callable[[], float] = time.monotonic, hasher: PasswordHasher | None = None
    ) -> None:
        self._path = accounts
        self._accounts = read_accounts(accounts)
        self._hasher = hasher or PasswordHasher()
        # An unknown name takes as long as a known one: it is checked against this.
        first = extract_parameters(next(iter(self._accounts.values())))
        self._nobody = PasswordHasher.from_parameters(first).hash("nobody")
        # Names are not secret, so strangers' attempts must not lock the owner out for long.
        self._names = Throttle(free=3, most=30.0, clock=clock)
        self._addresses = Throttle(free=10, most=900.0, clock=clock)
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="login")
        self._in_line = 0
        # name -> its line of the file when it was last admitted, and a keyed digest of the password; one per account
        self._admitted: dict[str, tuple[str, bytes]] = {}
        self._key = secrets.token_bytes(32)

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def check(self, name: str, password: str, address: str = "") -> Admission:
        """Check one attempt. It is counted before it is checked, so that concurrent ones cannot evade the limit."""
        name = unicodedata.normalize("NFC", name.strip())[: MAX_NAME + 1]
        home = _network(address)
        with self._lock:
            if wait := max(self._names.wait(name), self._addresses.wait(home) if home else 0.0):
                return Admission(wait=ceil(wait))
            self._names.add(name)
            if home:
                self._addresses.add(home)
        if not self._fits(name, password):
            with self._lock:
                return Admission(wait=ceil(max(self._names.wait(name), self._addresses.wait(home) if home else 0.0)))
        with self._lock:
            self._names.forget(name)
            if home:
                self._addresses.add(home, -1)
        return Admission(name)

    async def admit(self, name: str, password: str) -> bool:
        """`check` for Gradio's `auth=`, off the event loop; the address is the one `Visitors` saw."""
        return bool((await self.visit(name, password)).name)

    async def visit(self, name: str, password: str) -> Admission:
        """`check` off the event loop, for programs too: they send name and password with each request.

        A pair that was admitted is admitted again without the costly hash, until the account's line changes.
        """
        told = unicodedata.normalize("NFC", name.strip())
        seal = hmac.digest(self._key, password[: MAX_PASSWORD + 1].encode(errors="replace"), "sha256")
        if (known := self._read().get(told)) and self._admitted.get(told) == (known, seal):
            return Admission(told)
        if self._in_line >= IN_LINE:
            return Admission(wait=1)
        self._in_line += 1
        try:
            loop = asyncio.get_running_loop()
            verdict = await loop.run_in_executor(self._pool, self.check, name, password, _address.get())
        finally:
            self._in_line -= 1
        if verdict.name and known:
            self._admitted[told] = known, seal
        return verdict

    def _fits(self, name: str, password: str) -> bool:
        known = self._read().get(name)
        secret = unicodedata.normalize("NFC", password[:MAX_PASSWORD])
        try:
            return self._hasher.verify(known or self._nobody, secret) and known is not None
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False

    def _read(self) -> Mapping[str, str]:
        try:
            self._accounts = read_accounts(self._path)
        except SettingsError as error:
            logging.getLogger(__name__).error("%s; the accounts read before still hold", error)
        return self._accounts


class Visitors:
    """Middleware: keeps a request's client address while it is handled."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        client: Any = scope.get("client")
        token = _address.set(client[0] if client else "")
        try:
            await self.app(scope, receive, send)
        finally:
            _address.reset(token)


def make_line(name: str, password: str) -> str:
    """A user's line of the accounts file. Raises InputError for an invalid name or password."""
    name = unicodedata.normalize("NFC", name.strip())
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise InputError(
            f"{name!r} cannot be a name: use 1 to {MAX_NAME} characters, no colon, and no # at the beginning"
        )
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InputError(f"the password has {len(password)} characters; use {MIN_PASSWORD} to {MAX_PASSWORD}")
    return f"{name}:{PasswordHasher().hash(unicodedata.normalize('NFC', password))}"


def read_accounts(path: Path) -> dict[str, str]:
    """Name -> hash. Raises SettingsError, naming the line, for an invalid accounts file."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"ASKREPORTS_AUTH: {path} cannot be read ({error})") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, hashed = (part.strip() for part in line.partition(":"))
        name = unicodedata.normalize("NFC", name)
        where = f"ASKREPORTS_AUTH: {path}, line {number}"
        try:
            extract_parameters(hashed)
        except InvalidHashError:
            # The line is not shown: it may contain a password.
            raise SettingsError(f"{where}: no name:hash; make the line with: askreports password NAME") from None
        if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
            raise SettingsError(f"{where}: {name!r} cannot be a name; make the line with: askreports password NAME")
        if name in found:
            raise SettingsError(f"{where}: {name} is listed twice; remove one of the lines")
        found[name] = hashed
    if not found:
        raise SettingsError(f"ASKREPORTS_AUTH: {path} names nobody; make a line with: askreports password NAME")
    return found


def _network(address: str) -> str:
    """What one visitor holds: an IPv4 address, or the first half of an IPv6 one; empty for anything else."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)
