"""Guards of pages that belong to a provider or to the installation, not to one apprenticeship."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request

from portfolio import access
from portfolio.access import Membership, Permission, Viewer
from portfolio.database import Database
from portfolio.people.sessions import SignedIn, signed_in
from portfolio.refusals import Forbidden, NotFound


class NeedsInProvider:
    """Route guard: the provider in the URL, if this person may do that in it. Strangers get 404."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, provider_id: UUID, viewer: SignedIn) -> Membership:
        membership = viewer.membership(provider_id)
        if membership is None:
            raise NotFound
        if self.permission not in access.permissions_in(viewer, provider_id):
            raise Forbidden
        return membership


def may_send(request: Request, provider_id: UUID, permission: Permission) -> None:
    """The same before the body of a form is read, in a short transaction of its own; the route's guard asks again."""
    database: Database = request.app.state.database
    with database.session(write=False) as session:
        NeedsInProvider(permission)(provider_id, signed_in(request, session))


class NeedsAdmin:
    """Route guard: the installation's admin. To everybody else the page does not exist."""

    permission = Permission.MANAGE_PROVIDERS

    def __call__(self, viewer: SignedIn) -> Viewer:
        if not viewer.is_admin:
            raise NotFound
        return viewer
