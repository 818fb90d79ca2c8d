"""Limits that stand before anything is read: whose address was asked for, how long it is, how much may come
and how fast. Plain ASGI; the limits of connections and headers are in portfolio.serving.protocol.

A slow sender is told by what it manages while we wait for it: our own pauses never count against a phone.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portfolio.settings import Settings
from portfolio.web.errors import error_page

logger = logging.getLogger("portfolio.limits")

ADDRESS_LIMIT = 8_000
"""Path and query of an address: browsers and proxies stop at about the same length."""
RESTARTING = "It is being restarted, and this was not finished in time. Look whether it is there before you send it again."
HEALTH = ("/healthz", "/readyz")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._-]{1,253})(:[0-9]{1,5})?")
_CONTROLS = re.compile("[\x00-\x1f\x7f]")


class Limits:
    """Refuses what is not for us or too much to read, and hands on a body that watches its sender."""

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self.app = app
        self.own_host = (urlsplit(public_url).hostname or "").lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        settings: Settings = scope["app"].state.settings
        refusal = self._refusal(scope, settings)
        if refusal is not None:
            status, reason = refusal
            logger.info("limits.refused", extra={"status": status})
            scope = _harmless(scope, self.own_host)  # the page must not trip over what was refused
            await error_page(Request(scope), status, reason)(scope, receive, send)
            return
        await self._watched(scope, Body(receive, settings).receive, send)

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A process that is stopped ends what takes too long: that is said, and is no fault of ours."""
        begun = False

        async def note_begin(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, note_begin)
        except ClientDisconnect:  # in the middle of a body: nothing was kept, and nobody is there to answer
            logger.info("limits.sender_gone")
        except asyncio.CancelledError:
            logger.warning("limits.cut_off")
            if not begun:
                await error_page(Request(scope), 503, RESTARTING)(scope, receive, send)

    def _refusal(self, scope: Scope, settings: Settings) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not self._is_for_us(headers.getlist("host"), scope["path"]):
            return 400, f"This portfolio is at {settings.public_url}. Open it there."
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > ADDRESS_LIMIT:
            return 414, ""
        if _CONTROLS.search(scope["path"]):
            return 404, ""
        announced = headers.get("content-length", "0")
        if not (announced.isascii() and announced.isdigit()) or len(announced) > 18:
            return 400, ""
        if int(announced) > settings.body_limit_bytes:
            return 413, f"A form with all its files can be {settings.body_limit_bytes // 1_000_000} MB."
        return None

    def _is_for_us(self, hosts: list[str], path: str) -> bool:
        """Exactly one Host, and ours; the port does not matter. On this machine, any name of it; for probes of
        health, which come by number, any number."""
        found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if found is None:
            return False
        name = found[1].strip("[]").lower()
        if name == self.own_host or (is_loopback(name) and is_loopback(self.own_host)):
            return True
        return path in HEALTH and (is_loopback(name) or _is_number(name))


def is_loopback(name: str) -> bool:
    """Whether a host name or number means this machine."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _harmless(scope: Scope, host: str) -> Scope:
    """The same request with our own host and an address that any page can be shown at."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {
        **scope,
        "headers": [*headers, (b"host", host.encode("ascii", "ignore") or b"localhost")],
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
    }


class Body:
    """What a sender sends, with an eye on how much and how fast. Raises 413 and 408 where the body is read."""

    def __init__(self, receive: Receive, settings: Settings) -> None:
        self._receive = receive
        self.most = settings.body_limit_bytes
        self.least_rate = settings.body_least_kb * 1000
        self.window = settings.body_window_seconds
        self.longest = settings.body_longest_minutes * 60
        self.size = 0
        self.waited = 0.0
        self.window_waited = 0.0
        self.window_size = 0
        self.complete = False

    async def receive(self) -> Message:
        if self.complete:  # only the news that the browser went away can follow: no hurry
            return await self._receive()
        clock = asyncio.get_running_loop().time
        message: Message | None = None
        while message is None:
            began = clock()
            try:
                async with asyncio.timeout(max(self.window - self.window_waited, 0.01)):
                    message = await self._receive()
            except TimeoutError:
                pass  # nothing came for a whole window: `_note` decides
            self._note(clock() - began, message)
        return message

    def _note(self, waited: float, message: Message | None) -> None:
        size = len(message.get("body", b"")) if message is not None else 0
        self.complete = message is not None and not message.get("more_body", False)
        self.size += size
        self.waited += waited
        self.window_size += size
        self.window_waited += waited
        if self.size > self.most:
            raise HTTPException(413, f"A form with all its files can be {self.most // 1_000_000} MB.")
        if self.complete:
            return
        if self.waited > self.longest:
            self._too_slow()
        if self.window_waited >= self.window:
            if self.window_size < self.least_rate * self.window_waited:
                self._too_slow()
            self.window_waited, self.window_size = 0.0, 0

    def _too_slow(self) -> None:
        logger.warning("limits.slow_body", extra={"size": self.size, "seconds": round(self.waited)})
        raise HTTPException(408, headers={"Connection": "close"})
