"""Hostile uploads, opened by an assessor in every way that a page or an address bar has: no script runs, no dialog
opens, and nothing is asked of any other address."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize
from sqlalchemy import select

from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.evidence.models import EvidenceFile
from portfolio.people.models import Person
from tests.browser.conftest import sign_in
from tests.browser.hostile import hostile, html, script
from tests.browser.serving import DESK, Served
from tests.evidence.steps import complete
from tests.serving.running import session_for, wait_until

pytestmark = pytest.mark.browser
AMINA = "amina.archer@northside-school.example"
PREPARING = "Being prepared"
IN_ONE_PIECE = 26
EVERY_WAY = """async (address) => {
  const put = (name, more) => new Promise((done) => {
    const one = Object.assign(document.createElement(name), more);
    one.onload = () => done("ran");
    one.onerror = () => done("refused");
    setTimeout(() => done("silent"), 1500);
    document.body.append(one);
  });
  const worker = await navigator.serviceWorker.register(address).then(() => "taken", () => "refused");
  const script = await put("script", { src: address });
  put("iframe", { src: address });
  put("embed", { src: address });
  put("object", { data: address });
  put("img", { src: address + "/preview" });
  put("link", { rel: "stylesheet", href: address });
  window.open(address)?.close();
  return { worker, script };
}"""


class Beacon:
    """Somebody else's server. `hits`: what was asked of it. It also serves what it was given, as any host would."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.pages: dict[str, bytes] = {}
        beacon = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = beacon.pages.get(self.path)
                if page is None:
                    beacon.hits.append(self.path)
                self.send_response(200 if page is not None else 404)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(page or b"")))
                self.end_headers()
                self.wfile.write(page or b"")

            do_POST = do_GET  # noqa: N815 - the name that the library asks for

            def log_message(self, *_words: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """By another name than that of the portfolio, so that it is another site."""
        return f"http://localhost:{self.port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def beacon() -> Iterator[Beacon]:
    made = Beacon()
    yield made
    made.close()


@dataclass
class Watched:
    """A browser window under watch: what left it, what it asked, what ran in it."""

    context: BrowserContext
    own: str
    left: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("request", lambda one: None if self._is_own(one.url) else self.left.append(one.url))
        self.context.on("page", self._watch)
        self.context.expose_binding("__ranHere", lambda source: self.ran.append(source["frame"].url))
        watch = (
            "Object.defineProperty(self,'__ran',{configurable:true,set(){self.__ranHere()},get(){return 0}})"
        )
        self.context.add_init_script(watch)

    def _is_own(self, url: str) -> bool:
        return url.startswith((self.own, "data:", "blob:", "about:", "chrome-error:"))

    def _watch(self, page: Page) -> None:
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: object) -> None:
        self.dialogs.append(dialog.message)  # type: ignore[attr-defined]
        with suppress(Error):
            dialog.dismiss()  # type: ignore[attr-defined]

    def visit(self, page: Page, address: str) -> None:
        """As typed into the address bar; what is offered for download is not shown."""
        with suppress(Error):
            page.goto(address, wait_until="load", timeout=10_000)

    @property
    def quiet(self) -> bool:
        return not (self.left or self.dialogs or self.ran)


@contextmanager
def watched(browser: Browser, own: str) -> Iterator[Watched]:
    context = browser.new_context(viewport=ViewportSize(**DESK), base_url=own, accept_downloads=True)
    context.set_default_timeout(20_000)
    yield Watched(context, own)
    context.close()


def test_control_the_beacon_hears_what_a_careless_host_serves(real_browser: Browser, beacon: Beacon) -> None:
    """The same page, as text/html and without a word about what it may do: it runs, calls, and opens a dialog."""
    beacon.pages["/careless"] = html(beacon.address)
    beacon.hits.clear()
    with watched(real_browser, "http://elsewhere.invalid") as window:
        page = window.context.new_page()
        window.visit(page, f"{beacon.address}/careless")
        for _ in range(100):
            if beacon.hits and window.ran and window.dialogs:
                break
            page.wait_for_timeout(100)
        assert beacon.hits
        assert window.dialogs
        assert window.ran
        assert window.left
    beacon.hits.clear()


@dataclass(frozen=True)
class Sent:
    """What became of the uploads: the pieces that were handed in, and by what is wrong with each the address of the
    file, or the page that refused it."""

    pieces: list[str]
    files: dict[str, str]
    refused: dict[str, str]
    assessor: str


@pytest.fixture(scope="module")
def sent(served: Served, beacon: Beacon) -> Sent:
    """Amina sends them all, one by one, and hands in what was taken."""
    database = served.app.state.database
    with database.reading() as session:
        amina = session.scalars(select(Person).where(Person.email == AMINA)).one()
        at = session.scalars(select(Apprenticeship).where(Apprenticeship.apprentice_id == amina.id)).one()
        theirs = select(Person.email).join(Assignment, Assignment.person_id == Person.id)
        theirs = theirs.where(Assignment.apprenticeship_id == at.id, Assignment.until_at.is_(None))
        assessor = session.scalars(theirs.where(Assignment.role == "assessor")).one()
    made = Sent([], {}, {}, assessor)
    headers = {"Sec-Fetch-Site": "same-origin", "Cookie": session_for(database, amina)}
    uploads = list(hostile(beacon.address).items())
    with httpx2.Client(base_url=served.address, headers=headers, timeout=240) as client:
        for start in range(0, len(uploads), IN_ONE_PIECE):
            begun = client.post(
                f"/apprenticeships/{at.id}/evidence/drafts", data={"form_key": f"hostile-{start}"}
            ).json()
            hand_in(served, client, beacon, begun, dict(uploads[start : start + IN_ONE_PIECE]), made)
    return made


