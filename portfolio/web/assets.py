"""Static files with a content hash in their address, so that a browser may keep them for a year."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from portfolio.care.data import for_the_page as phrases_for_the_page
from portfolio.identities.data import for_the_page
from portfolio.refusals import NotFound

STATIC = Path(__file__).resolve().parent.parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}

TOGETHER = {
    "phone.js": ("keeping.js", "sending.js", "holding.js", "written.js", "waiting.js"),
    "camera.js": ("panel.js", "picture.js", "redacting.js", "capture.js", "recording.js"),
    "writing.js": ("identities.js", "findings.js", "phrases.js", "care.js", "labels.js"),
}
"""Sent as one file: on a phone each request costs more than what is in it. `writing.js` comes when somebody begins to
write about people (app.js), and `camera.js` when somebody begins to fill in the page of a piece (holding.js), so that
nobody waits for them before."""


@dataclass(frozen=True)
class Asset:
    body: bytes
    zipped: bytes
    media_type: str
    path: str

    @property
    def in_page(self) -> str:
        """As an address that needs no request: for what is smaller than asking for it."""
        return f"data:{self.media_type}," + quote(self.body.decode())


def load_assets() -> dict[str, Asset]:
    """Every file of static/, htmx out of the package that carries it, and the rules of the identity check."""
    bodies = {file.name: file.read_bytes() for file in sorted(STATIC.iterdir()) if file.suffix in TYPES}
    carrier = resources.files("django_htmx") / "static" / "django_htmx" / "htmx-2.min.js"
    bodies["htmx.js"] = carrier.read_bytes()
    bodies["identities.json"] = for_the_page()
    bodies["phrases.js"] = phrases_for_the_page()
    bodies |= {name: b"".join(bodies.pop(part) for part in parts) for name, parts in TOGETHER.items()}
    found = {}
    for name, body in bodies.items():
        stem, suffix = name.rsplit(".", 1)
        path = f"/static/{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{suffix}"
        found[name] = Asset(body, gzip.compress(body, 9, mtime=0), TYPES["." + suffix], path)
    return found


router = APIRouter()


@router.get("/static/{name}", name="static")
def static(request: Request, name: str) -> Response:
    asset: Asset | None = request.app.state.assets_by_path.get(f"/static/{name}")
    if asset is None:
        raise NotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", "") and len(asset.zipped) < len(asset.body):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.zipped, media_type=asset.media_type, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
