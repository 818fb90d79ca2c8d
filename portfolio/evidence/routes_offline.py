"""What makes the product open without signal: the page to write on, the script that keeps it, what a phone needs to put
it on its home screen, and, for the one who is signed in, what their phone keeps for that time."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.apprenticeships.queries_contacts import contacts_around
from portfolio.database import ReadSession
from portfolio.evidence.answering import words_of_the_form
from portfolio.findings.queries import known_for
from portfolio.web.assets import STATIC
from portfolio.web.errors import for_script
from portfolio.web.forms import empty
from portfolio.web.page import Page, PageDep

router = APIRouter()
portfolios = APIRouter(prefix="/apprenticeships/{apprenticeship_id}")
Adding = Annotated[Opened, Depends(Needs(Permission.ADD_EVIDENCE))]
FILES = (
    "app.css",
    "app.js",
    "htmx.js",
    "phone.js",
    "offline.js",
    "autosaving.js",
    "camera.js",
    "writing.js",
    "identities.json",
)
"""What the page without signal is made of: with the help for writing, its rules, the camera, the recorder and the
editor. On the form with signal also what saves by itself."""
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


@portfolios.get("/for-the-phone", name="evidence.for_the_phone")
@for_script
def for_the_phone(page: PageDep, session: ReadSession, opened: Adding) -> Response:
    """Whom to turn to, as the pages show it, and the names and words that the identity check knows: what the phone of
    this apprentice keeps, encrypted and until sign-out, for the page without signal."""
    known = known_for(session, opened)
    shown = page.request.app.state.templates.get_template("evidence/turn_to.html")
    employer = opened.apprenticeship.employer.name
    turn_to = shown.render(contacts=contacts_around(session, opened.apprenticeship), employer=employer)
    body = {"turn_to": turn_to, "names": list(known.names), "words": list(known.words)}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


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
    words = words_of_the_form()
    return page("evidence/offline.html", form=empty(), evidence=None, version=None, problems=[], **words)


router.include_router(portfolios)
