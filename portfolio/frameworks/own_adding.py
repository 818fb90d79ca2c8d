"""A framework of the provider's own from a file: send it, look at what is in it, add it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from portfolio.access import Membership, Permission
from portfolio.database import WriteSession
from portfolio.frameworks import own_actions, own_forms
from portfolio.frameworks.own_file import EXAMPLE, Unreadable, own_framework
from portfolio.frameworks.own_forms import Sent, sha256_of
from portfolio.frameworks.own_queries import Shown, editions_of
from portfolio.frameworks.own_shape import Fault
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused
from portfolio.web.formats import utc_now
from portfolio.web.page import Page, PageDep

router = APIRouter()
Managing = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_FRAMEWORKS))]
SentFramework = Annotated[Sent, Depends(own_forms.read)]
WRITE = "write"


@router.get("/add", name="library.add")
def add_page(page: PageDep, provider: Managing) -> Response:
    return _form(page, provider, Sent())


@router.get("/example.yaml", name="library.example")
def example(provider: Managing) -> Response:
    """A whole framework to change: it can be added as it is."""
    return as_file(EXAMPLE.read_text(encoding="utf-8"), "framework-example.yaml")


@router.post("/add", name="library.add_now")
def add(
    sent: SentFramework,
    page: PageDep,
    session: WriteSession,
    provider: Managing,
    viewer: SignedIn,
    request: Request,
) -> Response:
    """Show what the file holds; add it if that is what was looked at and confirmed."""
    try:
        if sent.faults:
            raise Unreadable(sent.faults)
        framework = own_framework(sent.text, request.app.state.catalogue)
        if sent.do == WRITE and sent.was_checked:
            row = own_actions.add(
                session, provider.provider_id, framework, sent.text, by=viewer.person_id, now=utc_now()
            )
            return page.go_to(
                "library.show",
                query={"done": "added"},
                provider_id=provider.provider_id,
                framework=row.framework_id,
            )
        before = editions_of(session, provider.provider_id)
        if reason := own_actions.why_not_add(before, framework):
            raise Refused(reason)
    except Refused as refusal:
        return _form(page, provider, sent, Unreadable([Fault("edition", refusal.reason)]))
    except Unreadable as error:
        return _form(page, provider, sent, error)
    return page(
        "frameworks/preview.html",
        saved=False,
        provider=provider,
        shown=Shown(framework, None, False),
        before=next((one for one in before if one.file_id == framework.id), None),
        text=sent.text,
        mark=sha256_of(sent.text),
        altered=sent.do == WRITE,
    )


def as_file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, media_type="application/yaml; charset=utf-8", headers=headers)


def _form(page: Page, provider: Membership, sent: Sent, error: Unreadable | None = None) -> Response:
    return page(
        "frameworks/add.html",
        status=422 if error else 200,
        provider=provider,
        form=sent.form,
        sent=sent,
        error=error,
    )
