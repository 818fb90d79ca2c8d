"""What makes the product open without signal: the page to write on, the script that keeps it, and what a phone needs to
put it on its home screen. None of them knows who asks."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from portfolio.evidence import rules
from portfolio.evidence.types import choices
from portfolio.web.assets import STATIC
from portfolio.web.forms import empty
from portfolio.web.page import Page, PageDep

router = APIRouter()
FILES = ("app.css", "app.js", "htmx.js", "icon.svg", "phone.js", "offline.js", "autosaving.js", "camera.js")
"""What the page without signal is made of, and on the form what saves by itself, the camera and the editor."""
ANEW = {"Cache-Control": "no-cache"}


@router.get("/evidence/offline", name="evidence.offline")
def offline(page: PageDep, request: Request) -> Response:
    """The page that opens without signal. It is made for nobody: who wrote here last is known to their phone alone."""
    return _page(page)


@router.get("/worker.js", name="evidence.worker")
def worker(page: PageDep, request: Request) -> Response:
    """The service worker, with the addresses of the shell. It is another script whenever anything of the shell is."""
    files = [request.app.state.assets[name].path for name in FILES]
    script = (STATIC / "worker.js").read_text()
    version = hashlib.sha256((script + str(files)).encode() + _page(page).body).hexdigest()[:12]
    shell = json.dumps(
        {"version": version, "page": request.app.url_path_for("evidence.offline"), "files": files}
    )
    body = f"const SHELL = {shell};\n{script}"
    return Response(body, media_type="text/javascript; charset=utf-8", headers=ANEW)


@router.get("/manifest.webmanifest", name="evidence.manifest")
def manifest(request: Request) -> Response:
    """Name and pictures for the home screen of a phone."""
    assets = request.app.state.assets
    icons: list[dict[str, Any]] = [
        {
            "src": assets[f"icon-{size}.png"].path,
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    about = {
        "id": "/",
        "name": "KSB Portfolio",
        "short_name": "Portfolio",
        "description": "The portfolio of an apprenticeship in safeguarding",
        "lang": "en-GB",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f8f7",
        "theme_color": "#0f4c4a",
        "icons": icons,
    }
    return JSONResponse(about, media_type="application/manifest+json", headers=ANEW)


def _page(page: Page) -> Response:
    return page("evidence/offline.html", form=empty(), types=choices(), rules=rules)
