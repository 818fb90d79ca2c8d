"""Two addresses for whoever watches over the processes: is it alive, and can it serve people now.

They hold nothing but the names of the parts, so they need no sign-in.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from portfolio.serving.readiness import Readiness

router = APIRouter()


@router.api_route("/healthz", methods=["GET", "HEAD"], name="serving.healthz")
async def healthz() -> Response:
    """The process answers. It asks neither database nor store, since a restart would not mend those, and waits for
    none of the threads that serve pages."""
    return PlainTextResponse("ok\n")


@router.api_route("/readyz", methods=["GET", "HEAD"], name="serving.readyz")
def readyz(request: Request) -> Response:
    """200 if every part can be used, otherwise 503, with one line for each part."""
    readiness: Readiness = request.app.state.readiness
    found = readiness.now(request.app.state)
    lines = "".join(f"{part}: {word}\n" for part, word in found.parts.items())
    return PlainTextResponse(lines, status_code=200 if found.ready else 503)