def hand_in(
    served: Served,
    client: httpx2.Client,
    beacon: Beacon,
    begun: dict[str, str],
    uploads: dict[str, tuple[str, bytes]],
    made: Sent,
) -> None:
    piece = begun["files"].removesuffix("/files")
    for what, (name, data) in uploads.items():
        form = complete(title=what, action="save", remove_comments="yes")
        answer = client.post(begun["save"], data=form, files={"files": (name, data)})
        assert answer.status_code in (303, 422), f"{what}: {answer.status_code}"
        if file_id := id_of(served, begun["evidence"], data):
            made.files[what] = f"{piece}/files/{file_id}"
        else:
            made.refused[what] = answer.text
    words = complete(title=f"<script>{script(beacon.address)[:100]}</script>", action="submit")
    words["what_happened"] = html(beacon.address).decode()
    for _ in range(3):
        answer = client.post(begun["save"], data=words, files={"files": ("", b"")})
        if answer.status_code != 422:
            break
        words |= reasons_for(answer.text)
    assert answer.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:2000]
    made.pieces.append(piece)
    wait_until(lambda: PREPARING not in client.get(piece).text, "the previews")


def reasons_for(page: str) -> dict[str, list[str]]:
    """She keeps whatever the identity check asks about, each with a reason."""
    asked = re.findall(
        r'name="kept_field" value="([^"]*)"><input type="hidden" name="kept_words" value="([^"]*)"', page
    )
    assert asked, "what is missing is nothing that a reason would mend"
    fields, found = zip(*((unescape(field), unescape(one)) for field, one in asked), strict=True)
    return {
        "kept_field": [*fields],
        "kept_words": [*found],
        "kept_reason": ["It is part of a test."] * len(fields),
    }


def id_of(served: Served, evidence_id: str, data: bytes) -> UUID | None:
    """The row of what came of these bytes in this piece."""
    sha256 = hashlib.sha256(data).hexdigest()
    with served.app.state.database.reading() as session:
        rows = select(EvidenceFile.id).where(EvidenceFile.sha256_received == sha256)
        found: UUID | None = session.scalar(rows.where(EvidenceFile.evidence_id == UUID(evidence_id)))
        return found


def test_many_are_taken_and_many_refused_with_a_sentence(sent: Sent) -> None:
    assert len(sent.files) + len(sent.refused) >= 50
    assert len(sent.files) >= 20, sorted(sent.files)
    assert len(sent.refused) >= 15, sorted(sent.refused)
    for what, page in sent.refused.items():
        assert "was not taken" in page or "not" in page, what


def test_what_is_opened_by_an_assessor_stays_quiet(
    real_browser: Browser, served: Served, beacon: Beacon, sent: Sent
) -> None:
    beacon.hits.clear()
    with watched(real_browser, served.address) as window:
        page = window.context.new_page()
        sign_in(page, sent.assessor)
        for what, address in sent.files.items():
            for tail in ("", "/preview", "/thumbnail"):
                window.visit(page, address + tail)
                assert window.quiet, f"{what}{tail}: {window}"
        for piece in sent.pieces:
            pages = (piece, f"{piece}/review", f"{piece}/decisions", piece.rpartition("/")[0])
            for address in pages:
                window.visit(page, address)
                assert window.quiet, f"{address}: {window}"
            window.visit(page, piece)
            for what, address in sent.files.items():
                if address.startswith(piece):
                    tried = page.evaluate(EVERY_WAY, address)
                    assert window.quiet, f"{what}: {window} {tried}"
                    assert tried == {"worker": "refused", "script": "refused"}, f"{what}: {tried}"
        page.wait_for_timeout(500)
        assert (
            page.evaluate(
                "navigator.serviceWorker.getRegistrations().then((all) => all.filter((one) => /evidence/.test(one.scope + (one.active || {}).scriptURL)).length)"
            )
            == 0
        )
        assert window.quiet, str(window)
    assert beacon.hits == []


def test_every_answer_with_an_upload_in_it_is_inert(served: Served, sent: Sent) -> None:
    with served.app.state.database.reading() as session:
        assessor = session.scalars(select(Person).where(Person.email == sent.assessor)).one()
    cookie = session_for(served.app.state.database, assessor)
    with httpx2.Client(base_url=served.address, headers={"Cookie": cookie}, timeout=240) as client:
        for what, address in sent.files.items():
            for tail in ("", "/preview", "/thumbnail"):
                answer = client.get(address + tail)
                if answer.status_code == 404 and tail:
                    continue
                inert(what, answer)


def inert(what: str, answer: httpx2.Response) -> None:
    said = answer.headers
    assert answer.status_code == 200, what
    assert said["X-Content-Type-Options"] == "nosniff", what
    assert "sandbox" in said["Content-Security-Policy"], what
    assert "default-src 'none'" in said["Content-Security-Policy"], what
    assert said["Cache-Control"] == "no-store", what
    assert "x-evil" not in said, what
    kind = said["Content-Type"].partition(";")[0]
    assert kind not in ("text/html", "image/svg+xml", "application/xml", "text/xml", "text/javascript"), what
    shown = kind.startswith(("audio/", "video/")) or said["Content-Disposition"].startswith("inline")
    assert shown or said["Content-Disposition"].startswith("attachment"), what
