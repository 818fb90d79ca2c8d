"""Guards of pages that belong to a provider or to the installation, not to one apprenticeship."""

from __future__ import annotations

from uuid import UUID

from portfolio import access
from portfolio.access import Membership, Permission, Viewer
from portfolio.people.sessions import SignedIn
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


class NeedsAdmin:
    """Route guard: the installation's admin. To everybody else the page does not exist."""

    permission = Permission.MANAGE_PROVIDERS

    def __call__(self, viewer: SignedIn) -> Viewer:
        if not viewer.is_admin:
            raise NotFound
        return viewer
