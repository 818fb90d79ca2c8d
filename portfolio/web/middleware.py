"""What stands around every request: a request id and a log line, headers that keep pages inert, and the
refusal of writes that another site forged. Plain ASGI, so that streams stay streams.

Forgery is told by what browsers send themselves: `Sec-Fetch-Site` must be same-origin (or none); browsers
leave it out on plain http to other machines, then `Origin` must be our own; with neither, a write that
carries a cookie is refused.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portfolio.web.errors import unexpected
from portfolio.web.limits import HEALTH
from portfolio.web.logs import request_id

logger = logging.getLogger("portfolio.requests")

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Portfolio": "1",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
CAPTURING = {"evidence.new", "evidence.create", "evidence.edit", "evidence.save", "evidence.offline"}
"""The routes that answer with the form of a piece, also the one for no signal: there, and nowhere else, camera and
microphone may be asked for."""
CAPTURE_HEADERS = HEADERS | {"Permissions-Policy": "geolocation=(), camera=(self), microphone=(self)"}
GONE = 499
"""Noted where nobody was there any more to be answered."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Surroundings:
    """Request id, log line, security headers, forged writes. The innermost route may set a header itself."""

    def __init__(self, app: ASGIApp, *, public_url: str, https: bool) -> None:
        self.app = app
        self.origin = _origin(public_url)
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = request_id.set(secrets.token_hex(6))
        started = time.perf_counter()
        status = 0  # until the answer begins

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _headers_of(scope).items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = request_id.get()
                if self.https:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        try:
            await self._answer(scope, receive, with_headers)
            status = status or GONE
        except Exception as error:  # here, so that this page too has its headers and names its reference
            if not status:
                await unexpected(Request(scope), error)(scope, receive, with_headers)
            raise
        finally:
            _note(scope, status or 500, time.perf_counter() - started)
            request_id.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if forged(scope["method"], headers, self.origin):
            await _refuse(send, fragment=headers.get("hx-request") == "true")
        else:
            await self.app(scope, receive, send)


def _headers_of(scope: Scope) -> dict[str, str]:
    route: str = getattr(scope.get("route"), "name", "")
    return CAPTURE_HEADERS if route in CAPTURING else HEADERS


def _note(scope: Scope, status: int, seconds: float) -> None:
    """One line and one count for each request; probes of health come every few seconds and are only counted."""
    route: str = getattr(scope.get("route"), "path", "-")  # the pattern, not the address that was asked for
    scope["app"].state.measures.request(route, scope["method"], status, seconds)
    if route in HEALTH:  # what changes about it has a line of its own (portfolio.serving.readiness)
        return
    logger.info(
        "request",
        extra={"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)},
    )


def forged(method: str, headers: Headers, own_origin: str) -> bool:
    """Whether a write comes from somewhere else than our own pages."""
    if method in SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is not None:
        return origin != own_origin
    return "cookie" in headers


def _origin(url: str) -> str:
    """Scheme, host and port as browsers write an Origin: lower case, the usual port left out."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


async def _refuse(send: Callable[[Any], Awaitable[None]], *, fragment: bool) -> None:
    """A page of its own, since the application is not asked; for htmx the message alone."""
    body = (
        b"<h1>This was not sent from our own page</h1>"
        b"<p>For your safety it was not carried out. Open the portfolio in this browser and do it from there.</p>"
    )
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    if fragment:
        body = b'<div id="message" role="alert" class="stop" tabindex="-1" data-focus>' + body + b"</div>"
        headers += [(b"hx-retarget", b"#message"), (b"hx-reswap", b"outerHTML")]
    else:
        body = b'<!doctype html><html lang="en-GB"><title>Not sent</title>' + body
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
