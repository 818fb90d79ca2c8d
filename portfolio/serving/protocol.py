"""What a connection may do before and after a request: uvicorn has no limit on headers, on the time they take,
on half-open connections, or on a browser that stops reading. Here they are, around its own protocol.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from portfolio.settings import Settings

logger = logging.getLogger("portfolio.connections")
HEADERS = 100
"""Headers of one request; browsers send about 20."""
PIPELINED = 8
"""Requests sent ahead on one connection. No browser does that any more."""
DRAINED = 64_000_000
"""Bytes read and thrown away after an early answer, so that the browser gets to read it …"""
DRAIN_SECONDS = 30
"""… for at most so long."""
PIECES = 4_000
"""Pieces of one body, such as chunks, of whatever size …"""
LEAST_PIECE = 64
"""… beyond which they must be so many bytes long on average: the smallest costs as much work as a large one."""


@dataclass
class Door:
    """The limits of one process's connections, and those that have not sent a whole request yet: the oldest first."""

    header_limit: int
    header_seconds: float
    least_rate: float
    window: float
    most: int
    waiting: dict[GuardedProtocol, None] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Door:
        return cls(
            header_limit=settings.header_limit_kb * 1000,
            header_seconds=settings.header_seconds,
            least_rate=settings.body_least_kb * 1000,
            window=settings.body_window_seconds,
            most=settings.connections_at_once,
        )


class GuardedConfig(Config):
    """uvicorn's configuration, with the door that every connection passes."""

    def __init__(self, app: Any, settings: Settings, **more: Any) -> None:
        super().__init__(app, http=GuardedProtocol, ws="none", **more)
        self.door = Door.of(settings)


class GuardedProtocol(HttpToolsProtocol):
    """One connection. Its head (address and headers) has a size, a number and a time; its answer must be read."""

    def __init__(
        self,
        config: GuardedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.door = config.door
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._head_begun = False
        self._head_size = self._head_lines = 0
        self._too_large = False
        self._body_open = self._body_grew = False
        self._body_size = self._pieces = self._framing = self._drained = 0

    # A new connection, and its end

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > self.door.most:
            longest = next(iter(self.door.waiting))
            if longest is self:
                self._answer(503, "Too many connections. Try again in a minute.")
            else:
                longest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        for name in tuple(self._timers):
            self._stop(name)
        self.door.waiting.pop(self, None)
        super().connection_lost(exc)

    # The head

    def _await_head(self) -> None:
        self.door.waiting[self] = None
        self._head_size = self._head_lines = 0
        self._start("head", self.door.header_seconds, self._head_too_slow)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._head_begun:
            self._head_size += len(data)
            if self._head_size > self.door.header_limit:
                self._answer(431, "The address or the headers are too long.")
        elif self._body_open:
            self._watch_framing(len(data))
        elif self._is_idle() and "head" not in self._timers:  # line ends before a request, to stay connected
            self._await_head()

    def _is_idle(self) -> bool:
        return not self._body_open and (self.cycle is None or self.cycle.response_complete)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_begun = True
        if "head" not in self._timers:
            self._await_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_lines += 1
        if self._head_lines > HEADERS or len(name) + len(value) > self.door.header_limit:
            self._too_large = True
            raise ValueError("too many or too long headers")  # the parser stops, and calls send_400_response
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_begun = False
        self._stop("head")
        self.door.waiting.pop(self, None)
        if len(self.pipeline) >= PIPELINED:
            raise ValueError("too many requests sent ahead")
        super().on_headers_complete()
        self._body_open = self._body_grew = True
        self._body_size = self._pieces = self._framing = self._drained = 0

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing is upgraded here: the request is answered as it is, and is not worth a line in the log."""

    def send_400_response(self, msg: str) -> None:
        if self._body_open and self.cycle.response_started:
            self.transport.abort()  # it had its answer, or a part of it
        elif self._too_large:
            self._answer(431, "There are too many or too long headers.")
        else:
            super().send_400_response(msg)

    def _head_too_slow(self) -> None:
        if not self._head_begun:
            self.transport.abort()  # it never said a word: browsers open connections ahead
            return
        logger.info("connections.slow_head", extra={"size": self._head_size})
        self._answer(408, "The request did not arrive in time.")

    # The body, and what comes after an answer that did not wait for it

    def _watch_framing(self, size: int) -> None:
        """What surrounds a chunked body (sizes, extensions, and the trailer, which the parser gathers in memory) may
        be as long as a head, each time, before more of the body or its end must come."""
        self._framing = 0 if self._body_grew else self._framing + size
        self._body_grew = False
        if self._framing > self.door.header_limit:
            logger.info("connections.endless_framing")
            self.transport.abort()

    def on_body(self, body: bytes) -> None:
        self._body_grew = True
        self._pieces += 1
        self._body_size += len(body)
        if self._pieces > PIECES + self._body_size // LEAST_PIECE:
            raise ValueError("pieces too small")  # the parser stops, and calls send_400_response
        if self.cycle.response_complete:
            self._drained += len(body)
            if self._drained > DRAINED:
                self.transport.abort()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._body_open = False
        self._stop("drain")
        super().on_message_complete()
        if self._is_idle():
            self.door.waiting[self] = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._body_open:
            self._start("drain", DRAIN_SECONDS, self.transport.abort)
        elif self._is_idle():
            self.door.waiting[self] = None

    # The answer

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._stop("reader")
        super().resume_writing()

    def _watch_reader(self, left: int) -> None:
        def look() -> None:
            now = self.transport.get_write_buffer_size()
            if left - now < self.door.least_rate * self.door.window:
                logger.info("connections.slow_reader")
                self.transport.abort()
            else:
                self._watch_reader(now)

        self._start("reader", self.door.window, look)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._start("close", self.door.window, self.transport.abort)  # if nobody reads the last of the answer

    def _answer(self, status: int, sentence: str) -> None:
        """An answer without the application, and the end of the connection."""
        text = sentence.encode()
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(text)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + text)
        self.transport.close()
        self._start("close", self.door.window, self.transport.abort)

    def _start(self, name: str, seconds: float, act: Any) -> None:
        self._stop(name)
        self._timers[name] = self.loop.call_later(seconds, self._run, name, act)

    def _run(self, name: str, act: Any) -> None:
        self._timers.pop(name, None)
        act()

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()


REASONS = {
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
