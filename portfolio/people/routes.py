"""Pages of this capability, joined from what they are about."""

from __future__ import annotations

from fastapi import APIRouter

from portfolio.people import (
    routes_account,
    routes_admin,
    routes_details,
    routes_kept_forms,
    routes_links,
    routes_people,
    routes_person,
    routes_sign_in,
)

router = APIRouter()
for part in (
    routes_sign_in,
    routes_links,
    routes_kept_forms,
    routes_account,
    routes_people,
    routes_person,
    routes_details,
    routes_admin,
):
    router.include_router(part.router)
