"""Who reads the frameworks of a provider: whoever adds them, and whoever confirms what they are linked to."""

from __future__ import annotations

from uuid import UUID

from portfolio import access
from portfolio.access import Membership, Permission
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Forbidden, NotFound


class NeedsFrameworks(NeedsInProvider):
    """Route guard: may add frameworks to the provider in the URL, or confirm links in it. Strangers get 404."""

    def __init__(self) -> None:
        super().__init__(Permission.MANAGE_FRAMEWORKS)
        self.enough = {self.permission, Permission.CONFIRM_LINKS}

    def __call__(self, provider_id: UUID, viewer: SignedIn) -> Membership:
        membership = viewer.membership(provider_id)
        if membership is None:
            raise NotFound
        if not self.enough & access.permissions_in(viewer, provider_id):
            raise Forbidden
        return membership
