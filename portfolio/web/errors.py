"""No error is ever JSON on a page: each becomes a page that says what to do next, or for htmx one message.

Only what the product's own script asks for in the background (`for_script`) is answered with the same sentences as JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from portfolio.refusals import Forbidden, NotFound, Refused
from portfolio.web import trouble
from portfolio.web.logs import request_id
from portfolio.web.page import Page, is_fragment_request
from portfolio.web.typed_text import Shown, shown
from storage.store import Altered, NotStored, StoreUnavailable

logger = logging.getLogger("portfolio.errors")

TITLES = {
    400: "That could not be read",
    403: "You do not have the right to do this",
    404: "There is no such page",
    405: "This page cannot be used like that",
    408: "That took too long to arrive",
    409: "This cannot be done now",
    413: "That is too large",
    414: "That address is too long",
    429: "Too many attempts",
    500: "Something went wrong on our side",
    503: "That is not possible just now",
}
NEXT_STEPS = {
    400: "Go back, check what you entered, and try again.",
    403: "If you think you should be able to, ask your training provider to check your role.",
    404: "Check the address, or start from your home page. If somebody sent you the link, ask whether you still have access.",
    405: "Go back and use the buttons on the page.",
    408: "Nothing of it was kept. Move to where the signal is better, go back, and send it again.",
    409: "Go back to the page you came from: what you typed is still there.",
    413: "Choose a smaller file, or split it, and try again.",
    414: "Go back and search for something shorter.",
    429: "Wait a quarter of an hour and try again, or ask your training provider for a reset link.",
    500: "What was saved before is safe. Go back and try again; if it happens again, tell your provider the reference below.",
    503: "Wait a minute and load the page again. What was saved before is safe.",
}


NOT_CONFIRMED = (
    "What you sent was not confirmed. Wait a minute and look whether it is there; if it is not, {what}. "
    "What was confirmed before is safe."
)


TYPED_BELOW = "What you typed is below. Copy what you still need; once what stands in the way has changed, it can be sent again."


Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def for_script(endpoint: Endpoint) -> Endpoint:
    """Mark a route that only the product's own script asks, not a person: its errors are JSON."""
    endpoint.for_script = True  # type: ignore[attr-defined]
    return endpoint


def asked_by_script(request: Request) -> bool:
    """Whether the answer to this request is read by the product's own script."""
    return getattr(request.scope.get("endpoint"), "for_script", False)


@dataclass(frozen=True)
class Again:
    """A form that did not get through, so that it can be sent once more without typing it again."""

    address: str
    fields: list[tuple[str, str]]
    had_files: bool
    password_left_out: bool

    @property
    def lines(self) -> list[Shown]:
        return shown(self.fields)


def error_page(request: Request, status: int, reason: str = "", next_step: str = "") -> Response:
    """The error as a page; for htmx only the message, sent to the place for messages. After a failure of ours, and
    where a rule says no, the page holds what was typed; in a fragment's place it is on the page still."""
    known = status if status in TITLES else 400 if status < 500 else 500
    if asked_by_script(request):
        said = {"sentence": reason or TITLES[known], "next": next_step or NEXT_STEPS[known]}
        return JSONResponse(said, status_code=status)
    again = _again(request) if status >= 500 or status == 409 else None
    if status == 409 and again:
        again = again if again.lines else None  # a button alone: nothing was typed
    next_step = next_step or _next_step(request, status, again)
    response = Page(request)(
        "errors/error.html",
        fragment="message",
        status=status,
        title=TITLES[known],
        reason=reason,
        next_step=next_step or NEXT_STEPS[known],
        again=again,
        reference=request_id.get() if status >= 500 else "",
    )
    if is_fragment_request(request):
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#message", "outerHTML"
    return response


def _next_step(request: Request, status: int, again: Again | None) -> str:
    """What to do next about a form that was sent, if that is more than its number says."""
    if request.method != "POST" or (status < 500 and not again):
        return ""
    if status < 500:
        return "" if is_fragment_request(request) else TYPED_BELOW
    what = "go back and try again"
    if is_fragment_request(request):
        what = "send it again: what you typed is still on this page"
    elif again:
        what = "send it again: what you typed is below"
        what += ", but for the password" if again.password_left_out else ""
    return NOT_CONFIRMED.format(what=what)


def _again(request: Request) -> Again | None:
    """What was typed into the form of this request. A password is never written into a page."""
    typed: dict[str, list[str]] = getattr(request.state, "typed", {})
    if request.method != "POST":
        return None
    open_ = {name: values for name, values in typed.items() if "password" not in name}
    fields = [(name, value) for name, values in open_.items() for value in values if value]
    if not fields:
        return None
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    had_files = bool(getattr(request.state, "had_files", False))
    return Again(address, fields, had_files, password_left_out=len(open_) < len(typed))


def add_error_pages(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return error_page(request, 409, error.reason)

    @app.exception_handler(NotFound)
    async def not_found(request: Request, error: NotFound) -> Response:
        return error_page(request, 404)

    @app.exception_handler(Forbidden)
    async def forbidden(request: Request, error: Forbidden) -> Response:
        return error_page(request, 403, error.reason)

    @app.exception_handler(RequestValidationError)
    async def bad_address(request: Request, error: RequestValidationError) -> Response:
        return error_page(request, 404)  # only addresses are checked by the framework; forms are our own

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        own_words = (413, 422, 429, 503) if asked_by_script(request) else (413, 429)
        reason = error.detail if error.status_code in own_words else ""
        response = error_page(request, error.status_code, reason)
        response.headers.update(error.headers or {})  # 405 says which methods are allowed
        return response

    _add_store_pages(app)


def _add_store_pages(app: FastAPI) -> None:
    @app.exception_handler(StoreUnavailable)
    async def store_unavailable(request: Request, error: StoreUnavailable) -> Response:
        logger.error("store.unavailable", exc_info=error)
        sent = request.method == "POST"
        return error_page(request, 503, trouble.STORE_SILENT_SENT if sent else trouble.STORE_SILENT)

    @app.exception_handler(Altered)
    async def altered(request: Request, error: Altered) -> Response:
        return error_page(request, 503, trouble.ALTERED, trouble.ASK_FOR_THE_FILE)

    @app.exception_handler(NotStored)
    async def not_stored(request: Request, error: NotStored) -> Response:
        logger.error("store.object_missing", extra={"key": error.args[0] if error.args else ""})
        return error_page(request, 503, trouble.NOT_THERE, trouble.ASK_FOR_THE_FILE)


def unexpected(request: Request, error: Exception) -> Response:
    """The page for a fault of ours. Called where every request is wrapped (middleware.py)."""
    logger.error("unexpected", exc_info=error)
    try:
        return error_page(request, 500)
    except Exception:  # the error page itself must never be the second fault
        return HTMLResponse(f"<h1>{TITLES[500]}</h1><p>{NEXT_STEPS[500]}</p>", status_code=500)
