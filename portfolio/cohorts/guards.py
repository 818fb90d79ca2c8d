"""The guards of cohort reports: they find the provider that a cohort belongs to, and ask for the right there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portfolio import access
from portfolio.access import Permission
from portfolio.apprenticeships.models import Cohort
from portfolio.cohorts.scope import Scope
from portfolio.database import ReadSession
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Forbidden, NotFound


class NeedsInCohort:
    """Route guard: the cohort in the URL, if this person may do that in its provider. Strangers get 404."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, cohort_id: UUID, viewer: SignedIn, session: ReadSession) -> Scope:
        cohort = session.scalar(select(Cohort).where(Cohort.id == cohort_id))
        membership = viewer.membership(cohort.provider_id) if cohort else None
        if cohort is None or membership is None:
            raise NotFound
        may = access.permissions_in(viewer, cohort.provider_id)
        if self.permission not in may:
            raise Forbidden
        return Scope(membership.provider_id, membership.provider_name, cohort, may)


class NeedsInAllCohorts:
    """Route guard: all cohorts of the provider in the URL. Strangers get 404."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        self._in_provider = NeedsInProvider(permission)

    def __call__(self, provider_id: UUID, viewer: SignedIn) -> Scope:
        membership = self._in_provider(provider_id, viewer)
        may = access.permissions_in(viewer, provider_id)
        return Scope(membership.provider_id, membership.provider_name, may=may)


class NeedsSomewhere:
    """Route guard: all providers in which the viewer holds the right; who holds it in none gets 403."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, viewer: SignedIn) -> tuple[Scope, ...]:
        held = tuple(
            Scope(one.provider_id, one.provider_name, may=may)
            for one in viewer.memberships
            if self.permission in (may := access.permissions_in(viewer, one.provider_id))
        )
        if not held:
            raise Forbidden
        return held
