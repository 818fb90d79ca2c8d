"""Forms with files: parts are streamed to a staging folder while they arrive, hashed and counted, and never
held in memory. A file over the limit is refused while it is still coming in; the text fields are kept.

Access is checked in a transaction of its own before the body is read, and again by the route's guard after:
an upload can take minutes, and no transaction may stay open for that.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import Request
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from portfolio.web.forms import int_or_zero
from portfolio.web.parts import Collector
from portfolio.web.staged import NO_LIMIT, Received, Room

FLUSH = 1_048_576


async def read_multipart(
    request: Request, *, into: Path | None, limit: int, most: int, total: int, room: Room = NO_LIMIT
) -> Received:
    """Read a multipart body as it arrives. `into` None throws files away; `total` ends an endless sender; files
    beyond the `room` are set aside with its sentence, and the text is kept."""
    boundary = parse_options_header(request.headers.get("content-type", ""))[1].get(b"boundary")
    if not boundary or len(boundary) > 200:
        raise HTTPException(400)
    collector = Collector(into, limit, most, *_text_and_room(request, room))
    parser = MultipartParser(boundary, collector.callbacks())  # type: ignore[arg-type]
    count = 0
    writer = _Writer(collector)
    try:
        async for chunk in request.stream():
            count += len(chunk)
            if count > total:
                raise HTTPException(413, f"All files of one form together can be {total // 1_000_000} MB.")
            parser.write(chunk)
            if collector.batch_size >= FLUSH:
                await writer.write()
        parser.finalize()
        collector.check_complete()
        await writer.write()
        await writer.end()
        request.app.state.measures.received(sum(file.size for file in collector.received.files))
    except ValueError:  # python_multipart's own errors are ValueErrors: a body that is not what it says
        await writer.abandon()
        raise HTTPException(400) from None
    except (
        BaseException
    ):  # refused, or the sender disconnected: leave nothing behind, then let it go on its way
        await writer.abandon()
        raise
    return collector.received


class _Writer:
    """One batch is written in a thread while the next comes in: neither the line nor the disk waits for the other."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.writing: asyncio.Future[None] | None = None

    async def write(self) -> None:
        await self.end()
        batch = self.collector.take()
        self.writing = asyncio.ensure_future(run_in_threadpool(self.collector.write, batch))

    async def end(self) -> None:
        if self.writing is not None:
            await self.writing

    async def abandon(self) -> None:
        """Also when this request was cancelled: no thread may write to what is being removed."""
        if self.writing is not None:
            await asyncio.wait({self.writing})
        self.collector.abandon()


def _text_and_room(request: Request, room: Room) -> tuple[int, Room]:
    """How much text a form may hold. Files that do not fit by what the sender announces: none of them is written."""
    text_limit: int = request.app.state.settings.form_limit_bytes
    fits = room.left is None or announced_size(request) <= room.left + text_limit
    return text_limit, room if fits else Room(0, room.why)


def is_multipart(request: Request) -> bool:
    """Whether the body is a form with files, by what it says of itself."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def announced_size(request: Request) -> int:
    """What the sender says the body holds, in bytes; 0 if it does not say."""
    return int_or_zero(request.headers.get("content-length", ""))
